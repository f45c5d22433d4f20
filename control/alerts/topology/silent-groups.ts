/** Workloads whose sidecars are heard, told apart as a rule does. */
import { Groups } from "../counting/groups.ts";
import type { Grouped } from "../counting/groups.ts";
import type { CountedSeries } from "../counting/series.ts";
import type { Silence } from "./silence.ts";

export interface SilentGroupsOptions extends Grouped {
  /** In the order in which they were heard first; it grows. */
  readonly silences: readonly Silence[];
  /** What a workload is at both ends of; undefined where there is no room. */
  readonly seriesOf: (workload: string) => CountedSeries | undefined;
}

export class SilentGroups extends Groups {
  readonly #silences: readonly Silence[];
  readonly #seriesOf: (workload: string) => CountedSeries | undefined;
  #members: Silence[][] = [];
  #placed = 0;
  #placedIn = 0;

  constructor(number: number, { silences, seriesOf, ...grouped }: SilentGroupsOptions) {
    super(number, grouped);
    this.#silences = silences;
    this.#seriesOf = seriesOf;
  }

  /** The workloads of a group. */
  of(group: number): readonly Silence[] {
    return this.#members[group] ?? [];
  }

  /** Places workloads that were heard since, and all of them where nodes were named anew. */
  fit(): void {
    if (this.#placedIn !== this.generation) {
      this.#placedIn = this.generation;
      this.#members = [];
      this.#placed = 0;
    }
    for (; this.#placed < this.#silences.length; this.#placed++) {
      const silence = this.#silences[this.#placed]!;
      const series = this.#seriesOf(silence.workload);
      const group = series ? this.groupOf(series) : -1;
      if (group >= 0) (this.#members[group] ??= []).push(silence);
    }
  }
}
