import { Counter, Histogram } from "prom-client";
import type { Registry } from "prom-client";
import { scrapedMetrics } from "./ingest/scraped-metrics.ts";

/** The stages of the way from the inbox to the world and the store. */
export type Stage = "read" | "identity" | "routes" | "world" | "store" | "expire";

/** What the pipeline is asked for at a scrape. */
export interface PipelineState {
  /** Entries in the inbox that the world, the store do not have yet. */
  readonly worldLag: number;
  readonly storeLag: number;
  /** How long ago the oldest of those that the store lacks came. */
  readonly storeLagSeconds: number;
  /** How often a host outside had to share the node `external/~other`. */
  readonly externalHostsCut: number;
}

export class PipelineMetrics {
  readonly #stages: Histogram<"stage">;
  readonly #windows: Counter<"target">;
  readonly #failures: Counter;
  readonly #unreadable: Counter;
  readonly #clamped: Counter<"direction">;
  readonly #freshness: Histogram;

  constructor(registry: Registry, state: () => PipelineState) {
    const registers = [registry];
    this.#stages = new Histogram({
      name: "sidelight_pipeline_stage_seconds",
      help: "Time that a stage took for one group of windows.",
      labelNames: ["stage"],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
      registers,
    });
    this.#windows = new Counter({
      name: "sidelight_pipeline_windows_total",
      help: "Windows handed on, by target.",
      labelNames: ["target"],
      registers,
    });
    this.#failures = new Counter({
      name: "sidelight_pipeline_store_failures_total",
      help: "Writes that the store refused; each is tried again.",
      registers,
    });
    this.#unreadable = new Counter({
      name: "sidelight_pipeline_unreadable_entries_total",
      help: "Entries of the inbox that could not be read, or not be taken by the world, and were passed over.",
      registers,
    });
    this.#clamped = new Counter({
      name: "sidelight_pipeline_clamped_windows_total",
      help: "Windows that were moved to a time that can be, by where their reporter's clock had put them.",
      labelNames: ["direction"],
      registers,
    });
    this.#freshness = new Histogram({
      name: "sidelight_pipeline_window_age_seconds",
      help: "From the end of a window to its being in the world.",
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 15, 60, 600],
      registers,
    });
    registerState(registry, state);
  }

  /** Times a stage. */
  time<T>(stage: Stage, work: () => T): T {
    const startedAt = performance.now();
    try {
      return work();
    } finally {
      this.#stages.observe({ stage }, (performance.now() - startedAt) / 1000);
    }
  }

  /** Times a stage that waits. */
  async timeAsync<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#stages.observe({ stage }, (performance.now() - startedAt) / 1000);
    }
  }

  handedOn(target: "world" | "store", windows: number): void {
    this.#windows.inc({ target }, windows);
  }

  storeFailed(): void {
    this.#failures.inc();
  }

  unreadable(): void {
    this.#unreadable.inc();
  }

  clamped(direction: "future" | "past"): void {
    this.#clamped.inc({ direction });
  }

  /** `ageMs`: from the end of a window to now. */
  fresh(ageMs: number): void {
    this.#freshness.observe(Math.max(0, ageMs) / 1000);
  }
}

function registerState(registry: Registry, state: () => PipelineState): void {
  const { gaugeBy, counter } = scrapedMetrics(registry);
  gaugeBy("sidelight_pipeline_lag_batches", "Durable batches that a target does not have yet.", {
    label: "target",
    read: () => {
      const { worldLag, storeLag } = state();
      return Object.entries({ world: worldLag, store: storeLag });
    },
  });
  gaugeBy(
    "sidelight_pipeline_lag_seconds",
    "How long ago the oldest batch came that a target does not have yet; 0 where it has all.",
    { label: "target", read: () => [["store", state().storeLagSeconds]] },
  );
  counter(
    "sidelight_identity_external_hosts_cut_total",
    "Times that a host outside had to share the node external/~other.",
    () => state().externalHostsCut,
  );
}
