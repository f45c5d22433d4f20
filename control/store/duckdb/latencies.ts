import { BUCKET_COUNT, quantile } from "../../world/histogram.ts";

/**
 * Percentiles of each step and of each series as a whole, in milliseconds. They come of histograms that are read in order, so
 * that of all that there may be one of a step and one of a series are in memory.
 */
export class Latencies {
  readonly #points: number;
  readonly #percentiles: readonly number[];
  readonly #ofSteps = new Map<number, readonly number[]>();
  readonly #ofSeries = new Map<number, readonly number[]>();
  /** The number of the step, of all steps of all series, that is being read; and its histogram. */
  #step = -1;
  #buckets: number[] = [];
  readonly #series = new Float64Array(BUCKET_COUNT);

  /** @param question steps of each series, and the percentiles */
  constructor({ points, percentiles }: { readonly points: number; readonly percentiles: readonly number[] }) {
    this.#points = points;
    this.#percentiles = percentiles;
  }

  /** Reads everything that `latenciesSql` gives. */
  async read(columns: AsyncIterable<readonly (readonly unknown[])[]>): Promise<void> {
    for await (const [places = [], timed = []] of columns) {
      for (let at = 0; at < places.length; at++) this.#add(places[at] as number, timed[at] as number);
    }
    this.#endStep(-1);
  }

  /** Empty where nothing was timed. */
  ofStep(series: number, slot: number): readonly number[] {
    return this.#ofSteps.get(series * this.#points + slot) ?? [];
  }

  ofSeries(series: number): readonly number[] {
    return this.#ofSeries.get(series) ?? [];
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
    if (this.#buckets.length > 0) this.#ofSteps.set(this.#step, this.#latencyOf(this.#buckets));
    this.#step = next;
    this.#buckets = [];
    if (series < 0 || series === nextSeries) return;
    const all = [...this.#series].flatMap((timed, bucket) => (timed > 0 ? [bucket, timed] : []));
    this.#ofSeries.set(series, this.#latencyOf(all));
    this.#series.fill(0);
  }

  #seriesOf(step: number): number {
    return Math.floor(step / this.#points);
  }

  #latencyOf(buckets: readonly number[]): number[] {
    return this.#percentiles.map((share) => quantile(buckets, share)! / 1_000);
  }
}
