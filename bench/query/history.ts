/**
 * A year of the mesh, each stretch of it at the resolution that is left of it: windows of a second, slots of ten, minutes
 * and hours, the coarser ones made of the finer ones as far as there are any.
 */
import { LEVELS } from "../../control/store/duckdb/schema.ts";
import { DEFAULT_KEPT } from "../../control/store/resolutions.ts";
import { BUCKET_COUNT } from "../../control/world/histogram.ts";
import type { Counter } from "./mesh.ts";
import { Traffic } from "./traffic.ts";
import type { Counted } from "./traffic.ts";

/** The present of the history: a Wednesday afternoon in which no slot of any resolution is full. */
export const END_MS = Date.UTC(2025, 5, 4, 14, 23, 47);

/** Everything of one slot of one level. */
export interface Slot {
  /** 0 for windows of a second. */
  readonly level: number;
  readonly startMs: number;
  readonly counted: readonly Counted[];
}

/** The first instant that a level still has: the start of the table that its oldest row is in (schema.ts). */
export function keptFromMs(level: number): number {
  const { name, slotMs, table } = LEVELS[level]!;
  const unitMs = level === LEVELS.length - 1 ? slotMs : table.lengthMs;
  return Math.floor((END_MS - DEFAULT_KEPT[name]) / unitMs) * unitMs;
}

/** From here on windows are there as they came, and a store that is given them makes the rest itself. */
export const WINDOWS_FROM_MS = keptFromMs(0);

/** All slots of all levels, each level's in order of time; a coarser slot comes after the finer ones that it is made of. */
export function* historyOf(mesh: readonly Counter[], seed: number): Generator<Slot> {
  const traffic = new Traffic(mesh, seed);
  const merging = LEVELS.map((_, level) => (level === 0 ? undefined : new Merging(level, mesh.length)));
  for (let level = LEVELS.length - 1; level >= 0; level--) {
    const { slotMs } = LEVELS[level]!;
    const toMs = level === 0 ? END_MS : keptFromMs(level - 1);
    for (let startMs = keptFromMs(level); startMs < toMs; startMs += slotMs) {
      let slots: Slot[] = [{ level, startMs, counted: traffic.slot(startMs, slotMs) }];
      yield* slots;
      for (let coarser = level + 1; coarser < LEVELS.length; coarser++) {
        slots = slots.flatMap((slot) => merging[coarser]!.add(slot, startMs + slotMs));
        yield* slots;
      }
    }
  }
}

/** Adds finer slots up to those of one level. */
class Merging {
  readonly #level: number;
  readonly #slotMs: number;
  readonly #counters: readonly { readonly buckets: Uint32Array; low: number; high: number; count: number }[];
  #touched: number[] = [];

  constructor(level: number, counters: number) {
    this.#level = level;
    this.#slotMs = LEVELS[level]!.slotMs;
    const none = { low: BUCKET_COUNT, high: -1, count: 0 };
    this.#counters = Array.from({ length: counters }, () => ({ buckets: new Uint32Array(BUCKET_COUNT), ...none }));
  }

  /** @returns the slot that is full when everything up to an instant is in it, if one is */
  add({ startMs, counted }: Slot, untilMs: number): Slot[] {
    for (const one of counted) this.#add(one);
    if (untilMs % this.#slotMs !== 0) return [];
    const merged = this.#touched.map((counter) => this.#take(counter));
    this.#touched = [];
    return [{ level: this.#level, startMs: Math.floor(startMs / this.#slotMs) * this.#slotMs, counted: merged }];
  }

  #add({ counter, count, buckets }: Counted): void {
    const sums = this.#counters[counter]!;
    if (sums.count === 0) this.#touched.push(counter);
    sums.count += count;
    sums.low = Math.min(sums.low, buckets[0]!);
    sums.high = Math.max(sums.high, buckets.at(-2)!);
    for (let at = 0; at < buckets.length; at += 2) sums.buckets[buckets[at]!]! += buckets[at + 1]!;
  }

  #take(counter: number): Counted {
    const sums = this.#counters[counter]!;
    const buckets: number[] = [];
    for (let index = sums.low; index <= sums.high; index++) {
      const timed = sums.buckets[index]!;
      if (timed > 0) buckets.push(index, timed);
    }
    sums.buckets.fill(0, sums.low, sums.high + 1);
    const { count } = sums;
    Object.assign(sums, { low: BUCKET_COUNT, high: -1, count: 0 });
    return { counter, count, buckets };
  }
}
