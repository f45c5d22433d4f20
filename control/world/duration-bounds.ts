import { BUCKET_COUNT, bucketMiddle } from "./histogram.ts";

/**
 * Upper bounds, in seconds, of the few buckets that Prometheus is given for the 2,368 of histogram.ts. A fine bucket goes
 * below a bound when its middle does, so a bound is exact to 1 %.
 */
export const DURATION_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** By the index of a fine bucket: the first bound that is not below it; the number of bounds past the last. */
export const BOUND_OF: Readonly<Uint8Array> = Uint8Array.from({ length: BUCKET_COUNT }, (_, index) => {
  const at = DURATION_BOUNDS.findIndex((bound) => bucketMiddle(index) <= bound * 1_000_000);
  return at < 0 ? DURATION_BOUNDS.length : at;
});
