import { Counter } from "prom-client";
import type { Registry } from "prom-client";
import { scrapedMetrics } from "../../ingest/scraped-metrics.ts";
import type { Failure } from "../notification.ts";
import type { Pace, Tally } from "./tally.ts";

/**
 * Why something was not said: the outbox was full, it was over before it could be said, what is newer took its place, its receiver
 * is gone, dead letters were too many, or somebody dropped it.
 */
export type DropReason = "overflow" | "paired" | "superseded" | "receiverGone" | "deadOverflow" | "byHand";

/** What waits for one receiver, and how it has fared since control started. */
export interface ReceiverStatus extends Readonly<Tally>, Pace {
  readonly receiver: string;
  readonly waiting: number;
  readonly dead: number;
  /** When the oldest of what waits began to, milliseconds since the epoch; null for nothing. */
  readonly oldestMs: number | null;
}

/** Control's own numbers about notifications. */
export class OutboxMetrics {
  readonly #sent: Counter<"receiver" | "state">;
  readonly #failures: Counter<"receiver" | "reason">;
  readonly #retries: Counter<"receiver">;
  readonly #dead: Counter<"receiver">;
  readonly #dropped: Counter<"receiver" | "reason">;
  readonly #writeFailures: Counter;

  /** @param status what waits, read at the scrape */
  constructor(registry: Registry, status: () => readonly ReceiverStatus[], nowMs: () => number) {
    const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
      new Counter({ name: `sidelight_notify_${name}`, help, labelNames, registers: [registry] });
    this.#sent = counter("sent_total", "Notifications that a receiver took, by state of the incident.", [
      "receiver",
      "state",
    ]);
    this.#failures = counter("failures_total", "Tries that failed, by reason.", ["receiver", "reason"]);
    this.#retries = counter("retries_total", "Tries after a failed one.", ["receiver"]);
    this.#dead = counter("dead_letters_total", "Notifications that became dead letters.", ["receiver"]);
    this.#dropped = counter("dropped_total", "Notifications that were never said, by reason.", ["receiver", "reason"]);
    this.#writeFailures = counter("write_failures_total", "Writes of the outbox that the disk refused.", []);
    const { gaugeBy } = scrapedMetrics(registry);
    const gauge = (name: string, help: string, read: (status: ReceiverStatus) => number): void =>
      gaugeBy(`sidelight_notify_${name}`, help, {
        label: "receiver",
        read: () => status().map((each) => [each.receiver, read(each)] as const),
      });
    gauge("waiting", "Notifications that wait to be taken.", ({ waiting }) => waiting);
    gauge("dead_letters", "Dead letters that lie there.", ({ dead }) => dead);
    gauge("oldest_waiting_seconds", "How long the oldest of what waits has been waiting.", ({ oldestMs }) =>
      oldestMs === null ? 0 : Math.max(0, nowMs() - oldestMs) / 1_000,
    );
  }

  sent(receiver: string, state: "firing" | "resolved"): void {
    this.#sent.inc({ receiver, state });
  }

  failed(receiver: string, reason: Failure): void {
    this.#failures.inc({ receiver, reason });
  }

  retried(receiver: string): void {
    this.#retries.inc({ receiver });
  }

  died(receiver: string): void {
    this.#dead.inc({ receiver });
  }

  dropped(receiver: string, reason: DropReason, count = 1): void {
    this.#dropped.inc({ receiver, reason }, count);
  }

  writeFailed(): void {
    this.#writeFailures.inc();
  }
}
