/**
 * The share of a counter that falls into a stretch of time: the formula of world/spread.ts, which store/duckdb/spread.ts states in
 * SQL. Rounding the running sum and not each share keeps the whole: stretches that follow each
 * other add up to exactly the counter.
 */
import type { TimeRange } from "./store.ts";

/** A counter of a slot or window, of which the stretch from `fromMs` to `toMs` is wanted; it may reach beyond. */
export interface Stretched extends TimeRange {
  readonly startMs: number;
  readonly durationMs: number;
}

/** Where the running sum of a count steps: at the nearest, so that a single request falls where most of it lies. */
export const NEAREST = 0.5;

const GOLDEN = 0.618_033_988_749_895;

/** Buckets step at different points, so that many small ones do not all fall at the same moment. */
export function phaseOf(bucketIndex: number): number {
  return (0.5 + bucketIndex * GOLDEN) % 1;
}

/** Cuts the counts of one row to a stretch, or to as much of it as is wanted of the row. */
export class Cut {
  readonly #from: number;
  readonly #to: number;

  constructor(row: Stretched, stretch: TimeRange) {
    const fromMs = Math.max(stretch.fromMs, row.fromMs);
    const toMs = Math.max(fromMs, Math.min(stretch.toMs, row.toMs));
    this.#from = partUntil(row, fromMs);
    this.#to = partUntil(row, toMs);
  }

  /** Whether it is the whole row. */
  get isAll(): boolean {
    return this.#from === 0 && this.#to === 1;
  }

  share(count: number, phase: number): number {
    return this.isAll ? count : Math.floor(count * this.#to + phase) - Math.floor(count * this.#from + phase);
  }
}

function partUntil({ startMs, durationMs }: Stretched, ms: number): number {
  return Math.min(1, Math.max(0, (ms - startMs) / durationMs));
}

/** Adds a cut of a histogram to sums by bucket. */
export function addShares(sums: Map<number, number>, buckets: readonly number[], cut: Cut): void {
  for (let at = 0; at < buckets.length; at += 2) {
    const index = buckets[at]!;
    const share = cut.share(buckets[at + 1]!, phaseOf(index));
    if (share > 0) sums.set(index, (sums.get(index) ?? 0) + share);
  }
}

/** Sums by bucket as a histogram. */
export function sorted(sums: ReadonlyMap<number, number>): number[] {
  const buckets: number[] = [];
  for (const index of Uint32Array.from(sums.keys()).sort()) buckets.push(index, sums.get(index)!);
  return buckets;
}
