/** How long good requests take: each endpoint about its own time, longer while much is asked, and never a second. */
import { bucketIndex } from "../../control/world/histogram.ts";
import type { Chance } from "./chance.ts";

/** Multiples of an endpoint's time, and the share of requests that take so long; the rest takes the last. */
const SPREAD = [
  [0.4, 0.25],
  [0.7, 0.25],
  [1, 0.2],
  [1.5, 0.14],
  [2, 0.07],
  [2.6, 0.045],
  [3.5, 0.025],
  [6, 0.02],
] as const;
const LONGEST_MS = 950;

export class Latencies {
  readonly #chance: Chance;
  /** By call: its time in milliseconds, and slow noise about 1. */
  readonly #baseMs: readonly number[];
  readonly #noise: Float64Array;

  constructor(chance: Chance, calls: number) {
    this.#chance = chance;
    this.#baseMs = Array.from({ length: calls }, () => chance.between(5, 40));
    this.#noise = new Float64Array(calls).fill(1);
  }

  /**
   * Latencies of so many requests, as (index, count) pairs.
   * @param call its number
   * @param busy how much is asked, of the most
   * @param times so many times as long as usual
   */
  of(call: number, requests: number, { busy, times }: { readonly busy: number; readonly times: number }): number[] {
    this.#noise[call]! += 0.02 * (1 - this.#noise[call]!) + 0.01 * this.#chance.between(-1, 1);
    const ms = this.#baseMs[call]! * (1 + 0.5 * busy) * this.#noise[call]! * times;
    const buckets: number[] = [];
    let left = requests;
    let leftShare = 1;
    for (const [multiple, share] of SPREAD) {
      const count = this.#chance.of(left, Math.min(1, share / leftShare));
      const index = bucketIndex(Math.min(LONGEST_MS, multiple * ms) * 1_000);
      if (count > 0 && buckets.at(-2) === index) buckets[buckets.length - 1]! += count;
      else if (count > 0) buckets.push(index, count);
      left -= count;
      leftShare -= share;
    }
    return buckets;
  }
}
