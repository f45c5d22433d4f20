import { BUCKET_COUNT } from "../../world/histogram.ts";
import { timingsOf } from "../timings.ts";
import type { Timings, TimingsQuestion } from "../timings.ts";

/**
 * What was timed in each step and in each series as a whole: percentiles, and how much was slow. It comes of histograms that are read in order, so
 * that of all that there may be one of a step and one of a series are in memory.
 */
export class Latencies {
  readonly #points: number;
  readonly #question: TimingsQuestion;
  readonly #ofSteps = new Map<number, Timings>();
  readonly #ofSeries = new Map<number, Timings>();
  /** The number of the step, of all steps of all series, that is being read; and its histogram. */
  #step = -1;
  #buckets: number[] = [];
  readonly #series = new Float64Array(BUCKET_COUNT);

  /** @param question steps of each series, and what is told of them */
  constructor(question: TimingsQuestion & { readonly points: number }) {
    this.#points = question.points;
    this.#question = question;
  }

  /** Reads everything that `latenciesSql` gives. */
  async read(columns: AsyncIterable<readonly (readonly unknown[])[]>): Promise<void> {
    for await (const [places = [], timed = []] of columns) {
      for (let at = 0; at < places.length; at++) this.#add(places[at] as number, timed[at] as number);
    }
    this.#endStep(-1);
  }

  ofStep(series: number, slot: number): Timings {
    return this.#ofSteps.get(series * this.#points + slot) ?? timingsOf([], this.#question);
  }

  ofSeries(series: number): Timings {
    return this.#ofSeries.get(series) ?? timingsOf([], this.#question);
  }

  #add(place: number, timed: number): void {
    const step = Math.floor(place / BUCKET_COUNT);
    if (step !== this.#step) this.#endStep(step);
    const bucket = place % BUCKET_COUNT;
    this.#buckets.push(bucket, timed);
    this.#series[bucket]! += timed;
  }

  #endStep(next: number): void {
    const [series, nextSeries] = [this.#seriesOf(this.#step), this.#seriesOf(next)];
    if (this.#buckets.length > 0) this.#ofSteps.set(this.#step, timingsOf(this.#buckets, this.#question));
    this.#step = next;
    this.#buckets = [];
    if (series < 0 || series === nextSeries) return;
    const all = [...this.#series].flatMap((timed, bucket) => (timed > 0 ? [bucket, timed] : []));
    this.#ofSeries.set(series, timingsOf(all, this.#question));
    this.#series.fill(0);
  }

  #seriesOf(step: number): number {
    return Math.floor(step / this.#points);
  }
}
