import type { Observation } from "../identity/observation.ts";
import { BucketSums } from "./bucket-sums.ts";
import { addBuckets } from "./histogram.ts";
import { OUTCOMES, outcomePosition } from "./outcomes.ts";

/** What of an observation is summed. */
export type Counts = Pick<Observation, "outcome" | "status" | "count" | "buckets" | "requestBytes" | "responseBytes">;

/** Counts that are nobody else's, so that they can be added to in place. */
export interface OwnCounts extends Pick<Counts, "outcome" | "status"> {
  count: number;
  buckets: number[];
  requestBytes: number;
  responseBytes: number;
}

/** Adds counts of the same outcome and status. */
export function addCounts(own: OwnCounts, { count, buckets, requestBytes, responseBytes }: Counts): void {
  own.count += count;
  own.buckets = addBuckets(own.buckets, buckets);
  own.requestBytes += requestBytes;
  own.responseBytes += responseBytes;
}

/** Sums of counters: requests by outcome and by status, their latencies and bytes. Adding and subtracting are exact. */
export class CounterSums {
  /** In the order of OUTCOMES. */
  readonly outcomes = new Float64Array(OUTCOMES.length);
  readonly statuses = new Map<number, number>();
  readonly latency = new BucketSums();
  requestBytes = 0;
  responseBytes = 0;
  #requests = 0;

  get requests(): number {
    return this.#requests;
  }

  /** Of a TCP connection that stays open nothing but bytes is counted, and of one that closes perhaps only its duration. */
  get isEmpty(): boolean {
    return this.#requests === 0 && this.requestBytes === 0 && this.responseBytes === 0 && this.latency.total === 0;
  }

  add(counts: Counts, times: 1 | -1): void {
    const count = counts.count * times;
    this.outcomes[outcomePosition(counts.outcome)]! += count;
    this.#requests += count;
    this.#addStatus(counts.status, count);
    this.latency.add(counts.buckets, times);
    this.requestBytes += counts.requestBytes * times;
    this.responseBytes += counts.responseBytes * times;
  }

  merge(other: CounterSums): void {
    for (let at = 0; at < this.outcomes.length; at++) this.outcomes[at]! += other.outcomes[at]!;
    this.#requests += other.#requests;
    for (const [status, count] of other.statuses) this.#addStatus(status, count);
    this.latency.merge(other.latency);
    this.requestBytes += other.requestBytes;
    this.responseBytes += other.responseBytes;
  }

  #addStatus(status: number, count: number): void {
    const sum = (this.statuses.get(status) ?? 0) + count;
    if (sum === 0) this.statuses.delete(status);
    else this.statuses.set(status, sum);
  }
}
