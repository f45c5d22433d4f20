import { Counter, Gauge, Histogram } from "prom-client";
import type { Registry } from "prom-client";
import type { InboxStatus } from "./inbox.ts";
import { scrapedMetrics } from "./scraped-metrics.ts";
import { BATCH_FAULTS } from "./validate.ts";
import type { BatchFault } from "./validate.ts";

/** What became of a batch that came in. */
export type BatchResult = "accepted" | "duplicate" | "quarantined" | "refused";

/** Control's own numbers about what comes in. */
export class IngestMetrics {
  readonly #batches: Counter<"result">;
  readonly #faults: Counter<"fault">;
  readonly #bytes: Counter;
  readonly #missing: Counter;
  readonly #vanished: Counter;
  readonly #rejected: Counter<"reason">;
  readonly #streams: Gauge;
  readonly #commits: Histogram;
  readonly #commitFailures: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#batches = new Counter({
      name: "sidelight_ingest_batches_total",
      help: "Batches received, by what became of them.",
      labelNames: ["result"],
      registers,
    });
    this.#faults = new Counter({
      name: "sidelight_ingest_quarantined_batches_total",
      help: "Batches put aside since they cannot be counted, by what is wrong with them.",
      labelNames: ["fault"],
      registers,
    });
    for (const fault of BATCH_FAULTS) this.#faults.inc({ fault }, 0);
    this.#bytes = new Counter({
      name: "sidelight_ingest_received_bytes_total",
      help: "Bytes of batches received.",
      registers,
    });
    this.#missing = new Counter({
      name: "sidelight_ingest_missing_batches_total",
      help: "Batches that never came, seen from a gap between two sequences.",
      registers,
    });
    this.#vanished = new Counter({
      name: "sidelight_ingest_vanished_reporters_total",
      help: "Reporters that ended without a last word, seen from another process under their node id.",
      registers,
    });
    this.#rejected = new Counter({
      name: "sidelight_ingest_rejected_streams_total",
      help: "Streams that control closed, by reason.",
      labelNames: ["reason"],
      registers,
    });
    this.#streams = new Gauge({ name: "sidelight_ingest_streams", help: "Open streams of reporters.", registers });
    this.#commits = new Histogram({
      name: "sidelight_inbox_commit_seconds",
      help: "Time of one commit of the inbox, with its sync to disk.",
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    this.#commitFailures = new Counter({
      name: "sidelight_inbox_commit_failures_total",
      help: "Commits of the inbox that the disk refused.",
      registers,
    });
  }

  batch(result: BatchResult, bytes: number): void {
    this.#batches.inc({ result });
    this.#bytes.inc(bytes);
  }

  quarantined(fault: BatchFault): void {
    this.#faults.inc({ fault });
  }

  missing(batches: number): void {
    this.#missing.inc(batches);
  }

  vanished(reporters: number): void {
    this.#vanished.inc(reporters);
  }

  rejected(reason: string): void {
    this.#rejected.inc({ reason });
  }

  streams(open: number): void {
    this.#streams.set(open);
  }

  commit(seconds: number, isFailure: boolean): void {
    if (isFailure) this.#commitFailures.inc();
    else this.#commits.observe(seconds);
  }
}

/** Gauges that are read from the inbox when they are asked for. */
export function registerInboxMetrics(registry: Registry, status: () => InboxStatus): void {
  const { gauge } = scrapedMetrics(registry);
  gauge("sidelight_inbox_bytes", "Bytes of batches in the inbox.", () => status().bytes);
  gauge("sidelight_inbox_max_bytes", "Bytes past which the inbox takes nothing more.", () => status().maxBytes);
  gauge("sidelight_inbox_high_water_marks", "Reporter instances that the inbox remembers.", () => status().marks);
}
