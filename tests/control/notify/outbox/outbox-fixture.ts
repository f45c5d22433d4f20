/** An outbox on a real database, with receivers that do as they are told and a clock that stands. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { Registry } from "prom-client";
import { AlertDb } from "../../../../control/alerts/alert-db.ts";
import { NotifyError } from "../../../../control/notify/notification.ts";
import type { Failure, Notification, Repeat } from "../../../../control/notify/notification.ts";
import { Outbox } from "../../../../control/notify/outbox/outbox.ts";
import type { Receiver } from "../../../../control/notify/receivers.ts";
import { ManualClock } from "./manual-clock.ts";

/** A receiver that takes everything until it is told otherwise. */
export class FakeReceiver {
  readonly got: Notification[] = [];
  /** What becomes of the next ones: an error, or "hang". */
  fate: NotifyError | "hang" | undefined;
  readonly receiver: Receiver;

  constructor(name: string, more: Partial<Receiver> = {}, repeat?: Repeat) {
    const send = async (notification: Notification): Promise<void> => {
      this.got.push(notification);
      if (this.fate === "hang") await new Promise(() => {});
      if (this.fate) throw this.fate as NotifyError;
    };
    const notifier = { send, ...(repeat && { repeat }) };
    const limits = { maxPerMinute: 1_000, timeoutMs: 10_000, giveUpAfterMs: 86_400_000 };
    this.receiver = { name, kind: "webhook", notifier, ...limits, ...more };
  }

  get ids(): string[] {
    return this.got.map(({ id, mayBeRepeated }) => (mayBeRepeated ? `${id} again` : id));
  }
}

export function failure(reason: Failure, retryAfterMs?: number): NotifyError {
  return new NotifyError(`it ${reason}`, reason, { retryAfterMs });
}

export class OutboxFixture {
  readonly #folder = mkdtempSync(join(tmpdir(), "sidelight-outbox-"));
  readonly clock = new ManualClock();
  db = new AlertDb(join(this.#folder, "alerts"));
  registry = new Registry();
  outbox: Outbox;

  constructor(private readonly receivers: readonly FakeReceiver[]) {
    this.outbox = this.#open();
  }

  /** To all receivers. */
  async tell(...notifications: readonly Notification[]): Promise<void> {
    const names = this.receivers.map(({ receiver }) => receiver.name);
    await this.outbox.tell(notifications.map((notification) => ({ notification, receivers: names })));
    await this.settle();
  }

  /** Waits until nothing happens by itself any more. */
  async settle(): Promise<void> {
    for (let round = 0; round < 12; round++) {
      await this.db.write(() => {});
      await turn();
    }
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms, () => this.settle());
    await this.settle();
  }

  async restart(): Promise<void> {
    await this.outbox.close();
    await this.db.close();
    this.db = new AlertDb(join(this.#folder, "alerts"));
    this.registry = new Registry();
    this.outbox = this.#open();
    await this.settle();
  }

  /** The value of a counter; 0 where it has not counted. */
  async counted(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const metric = await this.registry.getSingleMetric(`sidelight_notify_${name}`)!.get();
    const isMeant = (has: Readonly<Record<string, unknown>>): boolean =>
      Object.entries(labels).every(([label, value]) => has[label] === value);
    return metric.values.filter((each) => isMeant(each.labels)).reduce((sum, { value }) => sum + value, 0);
  }

  async end(): Promise<void> {
    await this.outbox.close();
    await this.db.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #open(): Outbox {
    const receivers = this.receivers.map(({ receiver }) => receiver);
    return new Outbox({ db: this.db, clock: this.clock, registry: this.registry, receivers });
  }
}

/** Runs with an outbox of these receivers, and ends it whatever comes. */
export async function withOutbox(
  receivers: FakeReceiver[],
  run: (fixture: OutboxFixture) => Promise<void>,
): Promise<void> {
  const fixture = new OutboxFixture(receivers);
  try {
    await run(fixture);
  } finally {
    await fixture.end();
  }
}
