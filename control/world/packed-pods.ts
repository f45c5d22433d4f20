import { addCounts } from "./counter-sums.ts";
import type { Counts } from "./counter-sums.ts";
import { PackedCounts, wordOf } from "./packed-counts.ts";
import type { PodEdgeState } from "./pod-edges.ts";
import type { View } from "./reporter-rule.ts";
import type { SlotItems } from "./slot-items.ts";

/** What pods said, or a part of it, on its way through the window. */
export interface HeldPods {
  readonly edge: PodEdgeState;
  readonly view: View;
  readonly counts: Counts;
}

const FIRST_ITEMS = 64;
const GOLDEN = 0x9e37_79b1;

/**
 * What pods said in one second, packed. As objects what thousands of pods said in half a minute was most of control's memory, ten
 * times as much, and each collection of garbage went through them.
 *
 * A table that is at most half full (open addressing, linear probing) finds what another reporter said of the same pods.
 */
export class PackedPods implements SlotItems<HeldPods> {
  readonly #edges: PodEdgeState[] = [];
  readonly #packed = new PackedCounts();
  /** Where each item begins in what is packed. */
  #starts = new Uint32Array(FIRST_ITEMS);
  /** One more than the item's place, or 0. */
  #table = new Uint32Array(2 * FIRST_ITEMS);

  get size(): number {
    return this.#edges.length;
  }

  /** What is packed takes so many bytes. */
  get bytes(): number {
    return this.#packed.size;
  }

  join({ edge, view, counts }: HeldPods, isInside: boolean): boolean {
    const item = this.#table[this.#find(edge, wordOf(view, counts))]! - 1;
    if (item < 0) return false;
    const start = this.#starts[item]!;
    const held = this.#packed.read(start);
    addCounts(held.counts, counts);
    this.#starts[item] = this.#packed.replace(start, held);
    if (this.#packed.isWasteful) this.#packed.keep(this.#starts.subarray(0, this.#edges.length));
    if (isInside) edge.window.add(view, counts, 1);
    return true;
  }

  add({ edge, view, counts }: HeldPods): void {
    this.#makeRoom();
    this.#starts[this.#edges.length] = this.#packed.add({ view, counts });
    const place = this.#find(edge, wordOf(view, counts));
    this.#edges.push(edge);
    this.#table[place] = this.#edges.length;
  }

  forEach(callback: (item: HeldPods) => void): void {
    this.#edges.forEach((edge, item) => callback({ edge, ...this.#packed.read(this.#starts[item]!) }));
  }

  /** Forgets all. Keeps the room that it had, unless little of it was used: the next second mostly needs as much. */
  clear(): void {
    const isRoomy = this.#starts.length > FIRST_ITEMS && this.#edges.length < this.#starts.length / 4;
    this.#edges.length = 0;
    this.#packed.clear();
    if (isRoomy) {
      this.#starts = new Uint32Array(FIRST_ITEMS);
      this.#table = new Uint32Array(2 * FIRST_ITEMS);
    } else this.#table.fill(0);
  }

  /** The table's place of an item, or the free one where it would be. */
  #find(edge: PodEdgeState, word: number): number {
    const mask = this.#table.length - 1;
    let at = (Math.imul(edge.number * 64 + word, GOLDEN) >>> 7) & mask;
    for (let item = this.#table[at]!; item !== 0; item = this.#table[at]!) {
      if (this.#edges[item - 1] === edge && this.#packed.wordAt(this.#starts[item - 1]!) === word) break;
      at = (at + 1) & mask;
    }
    return at;
  }

  #makeRoom(): void {
    if (this.#edges.length < this.#starts.length) return;
    const starts = new Uint32Array(2 * this.#starts.length);
    starts.set(this.#starts);
    this.#starts = starts;
    this.#table = new Uint32Array(2 * starts.length);
    this.#edges.forEach((edge, item) => {
      this.#table[this.#find(edge, this.#packed.wordAt(starts[item]!))] = item + 1;
    });
  }
}
