/**
 * Latency against a limit that each group has of its own and that is another each hour. A percentile needs no histogram a window: what
 * took longer than each of some multiples of the limit is counted as it comes, in positions of the row that the ladder has for itself,
 * and between two of them lies the percentile.
 */
import { bucketIndex } from "../../world/histogram.ts";
import type { Buckets } from "../../world/histogram.ts";
import type { Numbers } from "../counting/measures.ts";
import type { CountedSeries } from "../counting/series.ts";
import type { Learner } from "./learner.ts";
import { latencyLimit } from "./limits.ts";
import type { Usual } from "./usual.ts";

/** Multiples of the limit, rising. Before them stands what was timed while there was a limit: all others are shares of it. */
const MULTIPLES = [0.5, 0.8, 1, 1.5, 2.5, 5, 10] as const;
/** Positions of a ladder. */
export const RUNGS = MULTIPLES.length + 1;
/** Those at which an alert is over and begins, after the first position. */
export const CLEAR_RUNG = 2;
export const LIMIT_RUNG = 3;

export class Ladder {
  readonly #learner: Learner;
  readonly #factor: number;
  /** Where it begins in a row. */
  readonly #position: number;
  /** Buckets of the multiples; what is usual is worked out once for each group and hour. */
  readonly #limits = new WeakMap<Usual, Int32Array>();

  constructor(learner: Learner, factor: number, position: number) {
    this.#learner = learner;
    this.#factor = factor;
    this.#position = position;
  }

  /** Adds latencies of a series in an hour to a row. While nothing is usual there yet nothing is counted. */
  count(row: Numbers, buckets: Buckets, { series, hour }: { series: CountedSeries; hour: number }): void {
    const group = this.#learner.column.groupOf(series);
    const usual = group < 0 ? undefined : this.#learner.usual(group, hour);
    if (!usual) return;
    const limits = this.#limitsOf(usual);
    for (let at = 0; at < buckets.length; at += 2) {
      const index = buckets[at]!;
      for (let rung = 0; rung < RUNGS && index > limits[rung]!; rung++) {
        row[this.#position + rung]! += buckets[at + 1]!;
      }
    }
  }

  #limitsOf(usual: Usual): Int32Array {
    const known = this.#limits.get(usual);
    if (known) return known;
    const limitMs = latencyLimit(usual, this.#factor);
    const limits = Int32Array.of(-1, ...MULTIPLES.map((multiple) => bucketIndex(multiple * limitMs * 1_000)));
    this.#limits.set(usual, limits);
    return limits;
  }
}

/**
 * About where the quantile lies, as a multiple of the limit; undefined where it lies below the lowest of the multiples. Past the highest
 * it is that.
 * @param counts by rung
 * @param above the share that lies above the quantile
 */
export function multipleAt(counts: ArrayLike<number>, above: number): number | undefined {
  const all = counts[0] ?? 0;
  // Where nothing is past a multiple, half a request is.
  const shareOf = (rung: number): number => Math.max(counts[rung] ?? 0, 0.5) / all;
  let last = 0;
  while (last < MULTIPLES.length && (counts[last + 1] ?? 0) > above * all) last++;
  if (last === 0) return undefined;
  const from = MULTIPLES[last - 1]!;
  if (last === MULTIPLES.length) return from;
  const [high, low] = [shareOf(last), shareOf(last + 1)];
  const part = high > low ? Math.log(high / above) / Math.log(high / low) : 0;
  return from * (MULTIPLES[last]! / from) ** Math.min(1, Math.max(0, part));
}
