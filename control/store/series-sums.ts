import { OUTCOMES, outcomePosition, outcomesOf } from "../world/outcomes.ts";
import type { CheckedSeries } from "./questions.ts";
import type { PlannedSeries } from "./series-groups.ts";
import { seriesOf } from "./series-rank.ts";
import type { Series, SeriesPoint, TimeRange } from "./store.ts";
import type { CounterRow } from "./counter-row.ts";
import { Cut, NEAREST, addShares, sorted } from "./shares.ts";
import { timingsOf } from "./timings.ts";
import type { TimingsQuestion } from "./timings.ts";

/** Sums counters into one series. */
export class SeriesSums {
  readonly #planned: PlannedSeries;
  readonly #question: CheckedSeries;
  /** By the number of the step; made when something is first counted in it. */
  readonly #slots = new Map<number, Slot>();

  constructor(planned: PlannedSeries, question: CheckedSeries) {
    this.#planned = planned;
    this.#question = question;
  }

  /** @param bucketsOf what a row has timed; asked only where that is a latency */
  add<R extends CounterRow>(row: R, bucketsOf: (row: R) => readonly number[]): void {
    const { range, firstMs, stepMs, points } = this.#question;
    const { key, startMs, durationMs } = row;
    // Neither connections nor what went on as another protocol (status 101) has a latency, as in world/.
    const isTimed = this.#planned.isOfTcp || (key.protocol !== "tcp" && key.status !== 101);
    const fromMs = Math.max(startMs, row.fromMs);
    const toMs = Math.min(startMs + durationMs, row.toMs);
    const buckets = isTimed ? bucketsOf(row) : [];
    for (let at = Math.floor((fromMs - firstMs) / stepMs); at < points; at++) {
      const slotFromMs = firstMs + at * stepMs;
      if (slotFromMs >= toMs) break;
      this.#slot(at).add(row, buckets, { fromMs: slotFromMs, toMs: Math.min(range.toMs, slotFromMs + stepMs) });
    }
  }

  series(): Series {
    const { firstMs, stepMs, points } = this.#question;
    const nothing = new Slot();
    const all = new Map<number, number>();
    for (const slot of this.#slots.values()) {
      for (const [index, count] of slot.buckets) all.set(index, (all.get(index) ?? 0) + count);
    }
    const each = Array.from({ length: points }, (_, at) =>
      (this.#slots.get(at) ?? nothing).point(firstMs + at * stepMs, this.#question),
    );
    return seriesOf(this.#planned, each, timingsOf(sorted(all), this.#question));
  }

  #slot(at: number): Slot {
    const known = this.#slots.get(at);
    if (known) return known;
    const slot = new Slot();
    this.#slots.set(at, slot);
    return slot;
  }
}

/** The sums of one step. */
class Slot {
  /** In the order of OUTCOMES. */
  readonly #outcomes = OUTCOMES.map(() => 0);
  readonly buckets = new Map<number, number>();
  #requestBytes = 0;
  #responseBytes = 0;

  add(row: CounterRow, buckets: readonly number[], stretch: TimeRange): void {
    const cut = new Cut(row, stretch);
    this.#outcomes[outcomePosition(row.key.outcome)]! += cut.share(row.count, NEAREST);
    this.#requestBytes += cut.share(row.requestBytes, NEAREST);
    this.#responseBytes += cut.share(row.responseBytes, NEAREST);
    addShares(this.buckets, buckets, cut);
  }

  point(atMs: number, question: TimingsQuestion): SeriesPoint {
    return {
      atMs,
      outcomes: outcomesOf(this.#outcomes),
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      ...timingsOf(sorted(this.buckets), question),
    };
  }
}
