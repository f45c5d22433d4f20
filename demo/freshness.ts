/**
 * How long it takes from a request to its count in the API: the load's own cumulative count over time is laid beside
 * the totals that the API's stream told, and when.
 */

/** A count and the moment at which it was known, in milliseconds since the epoch; both only ever grow. */
export type CountAt = readonly [atMs: number, count: number];

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/**
 * Milliseconds from a request to the first time that the API's total included it, over all requests. A request is
 * taken to be as old as the mark before the one that first counts it, so the answer errs towards staler, by at most
 * the distance of two marks. Null where the API never caught up with a single mark.
 */
export function freshness(done: readonly CountAt[], shown: readonly CountAt[]): Quantiles | null {
  const ages: { ageMs: number; requests: number }[] = [];
  let next = 0;
  for (let index = 1; index < done.length; index += 1) {
    const [sinceMs, before] = done[index - 1] ?? [0, 0];
    const [, count] = done[index] ?? [0, 0];
    if (count <= before) continue;
    while (next < shown.length && (shown[next]?.[1] ?? 0) < count) next += 1;
    const seen = shown[next];
    if (!seen) break;
    ages.push({ ageMs: Math.max(0, seen[0] - sinceMs), requests: count - before });
  }
  if (ages.length === 0) return null;
  ages.sort((a, b) => a.ageMs - b.ageMs);
  return { p50: quantile(ages, 0.5), p99: quantile(ages, 0.99) };
}

function quantile(ages: readonly { ageMs: number; requests: number }[], q: number): number {
  const all = ages.reduce((sum, { requests }) => sum + requests, 0);
  let rank = Math.ceil(all * q);
  for (const { ageMs, requests } of ages) {
    rank -= requests;
    if (rank <= 0) return Math.round(ageMs);
  }
  return Math.round(ages.at(-1)?.ageMs ?? 0);
}
