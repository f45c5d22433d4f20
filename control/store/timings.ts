/** What is told of how long things took, in a step or in all of a series, out of its merged histogram. */
import { bucketsTotal, countAbove, quantile } from "../world/histogram.ts";
import type { Buckets } from "../world/histogram.ts";
import type { SeriesPoint, SeriesQuestion } from "./store.ts";

export type Timings = Pick<SeriesPoint, "latencyMs" | "slow">;

/** What of a question is about that. */
export interface TimingsQuestion extends Pick<SeriesQuestion, "slowerThanMs"> {
  readonly percentiles: readonly number[];
}

export function timingsOf(buckets: Buckets, { percentiles, slowerThanMs }: TimingsQuestion): Timings {
  const latencyMs = buckets.length === 0 ? [] : percentiles.map((share) => quantile(buckets, share)! / 1_000);
  if (slowerThanMs === undefined) return { latencyMs };
  return { latencyMs, slow: { timed: bucketsTotal(buckets), slower: countAbove(buckets, slowerThanMs * 1_000) } };
}
