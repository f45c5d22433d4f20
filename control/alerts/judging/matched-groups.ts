import { attributeText } from "../../world/filter-text.ts";
import type { Filter, Filters } from "../../world/filters.ts";
import type { Groups } from "../counting/groups.ts";

/** The groups that a rule is about, looked up once each. */
export class MatchedGroups {
  readonly #all: Groups;
  readonly #filters: Filters;
  /** Those that may be meant; undefined for all. */
  readonly #candidates: readonly number[] | undefined;
  readonly #except: ReadonlySet<string>;
  #groups: number[] = [];
  #seen = 0;
  #generation = 0;

  /**
   * @param filters conditions on what tells them apart
   * @param except ids of workloads that are not meant
   */
  constructor(all: Groups, filters: Filters, except: readonly string[] = []) {
    this.#all = all;
    this.#except = new Set(except);
    this.#filters = filters;
    const exact = filters.toJSON().find((filter) => isExact(filter) && all.labels.includes(attributeText(filter)));
    this.#candidates = exact && all.groupsWith(attributeText(exact), exact.value);
  }

  get(): readonly number[] {
    const { groups, generation } = this.#all;
    if (this.#generation !== generation) {
      this.#generation = generation;
      this.#groups = [];
      this.#seen = 0;
    }
    const count = this.#candidates?.length ?? groups.length;
    for (; this.#seen < count; this.#seen++) {
      const group = this.#candidates?.[this.#seen] ?? this.#seen;
      const { labels, example } = groups[group]!;
      const isLeft = this.#except.has(labels["workload"] ?? labels["server.workload"] ?? "");
      const isMeant = !isLeft && (this.#filters.isEmpty || this.#all.match(this.#filters, example));
      if (isMeant) this.#groups.push(group);
    }
    return this.#groups;
  }
}

/** Whether only one value of a label can be meant: a workload has its id for a label, and may be named without namespace. */
function isExact({ attribute, operator, value }: Filter): boolean {
  return operator === "=" && (attribute !== "workload" || value.includes("/"));
}
