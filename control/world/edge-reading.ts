/**
 * What the window says of one edge by the reporter rule, judged by its own figures: endpoints first, then the edge by
 * what its healthy endpoints sum up to, so that many small troubles show and a large one is not told twice.
 */
import type { NodeKind } from "../identity/node.ts";
import { NO_LATENCY } from "./bucket-sums.ts";
import type { BucketSums, Latency } from "./bucket-sums.ts";
import { CounterSums } from "./counter-sums.ts";
import type { EdgeState, EndpointState } from "./edge-state.ts";
import { judge } from "./health.ts";
import type { Thresholds, Verdict } from "./health.ts";
import type { Percentiles, Red, SnapshotEndpoint } from "./model.ts";
import { errorCounts } from "./outcomes.ts";
import type { ErrorCounts } from "./outcomes.ts";
import { redOf } from "./red.ts";
import type { Shown } from "./reporter-rule.ts";

/** Statuses that a snapshot carries for an endpoint. */
const MAX_STATUSES = 5;

export interface EndpointReading {
  readonly id: string;
  readonly endpoint: EndpointState;
  readonly verdict: Verdict;
  readonly red: Red;
  readonly statuses: SnapshotEndpoint["statuses"];
}

export interface EdgeReading {
  readonly edge: EdgeState;
  readonly shown: Shown;
  readonly counts: ErrorCounts;
  /** Durations of all that is shown of the edge; of TCP, how long connections lived. */
  readonly durations: BucketSums;
  /** Bytes a second. */
  readonly requestBytesRate: number;
  readonly responseBytesRate: number;
  readonly lifetime: Percentiles;
  readonly red: Red;
  /** Of the edge's endpoints that are healthy, taken together. */
  readonly verdict: Verdict;
  readonly endpoints: readonly EndpointReading[];
}

export interface ReadingContext {
  readonly shown: Shown;
  /** Kind of the edge's client. */
  readonly client: NodeKind;
  /** Length of the window. */
  readonly seconds: number;
  readonly thresholds: Thresholds;
  /** `slowLimits` of the thresholds. */
  readonly limits: readonly number[];
}

export function readEdge(edge: EdgeState, context: ReadingContext): EdgeReading {
  const { thresholds, limits, client, seconds, shown } = context;
  const isTcp = edge.protocol === "tcp";
  const sums = new CounterSums();
  const endpoints: EndpointReading[] = [];
  const healthy: CounterSums[] = [];
  for (const endpoint of edge.endpoints.values()) {
    if (!shown.views.some((view) => endpoint.isSeen[view])) continue;
    const counted = endpoint.window.shown(shown.views);
    sums.merge(counted);
    const counts = errorCounts(counted.outcomes, edge.protocol, client);
    const latency = isTcp ? NO_LATENCY : counted.latency.read(limits);
    const verdict = judge(counts, latency, edge.protocol, thresholds);
    const red = redOf(counts, latency, seconds);
    endpoints.push({ id: endpoint.id, endpoint, verdict, red, statuses: topStatuses(counted) });
    if (verdict.health === "healthy") healthy.push(counted);
  }
  const counts = errorCounts(sums.outcomes, edge.protocol, client);
  const durations = sums.latency.read(limits);
  const latency = isTcp ? NO_LATENCY : durations;
  const isAllHealthy = endpoints.every(({ verdict }) => verdict.health === "healthy" || verdict.health === "idle");
  const verdict = isAllHealthy
    ? judge(counts, latency, edge.protocol, thresholds)
    : judgeTogether(healthy, edge, context);
  return {
    edge,
    shown,
    counts,
    durations: sums.latency,
    requestBytesRate: sums.requestBytes / seconds,
    responseBytesRate: sums.responseBytes / seconds,
    lifetime: percentilesOf(isTcp ? durations : NO_LATENCY),
    red: redOf(counts, latency, seconds),
    verdict,
    endpoints,
  };
}

/** The verdict on some endpoints of an edge, taken together. */
function judgeTogether(parts: readonly CounterSums[], edge: EdgeState, context: ReadingContext): Verdict {
  const sums = new CounterSums();
  for (const part of parts) sums.merge(part);
  const counts = errorCounts(sums.outcomes, edge.protocol, context.client);
  return judge(counts, sums.latency.read(context.limits), edge.protocol, context.thresholds);
}

function percentilesOf({ p50Ms, p95Ms, p99Ms }: Latency): Percentiles {
  return { p50Ms, p95Ms, p99Ms };
}

function topStatuses(sums: CounterSums): SnapshotEndpoint["statuses"] {
  return [...sums.statuses]
    .map(([status, count]) => ({ status, count }))
    .sort((a, b) => b.count - a.count || a.status - b.status)
    .slice(0, MAX_STATUSES);
}
