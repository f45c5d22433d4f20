/**
 * SQL for the share of a counter that falls into a stretch of time: the formula of world/spread.ts.
 *
 * Rounding the running sum and not each share keeps the whole: stretches that follow each other add up to exactly the
 * counter. `from` and `to` may lie outside the window; columns start_ms and duration_ms are those of the row.
 */
export interface Stretch {
  /** SQL for the first millisecond, and for the first one after. */
  readonly from: string;
  readonly to: string;
}

/** Where the running sum of a count steps: at the nearest, so that a single request falls where most of it lies. */
const NEAREST = "0.5";

/**
 * Buckets step at different points, so that many small ones do not all fall at the same moment (golden ratio). As a
 * DOUBLE: a product of DECIMALs overflows from bucket 1619 (23 minutes) on, and with it the whole statement fails.
 */
const BY_BUCKET = "((0.5 + bucket_index * 0.618033988749895::DOUBLE) % 1)";

/** The share of a column of counts. */
export function shareOf(column: string, stretch: Stretch): string {
  return share(column, NEAREST, stretch);
}

/** The share of `bucket_count`, the count of bucket `bucket_index`. */
export function shareOfBucket(stretch: Stretch): string {
  return share("bucket_count", BY_BUCKET, stretch);
}

/** Most rows lie within their stretch: of these all counts, and the formula, which would give the same, is spared. */
function share(column: string, phase: string, { from, to }: Stretch): string {
  const until = (ms: string): string =>
    `floor(${column} * least(1.0, greatest(0.0, (${ms} - start_ms) / duration_ms)) + ${phase})`;
  const isWhole = `start_ms >= ${from} AND start_ms + duration_ms <= ${to}`;
  return `CASE WHEN ${isWhole} THEN ${column}::DOUBLE ELSE ${until(to)} - ${until(from)} END`;
}
