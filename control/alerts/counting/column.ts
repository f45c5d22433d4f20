/** What rules share: all that matches the same conditions, grouped by the same attributes, and its sums over windows. */
import { factsOfCounted } from "../../world/counted.ts";
import type { Counted, Grouping } from "../../world/counted.ts";
import { attributeText } from "../../world/filter-text.ts";
import type { Filters } from "../../world/filters.ts";
import type { CountedSeries } from "./series.ts";
import { TooMuchWork } from "../../world/pattern.ts";
import { MeasureSums } from "./rings.ts";

/** Groups of one column at most; what belongs to further ones is not judged, and counted. */
const MAX_GROUPS = 100_000;

/** One group: what it is called, and one thing that was counted in it, to judge filters by. */
export interface Group {
  readonly labels: Readonly<Record<string, string>>;
  /** The first that was seen; conditions on the attributes of the grouping hold for all of a group or for none. */
  readonly example: Counted;
  /** When the first was counted that is known, milliseconds since the epoch. */
  firstMs: number;
}

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

export interface ColumnOptions {
  /** What it counts. */
  readonly filters: Filters;
  /** What tells its groups apart. */
  readonly groupBy: readonly Grouping[];
  readonly asked: Iterable<Asked>;
}

export class Column {
  readonly groups: Group[] = [];
  readonly #byKey = new Map<string, number>();
  /** Groups by a label and its value, so that ten thousand rules about one workload each do not ask all of them. */
  readonly #byLabel = new Map<string, number[]>();
  readonly #sums = new Map<number, MeasureSums>();
  #skipped = 0;
  #generation = 0;
  #endMs = -Infinity;

  readonly #filters: Filters;
  readonly #groupBy: readonly Grouping[];

  /** @param number its place among the columns */
  constructor(
    readonly number: number,
    { filters, groupBy, asked }: ColumnOptions,
  ) {
    this.#filters = filters;
    this.#groupBy = groupBy;
    for (const { measure, lengthsMs } of asked) this.#sums.set(measure, new MeasureSums(lengthsMs));
  }

  /** Series that found no group, and groups that could not be asked whether they are meant. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Counts up each time that nodes were named anew: what conditions on groups said before may be another now. */
  get generation(): number {
    return this.#generation;
  }

  renamed(): void {
    this.#generation++;
  }

  /** Whether conditions hold. Where they are too much work to ask they do not, and that is counted. */
  match(filters: Filters, counted: Counted): boolean {
    try {
      return filters.match(factsOfCounted(counted));
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      this.#skipped++;
      return false;
    }
  }

  /** The sums of a measure that was asked for. */
  sums(measure: number): MeasureSums {
    const sums = this.#sums.get(measure);
    if (!sums) throw new RangeError(`Column ${this.number} has no measure ${measure}`);
    return sums;
  }

  /** What its groups are told apart by, as labels are called. */
  get labels(): readonly string[] {
    return this.#groupBy.map(attributeText);
  }

  /** The groups that have a value of a label, those of later too. */
  groupsWith(label: string, value: string): readonly number[] {
    const key = `${label}\n${value}`;
    const known = this.#byLabel.get(key) ?? [];
    this.#byLabel.set(key, known);
    return known;
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

  /** The group that a series belongs to; -1 for none. */
  groupOf(series: CountedSeries): number {
    return (series.groups[this.number] ??= this.#find(series));
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

  #find({ counted }: CountedSeries): number {
    if (!this.match(this.#filters, counted)) return -1;
    const facts = factsOfCounted(counted);
    const values = this.#groupBy.map(({ attribute, end }) => facts(attribute, end)[0] ?? "");
    const key = values.join("\n");
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.groups.length >= MAX_GROUPS) {
      this.#skipped++;
      return -1;
    }
    const labels = Object.fromEntries(this.#groupBy.map((grouping, at) => [attributeText(grouping), values[at]!]));
    this.groups.push({ labels, example: counted, firstMs: Infinity });
    this.#byKey.set(key, this.groups.length - 1);
    for (const [label, value] of Object.entries(labels)) {
      (this.groupsWith(label, value) as number[]).push(this.groups.length - 1);
    }
    return this.groups.length - 1;
  }
}
