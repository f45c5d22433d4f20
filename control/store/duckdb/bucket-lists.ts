import type { Row } from "./session.ts";

/** The latency buckets of a row with the lists `bucket_indexes` and `bucket_counts`, as (index, count) pairs. */
export function bucketsOf(row: Row): number[] {
  const counts = row["bucket_counts"] as readonly number[];
  return (row["bucket_indexes"] as readonly number[]).flatMap((index, at) => [index, counts[at]!]);
}
