/** When what rules tell apart was seen: since when, how often, and how long it pauses. */
import type { TimeRange } from "../../store/time-range.ts";
import { Groups } from "../counting/groups.ts";
import type { Grouped } from "../counting/groups.ts";
import type { CountedSeries } from "../counting/series.ts";
import { Pauses } from "./pauses.ts";

export interface Sighting {
  /** Infinity where what was seen turned out to be another's. */
  firstMs: number;
  /** The end of the time in which it was seen last. */
  lastMs: number;
  /** Requests and connections since the first. */
  requests: number;
  /** Undefined where no rule asks for them. */
  readonly pauses: Pauses | undefined;
}

export class Sightings extends Groups {
  /** By group. */
  readonly seen: Sighting[] = [];
  readonly #hasPauses: boolean;

  constructor(number: number, { hasPauses, ...grouped }: Grouped & { readonly hasPauses: boolean }) {
    super(number, grouped);
    this.#hasPauses = hasPauses;
  }

  /** @param count how many more there were; below 0 where the server's sidecar says that somebody else asked */
  add(series: CountedSeries, { fromMs, toMs }: TimeRange, count: number): void {
    const seen = this.#of(series);
    if (!seen) return;
    seen.requests += count;
    if (seen.requests <= 0) {
      seen.requests = 0;
      seen.firstMs = Infinity;
    } else if (count > 0) {
      seen.firstMs = Math.min(seen.firstMs, fromMs);
      seen.lastMs = Math.max(seen.lastMs, toMs);
    }
  }

  pausesOf(series: CountedSeries): Pauses | undefined {
    return this.#hasPauses ? this.#of(series)?.pauses : undefined;
  }

  #of(series: CountedSeries): Sighting | undefined {
    const group = this.groupOf(series);
    if (group < 0) return undefined;
    return (this.seen[group] ??= {
      firstMs: Infinity,
      lastMs: -Infinity,
      requests: 0,
      pauses: this.#hasPauses ? new Pauses() : undefined,
    });
  }
}
