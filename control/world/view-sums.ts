import { CounterSums } from "./counter-sums.ts";
import type { Counts } from "./counter-sums.ts";
import { VIEWS } from "./reporter-rule.ts";
import type { View } from "./reporter-rule.ts";

const NOTHING = new CounterSums();

/** Sums of the window, kept for each view apart, since the reporter rule may pick other views at any time. */
export class ViewSums {
  /** Made when a view is first counted in: most edges have two. */
  readonly #views: (CounterSums | undefined)[] = VIEWS.map(() => undefined);

  /** Adds a counter to its view; -1 takes it out again. */
  add(view: View, counts: Counts, times: 1 | -1): void {
    (this.#views[view] ??= new CounterSums()).add(counts, times);
  }

  /** Adds the sums of another one, view by view. */
  merge(other: ViewSums): void {
    other.#views.forEach((sums, view) => {
      if (sums) (this.#views[view] ??= new CounterSums()).merge(sums);
    });
  }

  get isEmpty(): boolean {
    return this.#views.every((sums) => !sums || sums.isEmpty);
  }

  /** The sums of some views together. To be read at once and not kept: they change with the next `add`. */
  shown(views: readonly View[]): CounterSums {
    let first: CounterSums | undefined;
    let merged: CounterSums | undefined;
    for (const view of views) {
      const sums = this.#views[view];
      if (!sums || sums.isEmpty) continue;
      if (!first) {
        first = sums;
        continue;
      }
      if (!merged) {
        merged = new CounterSums();
        merged.merge(first);
      }
      merged.merge(sums);
    }
    return merged ?? first ?? NOTHING;
  }
}
