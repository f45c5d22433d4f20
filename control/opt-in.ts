/** Wires opt-in: what is annotated in the cluster, the filter that control serves, and who reports. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Registry } from "prom-client";
import type { ClusterStatus } from "./api/cluster-source.ts";
import type { SnapshotFeed } from "./api/feed.ts";
import { filterSource } from "./api/filter-module.ts";
import type { ServedFilter } from "./api/filter-module.ts";
import type { Inventory } from "./identity/inventory.ts";
import { nameReporter } from "./identity/name-window.ts";
import type { Reporters } from "./ingest/reporters.ts";
import type { Fetches } from "./kubernetes/opt-in/fetches.ts";
import { registerOptInMetrics } from "./kubernetes/opt-in/metrics.ts";
import { OptIn } from "./kubernetes/opt-in/opt-in.ts";
import type { Fetched, Reports } from "./kubernetes/opt-in/status.ts";
import type { Log } from "./log.ts";
import type { ObserveSettings } from "./observe-settings.ts";
import type { WatchedCluster } from "./watch-cluster.ts";

export interface StartOptInDeps {
  readonly settings: ObserveSettings;
  /** Undefined where no cluster is asked. */
  readonly cluster: WatchedCluster | undefined;
  readonly inventory: Inventory;
  readonly filter: ServedFilter;
  readonly fetches: Fetches;
  readonly reporters: Reporters;
  readonly feed: SnapshotFeed;
  readonly registry: Registry;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Who was silent for longer does not report: a sidecar says something at least each few seconds. */
const REPORTING_MS = 60_000;
/** Who speaks with whom is worked out no more often than this. */
const SPOKEN_MS = 5_000;

/** @throws Error where there is no cluster, or no filter */
export function startOptIn(deps: StartOptInDeps): OptIn {
  const { settings, cluster, filter, log, now } = deps;
  if (!cluster) {
    throw new Error(
      "SIDELIGHT_OBSERVE is on, and no cluster is asked: set SIDELIGHT_KUBECONFIG or SIDELIGHT_KUBERNETES=on, or run in one",
    );
  }
  if (!filter.module || filter.url === undefined) {
    throw new Error("SIDELIGHT_OBSERVE is on, and there is no filter: run `npm run build -- filter`");
  }
  const { service, ingest, owner: ownerName, rootNamespace, withTcp } = settings;
  const source = filterSource(filter.module, filter.url);
  const optIn = new OptIn({
    ...{ api: cluster.api, view: cluster.inventory, isListed: () => cluster.isListed() },
    installation: { filter: source, ingest, instance: `${service.namespace}.${service.name}` },
    ...{ ownerName, rootNamespace, withTcp, lease: service },
    identity: `${hostname()}-${randomBytes(4).toString("hex")}`,
    reports: () => reportsOf(deps.reporters, deps.inventory, now()),
    isSpokenOf: spokenOf(deps.feed, now),
    // What a registry serves nobody sees here.
    fetched: source.sha256 === undefined ? () => "unknown" : fetchedOf(deps.fetches, now),
    info: (message) => log.info(message),
    warn: (message) => log.warn(message),
    now,
  });
  registerOptInMetrics(deps.registry, optIn);
  optIn.start();
  return optIn;
}

/** What the status tells of a cluster, with how opt-in stands where it is on. */
export function clusterStatus(cluster: WatchedCluster, optIn: OptIn | undefined): ClusterStatus {
  const status = cluster.status();
  if (!optIn) return { ...status, optIn: null };
  return { ...status, watches: [...status.watches, optIn.watch()], optIn: optIn.standing() };
}

/** By node id. */
function reportsOf(reporters: Reporters, inventory: Inventory, nowMs: number): Map<string, Reports> {
  const reports = new Map<string, Reports>();
  for (const { hello, firstHeardMs, lastHeardMs } of reporters.list()) {
    const { id } = nameReporter(hello, inventory, lastHeardMs);
    const areCurrent = nowMs - lastHeardMs <= REPORTING_MS;
    const own = { sinceMs: firstHeardMs, lastMs: lastHeardMs, areCurrent };
    reports.set(id, joined(reports.get(id) ?? own, own));
  }
  return reports;
}

/** Those that are gone say nothing of since when the others report. */
function joined(one: Reports, other: Reports): Reports {
  const areCurrent = one.areCurrent || other.areCurrent;
  const counted = [one, other].filter((reports) => reports.areCurrent === areCurrent);
  return {
    sinceMs: Math.min(...counted.map(({ sinceMs }) => sinceMs)),
    lastMs: Math.max(one.lastMs, other.lastMs),
    areCurrent,
  };
}

/** What was fetched before this process began is not known, nor what somebody of whom nobody knows who it is has fetched. */
function fetchedOf(fetches: Fetches, now: () => number): (node: string, writtenMs: number) => Fetched {
  const startedMs = now();
  return (node, writtenMs) => {
    const nowMs = now();
    if (fetches.has(node, nowMs)) return "seen";
    return writtenMs < startedMs || fetches.strangersMs(nowMs) >= writtenMs ? "unknown" : "not seen";
  };
}

function spokenOf(feed: SnapshotFeed, now: () => number): (node: string) => boolean {
  let spoken: ReadonlySet<string> = new Set();
  let readMs = Number.NEGATIVE_INFINITY;
  return (node) => {
    if (now() - readMs >= SPOKEN_MS) {
      readMs = now();
      const busy = feed.fresh().edges.filter(({ red }) => red.requests > 0);
      spoken = new Set(busy.flatMap(({ client, server }) => [client, server]));
    }
    return spoken.has(node);
  };
}
