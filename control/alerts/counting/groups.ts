/** What is counted, told apart: the groups that all that matches the same conditions falls into. */
import { factsOfCounted } from "../../world/counted.ts";
import type { Counted, Grouping } from "../../world/counted.ts";
import { attributeText } from "../../world/filter-text.ts";
import type { Filters } from "../../world/filters.ts";
import { TooMuchWork } from "../../world/pattern.ts";
import type { CountedSeries } from "./series.ts";

/** Groups at most that are told apart; what belongs to further ones is not judged, and counted. */
const MAX_GROUPS = 100_000;

/** One group: what it is called, and one thing that was counted in it, to judge filters by. */
export interface Group {
  readonly labels: Readonly<Record<string, string>>;
  /** The first that was seen; conditions on the attributes of the grouping hold for all of a group or for none. */
  readonly example: Counted;
  /** When the first was counted that is known, milliseconds since the epoch. */
  firstMs: number;
}

export interface Grouped {
  /** What it counts. */
  readonly filters: Filters;
  /** What tells its groups apart. */
  readonly groupBy: readonly Grouping[];
}

export class Groups {
  readonly groups: Group[] = [];
  readonly #byKey = new Map<string, number>();
  /** Groups by a label and its value, so that ten thousand rules about one workload each do not ask all of them. */
  readonly #byLabel = new Map<string, number[]>();
  #skipped = 0;
  #generation = 0;

  readonly #filters: Filters;
  readonly #groupBy: readonly Grouping[];

  /** @param number its place among all that tell what is counted apart */
  constructor(
    readonly number: number,
    { filters, groupBy }: Grouped,
  ) {
    this.#filters = filters;
    this.#groupBy = groupBy;
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

  /** The group of a series; -1 where it belongs to none. */
  groupOf(series: CountedSeries): number {
    return (series.groups[this.number] ??= this.#find(series));
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
