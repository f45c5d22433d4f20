/** Wires the sink: the server that the settings name, its metrics, and what of it is worth a line in the log. */
import { readFileSync } from "node:fs";
import { Counter } from "prom-client";
import type { Registry } from "prom-client";
import type { SinkStatus } from "./api/sources.ts";
import { scrapedMetrics } from "./ingest/scraped-metrics.ts";
import type { Log } from "./log.ts";
import type { SinkSettings } from "./sink-settings.ts";
import { Sink } from "./store/sink/sink.ts";
import type { SinkState } from "./store/sink/sink.ts";
import type { Kept } from "./store/resolutions.ts";
import type { Store } from "./store/store.ts";

/** What waits for a sink that is away: so long, or as long as history has slots of its length, milliseconds. */
const LONGEST_KEPT_MS = 7 * 86_400_000;

export interface SinkDeps {
  readonly settings: SinkSettings;
  /** Of the history that it is fed from. */
  readonly kept: Kept;
  readonly path: string;
  readonly store: Pick<Store, "sums">;
  readonly registry: Registry;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface RunningSink extends Pick<Sink, "change" | "stop"> {
  status(): SinkStatus;
}

/** Starts it. Throws where the file of what it has yet to get makes no sense. */
export function startSink({ settings, kept, path, store, registry, log, now }: SinkDeps): RunningSink {
  const { url, org, bucket, stepMs } = settings;
  const keptMs = Math.min(kept[stepMs === 60_000 ? "1m" : "10s"], LONGEST_KEPT_MS);
  const refused = new Counter({
    name: "sidelight_sink_refused_points_total",
    help: "Points that the sink took for nonsense; they were given up.",
    registers: [registry],
  });
  const failures = new Counter({
    name: "sidelight_sink_failures_total",
    help: "Writes that the sink did not take; each is tried again.",
    registers: [registry],
  });
  let told = 0;
  const sink = new Sink({
    ...{ path, stepMs, keptMs, store, now },
    server: { url, org, bucket, token: () => tokenOf(settings) },
    onFailed(error, retryMs) {
      failures.inc();
      log.warn(
        { err: error, ...sink.state(), error: undefined },
        `The sink gets nothing; trying again in ${retryMs} ms`,
      );
      const { droppedSlots } = sink.state();
      if (droppedSlots === told) return;
      log.error(
        { slots: droppedSlots - told },
        "The sink was away for longer than history keeps its slots; it never gets them",
      );
      told = droppedSlots;
    },
    onRefused(points, error) {
      refused.inc(points);
      log.warn({ err: error, points }, "The sink does not take some points; they are given up");
    },
  });
  registerState(registry, () => sink.state(), now);
  sink.start();
  return {
    change: (windows) => sink.change(windows),
    stop: () => sink.stop(),
    status: () => statusOf(url, sink.state(), now()),
  };
}

function statusOf(url: string, state: SinkState, nowMs: number): SinkStatus {
  const { error, waitingSlots, droppedSlots, cutRequests } = state;
  return {
    url,
    error: error?.message ?? null,
    waitingSlots,
    lagSeconds: lagOf(state, nowMs),
    droppedSlots,
    cutRequests,
  };
}

/** From the end of the oldest slot that waits to now. */
function lagOf({ waitingSinceMs }: SinkState, nowMs: number): number {
  return waitingSinceMs === undefined ? 0 : Math.max(0, nowMs - waitingSinceMs) / 1_000;
}

function registerState(registry: Registry, state: () => SinkState, now: () => number): void {
  const { gauge, counter } = scrapedMetrics(registry);
  gauge("sidelight_sink_waiting_slots", "Slots of time that the sink has yet to get.", () => state().waitingSlots);
  gauge("sidelight_sink_lag_seconds", "How long ago the oldest slot that waits was over.", () => lagOf(state(), now()));
  counter("sidelight_sink_points_total", "Points that the sink took.", () => state().sentPoints);
  counter(
    "sidelight_sink_dropped_slots_total",
    "Slots that the sink never gets, since it was away for longer than history keeps them.",
    () => state().droppedSlots,
  );
  counter(
    "sidelight_sink_cut_requests_total",
    "Requests that were told as ~other or left out, since there are too many endpoints for a sink.",
    () => state().cutRequests,
  );
}

/** Read again each time, since a secret that is mounted may be renewed. */
function tokenOf({ token }: SinkSettings): string | undefined {
  if (!token) return undefined;
  if ("text" in token) return token.text;
  try {
    return readFileSync(token.file, "utf8").trim();
  } catch (cause) {
    throw new Error(`Reading the sink's token from ${token.file}`, { cause });
  }
}
