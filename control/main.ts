/**
 * Control's entry, and the only place that wires its parts: config, log, data folder, inventory, store, inbox, world,
 * pipeline, feed, servers; in that order up, in the reverse order down.
 */
import { readFile } from "node:fs/promises";
import { Registry } from "prom-client";
import { startAlerting } from "./alerting.ts";
import { SnapshotFeed } from "./api/feed.ts";
import type { ApiSources, ReporterStatus } from "./api/sources.ts";
import { readConfig } from "./config.ts";
import type { Config } from "./config.ts";
import { openDataFolder } from "./data-folder.ts";
import { openFilter } from "./filter-settings.ts";
import { openHistory } from "./history.ts";
import { Coverage } from "./identity/coverage.ts";
import { nodeOfTap } from "./identity/identities.ts";
import { nameBatch, nameReporter } from "./identity/name-window.ts";
import type { Exemplar } from "./identity/observation.ts";
import { Inbox } from "./ingest/inbox.ts";
import { IngestMetrics, registerInboxMetrics } from "./ingest/metrics.ts";
import { Reporters } from "./ingest/reporters.ts";
import { TapHub } from "./ingest/tap-hub.ts";
import { registerTapMetrics } from "./ingest/tap-metrics.ts";
import { Fetches } from "./kubernetes/opt-in/fetches.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";
import { openInventory } from "./open-inventory.ts";
import { clusterStatus, startOptIn } from "./opt-in.ts";
import { Pipeline } from "./pipeline.ts";
import { PipelineMetrics } from "./pipeline-metrics.ts";
import { registerProcessMetrics } from "./process-metrics.ts";
import { startRouting } from "./routing.ts";
import { startSink } from "./sink.ts";
import { startServers } from "./servers.ts";
import { arrivalSecondsFor } from "./world/options.ts";
import { World } from "./world/world.ts";

/** Stopping takes well under a second; past this something hangs, and what is durable is durable. */
const STOP_DEADLINE_MS = 8_000;

/** A reporter that was cut off comes again after 15 s at most (wasm-filter/envoy/delivery.ts), with what it kept. */
const REPORTERS_RETURN_MS = 16_000;

/** Alerts are judged so long after everything should have come: a second counter of the same requests may be a little late. */
const ALERTS_WAIT_SECONDS = 2;

/** Things to undo, in the reverse order of how they were done. */
type Undo = (() => Promise<void> | void)[];

async function start(config: Config, log: Log, undo: Undo): Promise<void> {
  const startedAtMs = Date.now();
  const now = (): number => Date.now();
  const onError = (error: Error): void => log.error({ err: error }, error.message);
  const registry = new Registry();
  registerProcessMetrics(registry);

  const filter = await openFilter(config.filter);
  const known = await openInventory({ config, registry, log, now });
  undo.push(() => known.close());
  const { inventory } = known;
  const folder = openDataFolder(config.dataDir);
  undo.push(() => folder.release());
  const history = await openHistory({ settings: config.store, folder, registry, log, now });
  const { store } = history;
  undo.push(() => store.close());
  const ingestMetrics = new IngestMetrics(registry);
  const inbox = Inbox.open({
    path: folder.inbox,
    maxBytes: config.inboxMaxBytes,
    onCommit(seconds, error) {
      ingestMetrics.commit(seconds, error !== undefined);
      if (error) onError(error);
    },
  });
  undo.push(() => inbox.close());
  registerInboxMetrics(registry, () => inbox.status());

  const routing = await startRouting({
    config,
    inventory,
    bookPath: folder.routes,
    registry,
    onError,
    onRulesChanged() {
      log.info("Rules of routes changed");
      pipeline.routesChanged();
    },
    now,
  });
  undo.push(() => routing.stop());

  const sink =
    config.sink &&
    startSink({ settings: config.sink, kept: config.store.kept, path: folder.sink, store, registry, log, now });
  undo.push(() => sink?.stop());

  const arrivalSeconds = arrivalSecondsFor(config.reportIntervalMs);
  const world = new World({ arrivalSeconds });
  const feed = new SnapshotFeed(world, { onError });
  const completedMs = (): number | undefined => {
    const nowMs = now();
    if (nowMs - startedAtMs < REPORTERS_RETURN_MS) return undefined;
    return nowMs - (arrivalSeconds + pipeline.lagSeconds) * 1_000;
  };
  const reporters = new Reporters();
  const pipeline = new Pipeline({
    inbox,
    inventory,
    routes: routing.book,
    world,
    store,
    metrics: (state) => new PipelineMetrics(registry, state),
    onUpstream: (caller, cluster, server) => routing.teaching.saw(caller, cluster, server),
    onHeard: (tap, address, server) => routing.teaching.heard(tap, address, server),
    // Taps that have yet to come back are there all the same.
    isTapped: (node) => now() - startedAtMs < REPORTERS_RETURN_MS || reporters.isTapped(node, now()),
    onRemembered: (nodes) => {
      const tapped = nodes.map(nodeOfTap).filter((node) => node !== undefined);
      for (const node of tapped) reporters.expectTap(node, startedAtMs);
    },
    onAdded: () => feed.added(),
    onWindow: (window) => alerting.add(window),
    ...(sink && { onAppend: (windows) => sink.change(windows) }),
    warn: (message, error) => log.warn({ err: error }, message),
    now,
  });
  const alerting = await startAlerting({
    ...{ config, folder, store, inventory, registry, log, completedMs, now },
    arrivedMs: () => now() - (arrivalSeconds + ALERTS_WAIT_SECONDS) * 1_000,
  });
  undo.push(() => alerting.stop());
  await pipeline.start();
  undo.push(() => pipeline.stop());
  undo.push(() => history.hurry());
  feed.start();
  undo.push(() => feed.stop());
  known.watch(() => {
    pipeline.inventoryChanged();
    routing.inventoryChanged();
    alerting.inventoryChanged();
  });

  const taps = new TapHub<Exemplar>({
    workloadOf: (hello) => nameReporter(hello, inventory, now()).id,
    name: (live) =>
      routing.book.template(nameBatch(live, { inventory, externalHosts: pipeline.externalHosts })).exemplars,
    onError,
  });
  registerTapMetrics(registry, taps.stats);
  const coverage = new Coverage({
    inventory,
    opaqueServers: () => world.opaqueServers(),
    isSettled: () => now() - startedAtMs >= REPORTERS_RETURN_MS,
    now,
  });
  undo.push(() => coverage.close());
  const { cluster } = known;
  const fetches = new Fetches(inventory);
  const optIn =
    config.observe &&
    startOptIn({ settings: config.observe, cluster, inventory, filter, fetches, reporters, feed, registry, log, now });
  undo.push(() => optIn?.stop());
  const version = await readVersion();
  const exemplars = { areKept: config.exemplars, traceUrl: config.traceUrl ?? null };
  const api: ApiSources = {
    feed,
    world,
    routes: routing.routes,
    store,
    completedMs,
    exemplars,
    alerts: alerting.source,
    optIn,
    taps: config.tap ? taps : undefined,
    status: () => ({
      version,
      startedAtMs,
      store: {
        engine: history.engine,
        error: pipeline.storeError?.message ?? null,
        disk: history.disk() ?? null,
      },
      sink: sink?.status() ?? null,
      inbox: { pending: pipeline.pending, lagSeconds: pipeline.lagSeconds, ...sizeOf(inbox) },
      reporters: reporters.list().map((reporter): ReporterStatus => {
        const { hello, lastHeardMs, lagMs, clockOffsetMs } = reporter;
        return {
          instance: hello.instance,
          node: nameReporter(hello, inventory, lastHeardMs).id,
          version: hello.version,
          lastHeardMs,
          lagMs,
          // Told as how far the reporter's clock is ahead, which is what an operator would mend.
          clockOffsetMs: clockOffsetMs === 0 ? 0 : -clockOffsetMs,
          sequence: inbox.highWaterMark(hello.instance),
        };
      }),
      losses: feed.latest().losses,
      exemplars,
      kubernetes: cluster ? clusterStatus(cluster, optIn) : null,
    }),
    notReady: () => [],
  };
  const servers = await startServers({
    config,
    ingest: {
      inbox,
      reporters,
      metrics: ingestMetrics,
      settings: routing.teaching,
      taps,
      covered: coverage,
      warn: (message, details) => log.warn(details, message),
      now,
    },
    api,
    filter: { ...filter, onFetch: (address) => fetches.note(address, now()) },
    registry,
    onError,
  });
  undo.push(() => servers.close());
  log.info({ grpc: servers.grpc, http: servers.http, version }, "listening");
}

function sizeOf(inbox: Inbox): { readonly bytes: number; readonly maxBytes: number } {
  const { bytes, maxBytes } = inbox.status();
  return { bytes, maxBytes };
}

async function stop(undo: Undo): Promise<void> {
  for (let step = undo.pop(); step; step = undo.pop()) await step();
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** Ends the process on the first signal in order, on the second at once. */
function stopOnSignals(log: Log, undo: Undo): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => {
      log.error("Stopping took too long; giving up. Nothing that was acknowledged is lost");
      process.exit(1);
    }, STOP_DEADLINE_MS).unref();
    stop(undo).then(
      () => {
        log.info("stopped");
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, "Stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

async function main(): Promise<void> {
  const undo: Undo = [];
  let log = createLog("info");
  try {
    const { config, warnings } = readConfig(process.env);
    log = createLog(config.logLevel);
    for (const warning of warnings) log.warn(warning);
    stopOnSignals(log, undo);
    await start(config, log, undo);
  } catch (error) {
    log.fatal({ err: error }, (error as Error).message);
    await stop(undo).catch(() => undefined);
    process.exit(1);
  }
}

await main();
