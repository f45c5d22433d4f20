import type { Filters } from "../../world/filters.ts";
import type { Column } from "../counting/column.ts";

/** The groups of a column that a rule is about, looked up once each. */
export class MatchedGroups {
  readonly #column: Column;
  readonly #filters: Filters;
  #groups: number[] = [];
  #seen = 0;
  #generation = 0;

  /** @param filters conditions on what the column groups by */
  constructor(column: Column, filters: Filters) {
    this.#column = column;
    this.#filters = filters;
  }

  get(): readonly number[] {
    const { groups, generation } = this.#column;
    if (this.#generation !== generation) {
      this.#generation = generation;
      this.#groups = [];
      this.#seen = 0;
    }
    for (; this.#seen < groups.length; this.#seen++) {
      const isMeant = this.#filters.isEmpty || this.#column.match(this.#filters, groups[this.#seen]!.example);
      if (isMeant) this.#groups.push(this.#seen);
    }
    return this.#groups;
  }
}
