import type { Counts, OwnCounts } from "./counter-sums.ts";
import { OUTCOMES, outcomePosition } from "./outcomes.ts";
import type { View } from "./reporter-rule.ts";

/** What a view says of an outcome. */
export interface ViewCounts {
  readonly view: View;
  readonly counts: Counts;
}

const FIRST_BYTES = 4_096;
/** Of a number below 2^53, and of the gap between two indexes of buckets. */
const NUMBER_BYTES = 8;
const GAP_BYTES = 2;
/** Bytes that nothing begins in any more are many from here on, where they are more than half. */
const MAX_GONE_BYTES = 65_536;

/**
 * Counters one after the other, each in as few bytes as its numbers need:
 *
 *     | view and outcome | count | request bytes | response bytes | buckets n | n times: gap to the index before, count |
 *       a byte             numbers, seven bits a byte, the lowest first, as in protobuf (varint)
 */
export class PackedCounts {
  #bytes = new Uint8Array(FIRST_BYTES);
  #used = 0;
  /** Bytes of what was replaced. */
  #gone = 0;
  /** Where the next number is read. */
  #at = 0;

  /** Bytes that it takes. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Whether it is time to `keep` what is wanted and give up the rest. */
  get isWasteful(): boolean {
    return this.#gone > MAX_GONE_BYTES && this.#gone > this.#used / 2;
  }

  /** Appends. @returns where it begins */
  add({ view, counts }: ViewCounts): number {
    const { count, requestBytes, responseBytes, buckets } = counts;
    this.#makeRoom(1 + 4 * NUMBER_BYTES + (buckets.length / 2) * (GAP_BYTES + NUMBER_BYTES));
    const start = this.#used;
    this.#bytes[start] = wordOf(view, counts);
    this.#used = start + 1;
    this.#put(count);
    this.#put(requestBytes);
    this.#put(responseBytes);
    this.#put(buckets.length / 2);
    let index = 0;
    for (let at = 0; at < buckets.length; at += 2) {
      this.#put(buckets[at]! - index);
      this.#put(buckets[at + 1]!);
      index = buckets[at]!;
    }
    return start;
  }

  /** What `wordOf` says of those that begin at `start`. */
  wordAt(start: number): number {
    return this.#bytes[start]!;
  }

  read(start: number): { readonly view: View; readonly counts: OwnCounts } {
    const word = this.#bytes[start]!;
    this.#at = start + 1;
    const [count, requestBytes, responseBytes] = [this.#next(), this.#next(), this.#next()];
    const buckets: number[] = [];
    let index = 0;
    for (let left = this.#next(); left > 0; left--) {
      index += this.#next();
      buckets.push(index, this.#next());
    }
    const outcome = OUTCOMES[word % OUTCOMES.length]!;
    const view = Math.floor(word / OUTCOMES.length) as View;
    return { view, counts: { outcome, status: 0, count, buckets, requestBytes, responseBytes } };
  }

  /**
   * Puts others in the place of those at `start`: there, where they take as much room, else behind all.
   * @returns where they begin
   */
  replace(start: number, by: ViewCounts): number {
    const room = this.#endOf(start) - start;
    const added = this.add(by);
    if (this.#used - added !== room) {
      this.#gone += room;
      return added;
    }
    this.#bytes.copyWithin(start, added, this.#used);
    this.#used = added;
    return start;
  }

  /** Keeps those that begin at `starts`, which are made to say where they begin then. */
  keep(starts: Uint32Array): void {
    const before = this.#bytes;
    const kept = new Uint8Array(before.length);
    let used = 0;
    for (let item = 0; item < starts.length; item++) {
      const start = starts[item]!;
      const end = this.#endOf(start);
      kept.set(before.subarray(start, end), used);
      starts[item] = used;
      used += end - start;
    }
    this.#bytes = kept;
    this.#used = used;
    this.#gone = 0;
  }

  /** Forgets all. Keeps its room, unless little of it was used. */
  clear(): void {
    if (this.#bytes.length > FIRST_BYTES && this.#used < this.#bytes.length / 4)
      this.#bytes = new Uint8Array(FIRST_BYTES);
    this.#used = this.#gone = 0;
  }

  #endOf(start: number): number {
    this.#at = start + 1;
    for (let number = 0; number < 3; number++) this.#next();
    for (let left = 2 * this.#next(); left > 0; left--) this.#next();
    return this.#at;
  }

  #put(value: number): void {
    const bytes = this.#bytes;
    let left = value;
    while (left >= 0x80) {
      bytes[this.#used++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    bytes[this.#used++] = left;
  }

  #next(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  #makeRoom(more: number): void {
    const needed = this.#used + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, Math.ceil(this.#bytes.length * 1.5)));
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
  }
}

/** View and outcome, a byte. */
export function wordOf(view: View, { outcome }: Counts): number {
  return view * OUTCOMES.length + outcomePosition(outcome);
}
