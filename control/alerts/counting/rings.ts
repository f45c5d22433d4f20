/**
 * Sums over sliding windows, one number a group. What a window is made of is kept in rings of cells of ten seconds, a minute or an
 * hour, as fine as the window needs: its front moves each ten seconds, its back by its cells.
 */
import { SLOT_MS } from "./slots.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** How far ahead of the window's end counters are kept: clocks differ, and a slot may be written before it is over. */
const AHEAD_MS = 60_000;

/** The cells of a window of this length, in milliseconds. */
export function grainOf(lengthMs: number): number {
  if (lengthMs <= HOUR_MS) return SLOT_MS;
  return lengthMs <= 6 * HOUR_MS ? MINUTE_MS : HOUR_MS;
}

/** Cells of one length, by group. A group that has counted nothing takes no room. */
class Ring {
  readonly #rows: (Uint32Array | undefined)[] = [];
  #cleared = -Infinity;

  constructor(
    readonly grainMs: number,
    readonly cells: number,
  ) {}

  /** Adds to the cell that an instant lies in; false where that has left the ring or lies beyond it. */
  add(group: number, atMs: number, count: number): boolean {
    const cell = Math.floor(atMs / this.grainMs);
    if (cell > this.#cleared || cell <= this.#cleared - this.cells) return false;
    const row = (this.#rows[group] ??= new Uint32Array(this.cells));
    // Whole numbers modulo 2^32: taking out what was added leaves nothing, whatever the order.
    row[cell % this.cells]! += count;
    return true;
  }

  /** What the cell of an instant holds. */
  at(group: number, cell: number): number {
    if (cell > this.#cleared || cell <= this.#cleared - this.cells) return 0;
    return this.#rows[group]?.[cell % this.cells] ?? 0;
  }

  /** Makes room up to an instant. */
  clearTo(atMs: number): void {
    const last = Math.floor(atMs / this.grainMs);
    const first = Math.max(this.#cleared + 1, last - this.cells + 1);
    for (const row of this.#rows) {
      if (row) for (let cell = first; cell <= last; cell++) row[cell % this.cells] = 0;
    }
    this.#cleared = Math.max(this.#cleared, last);
  }
}

/** One window's sums. */
export class WindowSum {
  /** By group. Made anew when there are more groups, so it is not to be kept. */
  sums = new Float64Array(16);

  constructor(
    readonly lengthMs: number,
    readonly grainMs: number,
  ) {}

  /** Where the window begins that ends at an instant. */
  begin(endMs: number): number {
    return Math.floor((endMs - this.lengthMs) / this.grainMs) * this.grainMs;
  }

  add(group: number, count: number): void {
    this.fit(group + 1);
    this.sums[group]! += count;
  }

  fit(groups: number): void {
    if (groups <= this.sums.length) return;
    const grown = new Float64Array(Math.max(groups, this.sums.length * 2));
    grown.set(this.sums);
    this.sums = grown;
  }
}

/** What one measure of one column comes to in each of the windows that rules ask for. */
export class MeasureSums {
  readonly #windows = new Map<number, WindowSum>();
  readonly #rings: readonly Ring[];
  #groups = 0;
  #endMs = -Infinity;

  /** @param lengthsMs of the windows */
  constructor(lengthsMs: Iterable<number>) {
    const deepest = new Map<number, number>([[SLOT_MS, 0]]);
    for (const lengthMs of new Set(lengthsMs)) {
      const grainMs = grainOf(lengthMs);
      this.#windows.set(lengthMs, new WindowSum(lengthMs, grainMs));
      deepest.set(grainMs, Math.max(deepest.get(grainMs) ?? 0, lengthMs));
    }
    this.#rings = [...deepest].map(
      ([grainMs, lengthMs]) => new Ring(grainMs, Math.ceil((lengthMs + AHEAD_MS) / grainMs) + 2),
    );
  }

  window(lengthMs: number): WindowSum {
    const window = this.#windows.get(lengthMs);
    if (!window) throw new RangeError(`There is no window of ${lengthMs} ms`);
    return window;
  }

  /** Counts in all rings and in the windows that the instant lies in. */
  add(group: number, atMs: number, count: number): void {
    for (const { grainMs } of this.#rings) this.load(grainMs, { group, atMs, count });
  }

  /** Counts in one ring, and in the windows that are made of it: what the history has is as fine as its age allows. */
  load(grainMs: number, { group, atMs, count }: { group: number; atMs: number; count: number }): void {
    const ring = this.#rings.find((each) => each.grainMs === grainMs);
    if (count === 0 || !ring?.add(group, atMs, count)) return;
    this.#groups = Math.max(this.#groups, group + 1);
    for (const window of this.#windows.values()) {
      const isInside = atMs < this.#endMs && atMs >= window.begin(this.#endMs);
      if (window.grainMs === grainMs && isInside) window.add(group, count);
    }
  }

  /** Which cells windows are made of, and how far back they reach, in milliseconds. */
  *depths(): Generator<readonly [number, number]> {
    for (const { grainMs, lengthMs } of this.#windows.values()) yield [grainMs, lengthMs + grainMs];
  }

  /**
   * Moves all windows so that they end at an instant: the first time anywhere, then by SLOT_MS each time, since what lay in between
   * would have to be entered and left in one.
   */
  advance(endMs: number): void {
    const before = this.#endMs;
    this.#endMs = endMs;
    if (before !== -Infinity) {
      for (const window of this.#windows.values()) this.#leave(window, window.begin(before), window.begin(endMs));
    }
    for (const ring of this.#rings) ring.clearTo(endMs + AHEAD_MS);
    if (before !== -Infinity) this.#enter(before / SLOT_MS);
  }

  /** Room for so many groups in all sums. */
  fit(groups: number): void {
    for (const window of this.#windows.values()) window.fit(groups);
  }

  #ringOf(grainMs: number): Ring {
    return this.#rings.find((ring) => ring.grainMs === grainMs)!;
  }

  #leave(window: WindowSum, fromMs: number, toMs: number): void {
    const ring = this.#ringOf(window.grainMs);
    const groups = Math.min(this.#groups, window.sums.length);
    for (let cell = fromMs / window.grainMs; cell < toMs / window.grainMs; cell++) {
      for (let group = 0; group < groups; group++) window.sums[group]! -= ring.at(group, cell);
    }
  }

  /** What lay ahead of the windows is in them now. */
  #enter(cell: number): void {
    const ring = this.#ringOf(SLOT_MS);
    for (let group = 0; group < this.#groups; group++) {
      const count = ring.at(group, cell);
      if (count > 0) for (const window of this.#windows.values()) window.add(group, count);
    }
  }
}
