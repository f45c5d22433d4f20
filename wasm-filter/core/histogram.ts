/**
 * Log-linear latency buckets of base 2 over microseconds: one microsecond wide below 128, then 64 to an octave. A
 * bucket is at most 1/64 of its lower bound wide, so its midpoint is within 0.79 % of any value in it.
 *
 *     value   0 .. 127   index = value
 *     value >= 128       e = floor(log2 value) - 6, index = 64 e + (value >> e)
 *
 * The same function stands in control/world/histogram.ts; a test compares the two over the whole range.
 */

/** Buckets of a whole u32: the last index is 25 * 64 + 127. */
export const BUCKETS: u32 = 1728;

/** The bucket of a duration in microseconds. */
export function bucketOf(micros: u32): u32 {
  if (micros < 128) return micros;
  const e: u32 = 25 - clz(micros);
  return (e << 6) + (micros >> e);
}
