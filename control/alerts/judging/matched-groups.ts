import { factsOfCounted } from "../../world/counted.ts";
import type { Filters } from "../../world/filters.ts";
import type { Column } from "../counting/column.ts";

/** The groups of a column that a rule is about, looked up once each. */
export class MatchedGroups {
  readonly #column: Column;
  readonly #filters: Filters;
  readonly #groups: number[] = [];
  #seen = 0;

  /** @param filters conditions on what the column groups by */
  constructor(column: Column, filters: Filters) {
    this.#column = column;
    this.#filters = filters;
  }

  get(): readonly number[] {
    const { groups } = this.#column;
    for (; this.#seen < groups.length; this.#seen++) {
      const group = groups[this.#seen]!;
      if (this.#filters.isEmpty || this.#filters.match(factsOfCounted(group.example))) this.#groups.push(this.#seen);
    }
    return this.#groups;
  }
}
