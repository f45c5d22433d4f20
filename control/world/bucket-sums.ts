import { bucketMiddle, quantileRank } from "./histogram.ts";
import type { Buckets } from "./histogram.ts";

/** Room is made in steps of one octave, so that a latency that wanders a little does not move the array. */
const STEP = 64;

/** What a histogram says, in milliseconds; null where nothing was timed. */
export interface Latency {
  readonly timed: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Values in buckets above each of the limits that were asked for. */
  readonly above: readonly number[];
}

/** What is said where nothing was timed, or where durations are no latencies. */
export const NO_LATENCY: Latency = Object.freeze({ timed: 0, p50Ms: null, p95Ms: null, p99Ms: null, above: [] });

/** The shares of the values that are read out of a histogram. */
const SHARES = [0.5, 0.95, 0.99] as const;

/**
 * A histogram that is added to and subtracted from in place: an array over the range of buckets in use. Counts are
 * exact integers up to 2^53, so what was added and is subtracted again leaves nothing.
 */
export class BucketSums {
  #base = 0;
  #counts = new Float64Array(0);
  #total = 0;

  /** Adds a sparse histogram `times` times; -1 takes it out again. */
  add(buckets: Buckets, times: 1 | -1): void {
    if (buckets.length === 0) return;
    this.#cover(buckets[0]!, buckets[buckets.length - 2]!);
    const counts = this.#counts;
    const base = this.#base;
    let total = 0;
    for (let at = 0; at < buckets.length; at += 2) {
      const count = buckets[at + 1]! * times;
      counts[buckets[at]! - base]! += count;
      total += count;
    }
    this.#total += total;
  }

  /** Values in it. */
  get total(): number {
    return this.#total;
  }

  /** Adds another one. */
  merge(other: BucketSums): void {
    if (other.#total === 0) return;
    this.#cover(other.#base, other.#base + other.#counts.length - 1);
    const shift = other.#base - this.#base;
    const from = other.#counts;
    const into = this.#counts;
    for (let at = 0; at < from.length; at++) into[at + shift]! += from[at]!;
    this.#total += other.#total;
  }

  /** Percentiles, and how many values lie above each of the bucket indexes. */
  read(limits: readonly number[]): Latency {
    if (this.#total === 0) return { timed: 0, p50Ms: null, p95Ms: null, p99Ms: null, above: limits.map(() => 0) };
    const values: number[] = [];
    const counts = this.#counts;
    let at = -1;
    let seen = 0;
    for (const share of SHARES) {
      const rank = quantileRank(share, this.#total);
      while (seen < rank) seen += counts[++at]!;
      values.push(bucketMiddle(at + this.#base) / 1_000);
    }
    const [p50Ms = null, p95Ms = null, p99Ms = null] = values;
    return { timed: this.#total, p50Ms, p95Ms, p99Ms, above: limits.map((limit) => this.#above(limit)) };
  }

  /** Values in buckets above this one. */
  #above(limit: number): number {
    let above = 0;
    for (let at = Math.max(0, limit + 1 - this.#base); at < this.#counts.length; at++) above += this.#counts[at]!;
    return above;
  }

  /** Makes room for the buckets from `first` to `last`. */
  #cover(first: number, last: number): void {
    const end = this.#base + this.#counts.length;
    if (this.#counts.length > 0 && first >= this.#base && last < end) return;
    const empty = this.#counts.length === 0;
    const base = Math.floor((empty ? first : Math.min(first, this.#base)) / STEP) * STEP;
    const newEnd = (Math.floor((empty ? last : Math.max(last, end - 1)) / STEP) + 1) * STEP;
    const counts = new Float64Array(newEnd - base);
    if (!empty) counts.set(this.#counts, this.#base - base);
    this.#base = base;
    this.#counts = counts;
  }
}
