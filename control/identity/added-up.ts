import { BUCKET_COUNT } from "../ingest/limits.ts";

/** Counts by bucket of what is being added up; all 0 in between. */
const counts = new Float64Array(BUCKET_COUNT);

/** Histograms of (index, count) pairs as one; of a single one no copy is made. */
export function addedUp(histograms: readonly (readonly number[])[]): readonly number[] {
  const [only = [], ...others] = histograms;
  if (others.length === 0) return only;
  let first = BUCKET_COUNT;
  let last = -1;
  for (const pairs of histograms) {
    for (let at = 0; at < pairs.length; at += 2) counts[pairs[at]!]! += pairs[at + 1]!;
    first = Math.min(first, pairs[0]!);
    last = Math.max(last, pairs[pairs.length - 2]!);
  }
  const sum: number[] = [];
  for (let index = first; index <= last; index++) if (counts[index]! > 0) sum.push(index, counts[index]!);
  counts.fill(0, first, last + 1);
  // Many are kept for a while: an array that grew has room for half as much again, its copy has not.
  return sum.slice();
}
