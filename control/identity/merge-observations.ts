import type { Observation, WireCounts } from "./observation.ts";

/**
 * Adds up observations that are the same but for their numbers, as when two addresses of a batch turn out to be one
 * workload. Keeps the order of first appearance.
 */
export function mergeObservations(observations: readonly Observation[]): readonly Observation[] {
  if (areDistinct(observations)) return observations;
  const merged = new Map<string, Observation>();
  for (const observation of observations) {
    const key = keyOf(observation);
    const before = merged.get(key);
    merged.set(key, before ? add(before, observation) : observation);
  }
  return [...merged.values()];
}

/** Observations of one route that are compared with each other, before it is cheaper to put a text together for each. */
const MAX_COMPARED = 16;

/** Whether no two are the same but for their numbers, as nearly always; false as well where that takes too long to tell. */
function areDistinct(observations: readonly Observation[]): boolean {
  /** By route its last observation, and of each observation the one before it of the same route. */
  const last = new Map<string, number>();
  const previous = new Int32Array(observations.length);
  for (let at = 0; at < observations.length; at++) {
    const observation = observations[at]!;
    const before = last.get(observation.route) ?? -1;
    previous[at] = before;
    last.set(observation.route, at);
    let compared = 0;
    for (let other = before; other >= 0; other = previous[other]!) {
      if (++compared > MAX_COMPARED || isSame(observations[other]!, observation)) return false;
    }
  }
  return true;
}

function isSame(a: Observation, b: Observation): boolean {
  if (a.status !== b.status || a.outcome !== b.outcome || a.method !== b.method || a.route !== b.route) return false;
  return a.client === b.client && a.server === b.server && a.side === b.side && a.protocol === b.protocol;
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
    ...(a.wire && b.wire && { wire: addWire(a.wire, b.wire) }),
  };
}

function addWire(a: WireCounts, b: WireCounts): WireCounts {
  return {
    refused: a.refused + b.refused,
    resets: a.resets + b.resets,
    retransmissions: a.retransmissions + b.retransmissions,
    handshakes: addBuckets(a.handshakes, b.handshakes),
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
