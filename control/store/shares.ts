/**
 * The share of a counter that falls into a stretch of time: the formula of world/spread.ts, as DuckDB is told it in SQL
 * (store/duckdb/spread.ts). Rounding the running sum and not each share keeps the whole: stretches that follow each
 * other add up to exactly the counter.
 */
import type { TimeRange } from "./store.ts";

/** A counter's own time, and of that the stretch from `fromMs` to `toMs` that is wanted of it; it may reach beyond. */
export interface Spread {
  readonly startMs: number;
  readonly durationMs: number;
  readonly fromMs: number;
  readonly toMs: number;
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

  constructor(row: Spread, stretch: TimeRange) {
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

function partUntil({ startMs, durationMs }: Spread, ms: number): number {
  return Math.min(1, Math.max(0, (ms - startMs) / durationMs));
}
