/**
 * Log-linear latency buckets of base 2 over microseconds: one microsecond wide below 128, then 64 to an octave. A
 * bucket is at most 1/64 of its lower bound wide, so its midpoint is within 0.79 % of any value in it.
 *
 *     value   0 .. 127   index = value
 *     value >= 128       e = floor(log2 value) - 6, index = 64 e + (value >> e)
 *
 * Requests stay within a u32 (71 minutes). Connections live for days, so there are ten octaves more, up to 2^42 - 1: 50
 * days. The same function stands in control/world/histogram.ts; a test compares the two over the whole range.
 */

/** The last index is 35 * 64 + 127. */
export const BUCKETS: u32 = 2368;
const MAX_VALUE: u64 = ((<u64>1) << 42) - 1;

/** The bucket of a duration in microseconds. */
export function bucketOf(micros: u32): u32 {
  if (micros < 128) return micros;
  const e: u32 = 25 - clz(micros);
  return (e << 6) + (micros >> e);
}

/** The bucket of a duration in microseconds that may be longer than a u32; the last bucket for one past all of them. */
export function bucketOfLong(micros: u64): u32 {
  const value = min(micros, MAX_VALUE);
  if (value <= u32.MAX_VALUE) return bucketOf(<u32>value);
  const e = 57 - clz(value);
  return <u32>((e << 6) + (value >> e));
}
