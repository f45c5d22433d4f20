import { OUTCOMES } from "../world/outcomes.ts";
import type { PlannedSeries } from "./series-groups.ts";
import type { Measure, Series, SeriesPoint } from "./store.ts";
import type { Timings } from "./timings.ts";

/** What is compared of a series. */
interface Ranked {
  readonly labels: readonly string[];
  readonly total: Pick<SeriesPoint, "outcomes" | "requestBytes" | "responseBytes" | "latencyMs">;
}

/** Sorts by a measure, the most first; where that is equal by requests, then by labels. */
export function byRank(measure: Measure): (a: Ranked, b: Ranked) => number {
  return (a, b) =>
    measured(b, measure) - measured(a, measure) || requestsOf(b) - requestsOf(a) || compare(a.labels, b.labels);
}

/** The series of an answer in order, the rest last. */
export function inOrder(series: readonly Series[], measure: Measure): Series[] {
  const rank = byRank(measure);
  return [...series].sort((a, b) => Number(a.isRest) - Number(b.isRest) || rank(a, b));
}

/** A series out of its points and what was timed over the whole range. */
export function seriesOf({ labels, isRest }: PlannedSeries, points: readonly SeriesPoint[], timings: Timings): Series {
  const outcomes = { ...points[0]!.outcomes };
  let [requestBytes, responseBytes] = [0, 0];
  for (const [at, point] of points.entries()) {
    if (at > 0) for (const outcome of OUTCOMES) outcomes[outcome] += point.outcomes[outcome];
    requestBytes += point.requestBytes;
    responseBytes += point.responseBytes;
  }
  const total = { atMs: points[0]!.atMs, outcomes, requestBytes, responseBytes, ...timings };
  return { labels, isRest, total, points };
}

function measured(ranked: Ranked, measure: Measure): number {
  const { requestBytes, responseBytes, latencyMs } = ranked.total;
  switch (measure) {
    case "requests":
      return requestsOf(ranked);
    case "errors":
      return errorsOf(ranked);
    case "errorShare":
      return errorsOf(ranked) / Math.max(1, requestsOf(ranked));
    case "latency":
      return Math.max(-1, ...latencyMs);
    case "bytes":
      return requestBytes + responseBytes;
  }
}

function requestsOf({ total }: Ranked): number {
  return OUTCOMES.reduce((sum, outcome) => sum + total.outcomes[outcome], 0);
}

function errorsOf({ total: { outcomes } }: Ranked): number {
  return outcomes.serverError + outcomes.notReached + outcomes.noAnswer;
}

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((label, position) => label !== b[position]);
  if (at < 0) return 0;
  return a[at]! < b[at]! ? -1 : 1;
}
