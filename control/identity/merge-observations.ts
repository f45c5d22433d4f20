import type { Observation } from "./observation.ts";

/**
 * Adds up observations that are the same but for their numbers, as when two addresses of a batch turn out to be one
 * workload. Keeps the order of first appearance.
 */
export function mergeObservations(observations: readonly Observation[]): Observation[] {
  const merged = new Map<string, Observation>();
  for (const observation of observations) {
    const key = keyOf(observation);
    const before = merged.get(key);
    merged.set(key, before ? add(before, observation) : observation);
  }
  return [...merged.values()];
}

function keyOf(o: Observation): string {
  return `${o.side}\n${o.client}\n${o.server}\n${o.protocol}\n${o.method}\n${o.route}\n${o.outcome}\n${o.status}`;
}

function add(a: Observation, b: Observation): Observation {
  return {
    ...a,
    count: a.count + b.count,
    buckets: addBuckets(a.buckets, b.buckets),
    requestBytes: a.requestBytes + b.requestBytes,
    responseBytes: a.responseBytes + b.responseBytes,
    active: a.active + b.active,
  };
}

/** Merges two ascending lists of (index, count) pairs. */
function addBuckets(a: readonly number[], b: readonly number[]): number[] {
  const sum: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i] ?? Infinity;
    const right = b[j] ?? Infinity;
    let count = 0;
    if (left <= right) count += a[(i += 2) - 1] as number;
    if (right <= left) count += b[(j += 2) - 1] as number;
    sum.push(Math.min(left, right), count);
  }
  return sum;
}
