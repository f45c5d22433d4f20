/** What rules share: all that matches the same conditions, grouped by the same attributes, and its sums over windows. */
import { Groups } from "./groups.ts";
import type { Grouped } from "./groups.ts";
import { MeasureSums } from "./rings.ts";
import type { CountedSeries } from "./series.ts";

/** A measure (a position in a row) over windows of these lengths. */
export interface Asked {
  readonly measure: number;
  readonly lengthsMs: ReadonlySet<number>;
}

/** What was counted at an instant, milliseconds since the epoch. */
export interface Row {
  readonly atMs: number;
  /** As `Measures` has it. */
  readonly row: ArrayLike<number>;
  readonly grainMs: number | undefined;
}

export interface ColumnOptions extends Grouped {
  readonly asked: Iterable<Asked>;
}

export class Column extends Groups {
  readonly #sums = new Map<number, MeasureSums>();
  #endMs = -Infinity;

  constructor(number: number, { asked, ...grouped }: ColumnOptions) {
    super(number, grouped);
    for (const { measure, lengthsMs } of asked) this.#sums.set(measure, new MeasureSums(lengthsMs));
  }

  /** The sums of a measure that was asked for. */
  sums(measure: number): MeasureSums {
    const sums = this.#sums.get(measure);
    if (!sums) throw new RangeError(`Column ${this.number} has no measure ${measure}`);
    return sums;
  }

  /** Adds a row at an instant: only to cells of a length where one is given, to all otherwise. */
  add(series: CountedSeries, { atMs, row, grainMs }: Row): void {
    for (const [measure, sums] of this.#sums) {
      const count = row[measure]!;
      // Who counts nothing here is no group.
      if (count === 0) continue;
      const group = this.groupOf(series);
      if (group < 0) return;
      const found = this.groups[group]!;
      if (atMs < found.firstMs) found.firstMs = atMs;
      if (grainMs === undefined) sums.add(group, atMs, count);
      else sums.load(grainMs, { group, atMs, count });
    }
  }

  /** The end of all windows, milliseconds since the epoch; -Infinity before time begins. */
  get endMs(): number {
    return this.#endMs;
  }

  advance(endMs: number): void {
    this.#endMs = endMs;
    for (const sums of this.#sums.values()) sums.advance(endMs);
  }

  /** Room for all groups in all sums, which judges read without looking. */
  fit(): void {
    for (const sums of this.#sums.values()) sums.fit(this.groups.length);
  }

  /** The lengths of cells that it keeps, and how far back they reach, in milliseconds. */
  *depths(): Generator<readonly [number, number]> {
    for (const sums of this.#sums.values()) yield* sums.depths();
  }
}
