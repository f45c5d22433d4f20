/**
 * One number an hour and group, in two bytes: the bucket that it falls into of those that latencies have (world/histogram.ts), so it
 * is good to 1/128. A group has a ring of six weeks: five that are looked back on, and one that a test of the past reads ahead.
 *
 *     row of a group    [ 1,024 cells of 2 bytes ]    cell = hour mod 1,024;  0: not known,  otherwise bucket + 1
 *     hours             [ 1,024 numbers ]             which hour a cell is of, for all rows
 */
import { bucketIndex, bucketMiddle } from "../../world/histogram.ts";

const CELLS = 1_024;
/** Hours that may be kept ahead of the one that is judged. */
export const AHEAD_HOURS = 168;

/** Rows that all tables together may have, 2 KB each: 80 MB. */
export class Room {
  #left = 40_000;
  #skipped = 0;

  /** Hours of groups that found no room. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Whether there is room for one more. */
  take(): boolean {
    if (this.#left === 0) {
      this.#skipped++;
      return false;
    }
    this.#left--;
    return true;
  }
}

export class HourTable {
  readonly #room: Room;
  readonly #hours = new Int32Array(CELLS).fill(-1);
  /** By group. */
  readonly #rows: (Uint16Array | undefined)[] = [];

  constructor(room: Room) {
    this.#room = room;
  }

  /** Begins with an hour anew; from then on something is known of it. */
  begin(hour: number): void {
    const cell = hour % CELLS;
    this.#hours[cell] = hour;
    for (const row of this.#rows) if (row) row[cell] = 0;
  }

  /** @param value 0 or more; fractions are cut off. @param hour one that was begun */
  set(group: number, hour: number, value: number): void {
    let row = this.#rows[group];
    if (!row) {
      if (!this.#room.take()) return;
      row = this.#rows[group] = new Uint16Array(CELLS);
    }
    row[hour % CELLS] = bucketIndex(value) + 1;
  }

  /** NaN where nothing is known of it. */
  at(group: number, hour: number): number {
    const cell = hour % CELLS;
    const kept = this.#hours[cell] === hour ? (this.#rows[group]?.[cell] ?? 0) : 0;
    return kept === 0 ? NaN : bucketMiddle(kept - 1);
  }

  /** Whether anything at all is known of an hour. */
  knows(hour: number): boolean {
    return this.#hours[hour % CELLS] === hour;
  }
}
