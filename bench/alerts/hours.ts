/** Hours as the history would have them: what rules learn from. */
import type { CountedStep } from "../../control/alerts/engine.ts";
import { mergeBuckets } from "../../control/world/histogram.ts";
import type { Buckets } from "../../control/world/histogram.ts";

const HOUR_MS = 3_600_000;

type Count = CountedStep["counts"][number];

/** Adds ten seconds up to hours. */
export class Hours {
  #atMs = -Infinity;
  readonly #counts = new Map<string, { series: Count["series"]; outcomes: number[]; buckets: Buckets }>();

  /** @returns the hour before, where a new one begins */
  add({ atMs, counts }: CountedStep): CountedStep | undefined {
    const hourMs = Math.floor(atMs / HOUR_MS) * HOUR_MS;
    const finished = hourMs > this.#atMs && this.#counts.size > 0 ? this.#take() : undefined;
    this.#atMs = hourMs;
    for (const { series, outcomes, buckets } of counts) {
      const key = `${series.client} ${series.server} ${series.route}`;
      const known = this.#counts.get(key);
      if (!known) {
        this.#counts.set(key, { series, outcomes: [...Array.from(outcomes)], buckets });
        continue;
      }
      known.outcomes.forEach((_, at) => (known.outcomes[at]! += outcomes[at]!));
      known.buckets = mergeBuckets(known.buckets, buckets);
    }
    return finished;
  }

  #take(): CountedStep {
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    return { atMs: this.#atMs, counts };
  }
}
