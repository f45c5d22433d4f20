import type { Counts } from "./counter-sums.ts";
import { OUTCOMES } from "./outcomes.ts";
import type { PodEdgeState } from "./pod-edges.ts";
import type { View } from "./reporter-rule.ts";
import type { SlotItems } from "./slot-items.ts";

/** What pods said, or a part of it, on its way through the window. */
export interface HeldPods {
  readonly edge: PodEdgeState;
  readonly view: View;
  readonly counts: Counts;
}

/** Numbers of an item before its buckets. */
const WORD = 0;
const COUNT = 1;
const REQUEST_BYTES = 2;
const RESPONSE_BYTES = 3;
const BUCKETS = 4;
const HEAD = 5;

const FIRST_NUMBERS = 512;
const FIRST_ITEMS = 64;
const GOLDEN = 0x9e37_79b1;

/**
 * What pods said in one second, as numbers one after the other: a word for view and outcome, the count, bytes of requests and of
 * responses, how many numbers of buckets follow, and these. As objects what thousands of pods said in half a minute was most of
 * control's memory, some 300 bytes each instead of a third of that, and each collection of garbage went through them.
 *
 * A table that is at most half full (open addressing, linear probing) finds what another reporter said of the same pods.
 */
export class PackedPods implements SlotItems<HeldPods> {
  readonly #edges: PodEdgeState[] = [];
  #numbers = new Float64Array(FIRST_NUMBERS);
  #used = 0;
  /** Where each item begins among the numbers. */
  #starts = new Uint32Array(FIRST_ITEMS);
  /** One more than the item's place, or 0. */
  #table = new Uint32Array(2 * FIRST_ITEMS);

  get size(): number {
    return this.#edges.length;
  }

  /** Where the one that is held has not all of its buckets, they stay two. */
  join({ edge, view, counts }: HeldPods, isInside: boolean): boolean {
    const item = this.#table[this.#find(edge, wordOf(view, counts))]! - 1;
    if (item < 0 || !this.#addBuckets(this.#starts[item]!, counts.buckets)) return false;
    const start = this.#starts[item]!;
    this.#numbers[start + COUNT]! += counts.count;
    this.#numbers[start + REQUEST_BYTES]! += counts.requestBytes;
    this.#numbers[start + RESPONSE_BYTES]! += counts.responseBytes;
    if (isInside) edge.window.add(view, counts, 1);
    return true;
  }

  add({ edge, view, counts }: HeldPods): void {
    const { count, requestBytes, responseBytes, buckets } = counts;
    this.#makeRoom(HEAD + buckets.length);
    const start = this.#used;
    const numbers = this.#numbers;
    const word = wordOf(view, counts);
    numbers[start + WORD] = word;
    numbers[start + COUNT] = count;
    numbers[start + REQUEST_BYTES] = requestBytes;
    numbers[start + RESPONSE_BYTES] = responseBytes;
    numbers[start + BUCKETS] = buckets.length;
    for (let at = 0; at < buckets.length; at++) numbers[start + HEAD + at] = buckets[at]!;
    this.#used += HEAD + buckets.length;
    this.#starts[this.#edges.length] = start;
    this.#edges.push(edge);
    this.#table[this.#find(edge, word)] = this.#edges.length;
  }

  forEach(callback: (item: HeldPods) => void): void {
    const numbers = this.#numbers;
    this.#edges.forEach((edge, item) => {
      const start = this.#starts[item]!;
      const word = numbers[start + WORD]!;
      const view = Math.floor(word / OUTCOMES.length) as View;
      const first = start + HEAD;
      const counts = {
        outcome: OUTCOMES[word % OUTCOMES.length]!,
        status: 0,
        count: numbers[start + COUNT]!,
        requestBytes: numbers[start + REQUEST_BYTES]!,
        responseBytes: numbers[start + RESPONSE_BYTES]!,
        buckets: Array.from(numbers.subarray(first, first + numbers[start + BUCKETS]!)),
      };
      callback({ edge, view, counts });
    });
  }

  /** Forgets all. Keeps the room that it had, unless little of it was used: the next second mostly needs as much. */
  clear(): void {
    const isRoomy = this.#numbers.length > FIRST_NUMBERS && this.#used < this.#numbers.length / 4;
    this.#edges.length = 0;
    this.#used = 0;
    if (isRoomy) {
      this.#numbers = new Float64Array(FIRST_NUMBERS);
      this.#starts = new Uint32Array(FIRST_ITEMS);
      this.#table = new Uint32Array(2 * FIRST_ITEMS);
    } else this.#table.fill(0);
  }

  /** Adds buckets to those of an item, both in the order of their indexes; false, and nothing is added, where it lacks one. */
  #addBuckets(start: number, buckets: Counts["buckets"]): boolean {
    const end = start + HEAD + this.#numbers[start + BUCKETS]!;
    let at = start + HEAD;
    for (let from = 0; from < buckets.length; from += 2, at += 2) {
      while (at < end && this.#numbers[at]! < buckets[from]!) at += 2;
      if (at >= end || this.#numbers[at] !== buckets[from]) return false;
    }
    at = start + HEAD;
    for (let from = 0; from < buckets.length; from += 2) {
      while (this.#numbers[at] !== buckets[from]) at += 2;
      this.#numbers[at + 1]! += buckets[from + 1]!;
    }
    return true;
  }

  /** The table's place of an item, or the free one where it would be. */
  #find(edge: PodEdgeState, word: number): number {
    const mask = this.#table.length - 1;
    let at = (Math.imul(edge.number * 64 + word, GOLDEN) >>> 7) & mask;
    for (let item = this.#table[at]!; item !== 0; item = this.#table[at]!) {
      if (this.#edges[item - 1] === edge && this.#numbers[this.#starts[item - 1]! + WORD] === word) break;
      at = (at + 1) & mask;
    }
    return at;
  }

  #makeRoom(more: number): void {
    const needed = this.#used + more;
    if (needed > this.#numbers.length) {
      const grown = new Float64Array(Math.max(needed, Math.ceil(this.#numbers.length * 1.5)));
      grown.set(this.#numbers.subarray(0, this.#used));
      this.#numbers = grown;
    }
    if (this.#edges.length < this.#starts.length) return;
    const starts = new Uint32Array(2 * this.#starts.length);
    starts.set(this.#starts);
    this.#starts = starts;
    this.#table = new Uint32Array(2 * starts.length);
    this.#edges.forEach((edge, item) => {
      this.#table[this.#find(edge, this.#numbers[starts[item]! + WORD]!)] = item + 1;
    });
  }
}

function wordOf(view: View, { outcome }: Counts): number {
  return view * OUTCOMES.length + OUTCOMES.indexOf(outcome);
}
