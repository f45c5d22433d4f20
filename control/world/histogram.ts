/**
 * The latency histogram that filter, world and store share: log-linear buckets of base 2 over microseconds.
 *
 * Layout. Values are whole microseconds below 2^42: 50 days, since a TCP connection may live that long. (A request that
 * takes longer than 2^32 of them, 71 minutes, is clamped to that by the filter.) Below 128 a value is its own bucket. From
 * there each octave [2^(e+6), 2^(e+7)) is cut into 64 buckets of equal width 2^e:
 *
 *     value       0 .. 127      128 .. 255      256 .. 511     ...     2^41 .. 2^42-1
 *     e               0              1               2         ...           35
 *     width           1              2               4         ...          2^35
 *     index       0 .. 127      128 .. 191      192 .. 255     ...      2304 .. 2367
 *
 *     index(v) = v                        for v < 128
 *     index(v) = e * 64 + (v >> e)        otherwise, with e = floor(log2 v) - 6
 *
 * Error bound. A bucket's lower bound is at least 64 times its width, so answering its middle is wrong by at most
 * (width - 1) / 2 over 64 * width, less than 1/128 = 0.79 % of the value, and by nothing below 128 microseconds.
 *
 * On the wire, in observations and in the store a histogram is sparse: (index, count) pairs in one flat array, indexes
 * ascending. Two histograms are merged by adding the counts, so no percentile is ever an average of percentiles.
 */

/** Sub-buckets of an octave. */
const SUB_BUCKETS = 64;
const SUB_BITS = 6;

/** Number of buckets; the largest index is one less. */
export const BUCKET_COUNT = 2368;

/** The largest value that a bucket can hold, in microseconds: 50 days. Longer ones are clamped to it. */
export const MAX_VALUE = 2 ** 42 - 1;

/** A sparse histogram: index, count, index, count, ... with ascending indexes. */
export type Buckets = readonly number[];

/** The bucket of a value in microseconds. Fractions are cut off, values outside 0 to MAX_VALUE are clamped. */
export function bucketIndex(micros: number): number {
  const value = micros >= MAX_VALUE ? MAX_VALUE : micros > 0 ? Math.floor(micros) : 0;
  if (value < 2 * SUB_BUCKETS) return value;
  const high = Math.floor(value / 2 ** 32);
  const exponent = (high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value)) - SUB_BITS;
  return exponent * SUB_BUCKETS + Math.floor(value / 2 ** exponent);
}

/** Width of a bucket in microseconds. */
export function bucketWidth(index: number): number {
  return index < 2 * SUB_BUCKETS ? 1 : 2 ** (Math.floor(index / SUB_BUCKETS) - 1);
}

/** Smallest value in a bucket, in microseconds. */
export function bucketLower(index: number): number {
  if (index < 2 * SUB_BUCKETS) return index;
  const exponent = Math.floor(index / SUB_BUCKETS) - 1;
  return (index - exponent * SUB_BUCKETS) * 2 ** exponent;
}

/** Largest value in a bucket, in microseconds. */
export function bucketUpper(index: number): number {
  return bucketLower(index) + bucketWidth(index) - 1;
}

const MIDDLES = Float64Array.from({ length: BUCKET_COUNT }, (_, index) => {
  return bucketLower(index) + (bucketWidth(index) - 1) / 2;
});

/** What a quantile answers for a bucket: the middle between its smallest and its largest value, in microseconds. */
export function bucketMiddle(index: number): number {
  return MIDDLES[index]!;
}

/** The pairs of a list of values in microseconds. */
export function bucketsOf(values: Iterable<number>): number[] {
  const counts = new Map<number, number>();
  for (const value of values) {
    const index = bucketIndex(value);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => a[0] - b[0]).flat();
}

/** Number of values in a histogram. */
export function bucketsTotal(buckets: Buckets): number {
  let total = 0;
  for (let at = 1; at < buckets.length; at += 2) total += buckets[at]!;
  return total;
}

/** How many values lie above the bucket of a limit. Rules count what is slow so, too. */
export function countAbove(buckets: Buckets, limitMicros: number): number {
  const limit = bucketIndex(limitMicros);
  let above = 0;
  for (let at = 0; at < buckets.length; at += 2) if (buckets[at]! > limit) above += buckets[at + 1]!;
  return above;
}

/** The histogram of both together. */
export function mergeBuckets(a: Buckets, b: Buckets): number[] {
  const merged: number[] = [];
  let left = 0;
  let right = 0;
  while (left < a.length || right < b.length) {
    const leftIndex = a[left] ?? Infinity;
    const rightIndex = b[right] ?? Infinity;
    let count = 0;
    if (leftIndex <= rightIndex) {
      count += a[left + 1]!;
      left += 2;
    }
    if (rightIndex <= leftIndex) {
      count += b[right + 1]!;
      right += 2;
    }
    merged.push(Math.min(leftIndex, rightIndex), count);
  }
  return merged;
}

/** Adds a histogram to one that is nobody else's. @returns that one, or another that has the buckets that it lacked */
export function addBuckets(own: number[], more: Buckets): number[] {
  let at = 0;
  for (let from = 0; from < more.length; from += 2, at += 2) {
    while (at < own.length && own[at]! < more[from]!) at += 2;
    if (own[at] !== more[from]) return mergeBuckets(own, more).slice();
  }
  at = 0;
  for (let from = 0; from < more.length; from += 2) {
    while (own[at] !== more[from]) at += 2;
    own[at + 1]! += more[from + 1]!;
  }
  return own;
}

/**
 * The rank of a quantile among `total` values, counted from 1: the smallest rank that at least a share `q` of all
 * values does not exceed ("nearest rank").
 */
export function quantileRank(q: number, total: number): number {
  return Math.min(total, Math.max(1, Math.ceil(q * total)));
}

/** The q-quantile (0 to 1) in microseconds, null of an empty histogram. Relative error at most 1/128. */
export function quantile(buckets: Buckets, q: number): number | null {
  const total = bucketsTotal(buckets);
  if (total <= 0) return null;
  const rank = quantileRank(q, total);
  let seen = 0;
  for (let at = 0; at < buckets.length; at += 2) {
    seen += buckets[at + 1]!;
    if (seen >= rank) return bucketMiddle(buckets[at]!);
  }
  return bucketMiddle(buckets[buckets.length - 2]!);
}
