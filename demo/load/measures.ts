/** What the load measures: counts, latencies and how the count grew over time. */

/** Latencies that quantiles are taken over: the last ones. */
const MAX_SAMPLES = 65_536;
/** Points of the timeline: ten minutes at one each 100 ms. */
const MAX_POINTS = 6_000;

export interface Measured {
  /** Requests that reached the shop's edge, whatever came of them. */
  readonly sent: number;
  /** Requests whose connection broke before a byte of an answer: they may have reached the edge. Not in `sent`. */
  readonly unclear: number;
  /** Answers by status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Requests without an answer, sent or not. */
  readonly failed: number;
  /** Requests that fell due and were never tried, since too many were under way or the load itself stalled. */
  readonly skipped: number;
  readonly inFlight: number;
  /** Of the last answers, in milliseconds; null before the first. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** [milliseconds since the epoch, requests completed by then], the last ten minutes. */
  readonly timeline: readonly (readonly [number, number])[];
}

export class Measures {
  #sent = 0;
  #unclear = 0;
  #failed = 0;
  #skipped = 0;
  #inFlight = 0;
  readonly #byStatus = new Map<number, number>();
  readonly #samples = new Float64Array(MAX_SAMPLES);
  #sampled = 0;
  readonly #timeline: [number, number][] = [];

  get inFlight(): number {
    return this.#inFlight;
  }

  started(): void {
    this.#inFlight += 1;
  }

  answered(status: number, latencyMs: number): void {
    this.#inFlight -= 1;
    this.#sent += 1;
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    this.#samples[this.#sampled++ % MAX_SAMPLES] = latencyMs;
  }

  failed(fate: "unsent" | "sent" | "unclear"): void {
    this.#inFlight -= 1;
    this.#failed += 1;
    if (fate === "sent") this.#sent += 1;
    if (fate === "unclear") this.#unclear += 1;
  }

  skipped(count: number): void {
    this.#skipped += count;
  }

  /** Notes how far the count has come. */
  mark(epochMs: number): void {
    this.#timeline.push([epochMs, this.#sent]);
    if (this.#timeline.length > MAX_POINTS) this.#timeline.shift();
  }

  snapshot(): Measured {
    const samples = this.#samples.slice(0, Math.min(this.#sampled, MAX_SAMPLES)).sort();
    return {
      sent: this.#sent,
      unclear: this.#unclear,
      byStatus: Object.fromEntries(this.#byStatus),
      failed: this.#failed,
      skipped: this.#skipped,
      inFlight: this.#inFlight,
      p50Ms: quantile(samples, 0.5),
      p95Ms: quantile(samples, 0.95),
      p99Ms: quantile(samples, 0.99),
      timeline: this.#timeline.map(([epochMs, completed]) => [epochMs, completed] as const),
    };
  }
}

/** The nearest-rank quantile of sorted values. */
function quantile(sorted: Float64Array, q: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? null;
}
