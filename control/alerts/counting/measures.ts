/**
 * What of a counter the rules look at: a row of whole numbers. Percentiles are not among them, since a threshold on one is a
 * share above a limit, and shares add up over time and over what is grouped.
 */
import type { Protocol } from "../../identity/observation.ts";
import type { NodeKind } from "../../identity/node.ts";
import { bucketIndex } from "../../world/histogram.ts";
import type { Buckets } from "../../world/histogram.ts";
import { OUTCOMES, errorCounts } from "../../world/outcomes.ts";

/** Positions in a row. Requests of TCP are connections and stand apart, since a workload may serve both. */
export const REQUESTS = 0;
export const BAD = 1;
/** Of the bad ones, those that never got to the server. */
export const UNREACHED = 2;
export const CONNECTS = 3;
export const UNCONNECTED = 4;
export const TIMED = 5;
/** Of the reporter's workload: what it told, and what of that it could not count in full. */
export const REPORTED = 6;
export const LOST = 7;
/** From here on: timed requests above each of the limits, then what was reserved. */
export const SLOW = 8;

/** Latency limits that all rules together may have. */
export const MAX_LIMITS = 64;

/** Rows for a set of latency limits. */
export class Measures {
  readonly #limits: readonly number[];
  readonly #positions: ReadonlyMap<number, number>;
  #reserved = 0;

  /** @param limitsMs in milliseconds, in any order; two of one bucket are one */
  constructor(limitsMs: Iterable<number>) {
    this.#limits = [...new Set([...limitsMs].map(limitBucket))].sort((a, b) => a - b);
    this.#positions = new Map(this.#limits.map((limit, at) => [limit, SLOW + at]));
  }

  /** Numbers in a row. */
  get width(): number {
    return SLOW + this.#limits.length + this.#reserved;
  }

  /** Makes rows wider, for counts that somebody else adds. To be called before a row is made. @returns where they begin */
  reserve(count: number): number {
    const position = this.width;
    this.#reserved += count;
    return position;
  }

  /** Where the requests stand that took longer. */
  slowerThan(limitMs: number): number {
    const position = this.#positions.get(limitBucket(limitMs));
    if (position === undefined) throw new RangeError(`${limitMs} ms is none of the limits`);
    return position;
  }

  /**
   * Adds requests by outcome to a row.
   * @param outcomes in the order of OUTCOMES
   */
  addOutcomes(row: Numbers, outcomes: ArrayLike<number>, { protocol, client }: Kind): void {
    const counts = errorCounts(outcomes, protocol, client);
    if (protocol === "tcp") {
      row[CONNECTS]! += counts.requests;
      row[UNCONNECTED]! += counts.notReached;
      return;
    }
    row[REQUESTS]! += counts.requests;
    row[BAD]! += counts.serverErrors + counts.notReached;
    row[UNREACHED]! += counts.neverArrived;
  }

  /** Adds their latencies; those of TCP are none. */
  addLatencies(row: Numbers, buckets: Buckets, { protocol }: Kind): void {
    if (protocol === "tcp") return;
    for (let at = 0; at < buckets.length; at += 2) {
      const index = buckets[at]!;
      const count = buckets[at + 1]!;
      row[TIMED]! += count;
      for (let limit = 0; limit < this.#limits.length && index > this.#limits[limit]!; limit++) {
        row[SLOW + limit]! += count;
      }
    }
  }
}

/** A row, or a part of a longer array that begins with one. */
export type Numbers = Float64Array | Uint32Array;

/** What of a thing that is counted decides how its outcomes are read. */
export interface Kind {
  readonly protocol: Protocol;
  /** Kind of the client. */
  readonly client: NodeKind;
}

/** How many outcomes there are. */
export const OUTCOME_COUNT = OUTCOMES.length;

function limitBucket(limitMs: number): number {
  return bucketIndex(limitMs * 1_000);
}
