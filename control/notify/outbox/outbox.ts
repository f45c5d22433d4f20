/**
 * What is to be said, kept on disk until each receiver has taken it. Of each incident a receiver hears once that it fires, once more
 * when it gets worse, and once that it is over, whatever happens to control; where control cannot know whether it was heard, it is said
 * again and says so. Receivers have a courier each, so none waits for another.
 */
import type { Registry } from "prom-client";
import type { AlertDb } from "../../alerts/alert-db.ts";
import type { Incident } from "../../alerts/alert.ts";
import type { Notification } from "../notification.ts";
import type { Receiver } from "../receivers.ts";
import { ended, isUnsaid, refresh, revive, take } from "./case.ts";
import type { Case } from "./case.ts";
import { CASE_LIMITS, Cases } from "./cases.ts";
import type { CaseChange } from "./cases.ts";
import type { Clock } from "./clock.ts";
import { Courier } from "./courier.ts";
import { NO_PACE } from "./tally.ts";
import type { Tally } from "./tally.ts";
import { OutboxMetrics } from "./outbox-metrics.ts";
import type { ReceiverStatus } from "./outbox-metrics.ts";

/** How long what waits for a receiver that is gone is kept, should it come back. */
const GONE_FOR_MS = 86_400_000;

/** Something to say, and to whom. */
export interface Telling {
  readonly notification: Notification;
  /** Names of receivers. That something is over goes to those that were told of it, whoever is named. */
  readonly receivers: readonly string[];
}

/** What a receiver did not take. */
export interface DeadLetter {
  readonly receiver: string;
  readonly notification: Notification;
  /** When it began to be tried, milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly tries: number;
  readonly why: string;
}

export interface OutboxOptions {
  readonly db: AlertDb;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly receivers: readonly Receiver[];
}

export class Outbox {
  readonly #cases: Cases;
  readonly #clock: Clock;
  readonly #metrics: OutboxMetrics;
  /** By the names of receivers, those that were replaced too. */
  readonly #tallies = new Map<string, Tally>();
  #couriers = new Map<string, Courier>();

  /** Goes on with what was not taken before. */
  constructor({ db, clock, registry, receivers }: OutboxOptions) {
    this.#cases = new Cases(db);
    this.#clock = clock;
    this.#metrics = new OutboxMetrics(
      registry,
      () => this.status(),
      () => clock.nowMs(),
    );
    this.#hire(receivers);
  }

  /**
   * Takes in what is to be said, in one transaction with what else is written. Resolves when it is durable; when the disk refuses,
   * nothing has changed, and the same may be given in again. What was taken in before is not taken twice.
   */
  async tell(tellings: readonly Telling[], alsoWrite?: () => void): Promise<void> {
    let counts: (() => void)[] = [];
    await this.#cases.update(() => {
      const draft = new Draft(this.#cases, this.#metrics, this.#clock.nowMs());
      for (const telling of tellings) draft.add(telling);
      counts = draft.counts;
      return draft.changes();
    }, alsoWrite);
    for (const count of counts) count();
    this.#wakeAll();
  }

  /** Incidents that still fire, as they are now: receivers that mirror what fires hear of it with the next repeat. */
  refresh(incidents: readonly { readonly incident: Incident; readonly mapUrl: string }[]): void {
    for (const { incident, mapUrl } of incidents) {
      for (const known of this.#cases.about(incident.id)) {
        const isMirror = this.#couriers.get(known.receiver)?.receiver.notifier.repeat !== undefined;
        const next = isMirror && known.next ? refresh(known, { ...known.next, incident, mapUrl }) : undefined;
        if (next) this.#cases.note({ receiver: known.receiver, incident: incident.id, next });
      }
    }
  }

  /**
   * Sends a test at once, past the outbox.
   * @throws NotifyError
   * @throws Error where there is no such receiver
   */
  async test(receiver: string, notification: Notification): Promise<void> {
    const courier = this.#couriers.get(receiver);
    if (!courier)
      throw new Error(`There is no receiver "${receiver}"; there are ${[...this.#couriers.keys()].join(", ")}`);
    await courier.send({ ...notification, isTest: true });
  }

  /** Other receivers from now on. What is under way is brought to its end; what waits for one that is gone waits on for a day. */
  async replaceReceivers(receivers: readonly Receiver[]): Promise<void> {
    const old = [...this.#couriers.values()];
    this.#hire(receivers);
    await Promise.all(old.map((courier) => courier.close()));
    await this.#forgetGone();
    // What the old ones brought to no end is for the new ones.
    this.#wakeAll();
  }

  /** Whether a receiver was told of an incident. */
  hasTold(incident: string): boolean {
    return this.#cases.about(incident).some(({ told }) => told !== "nothing");
  }

  /** Oldest first. */
  deadLetters(): DeadLetter[] {
    return this.#all()
      .filter(({ stage }) => stage === "dead")
      .sort((a, b) => a.sinceMs - b.sinceMs)
      .map(({ receiver, next, sinceMs, tries, why }) => ({ receiver, notification: next!, sinceMs, tries, why }));
  }

  /** Tries a dead letter again. @returns false where there is none */
  async resend(receiver: string, incident: string): Promise<boolean> {
    const nowMs = this.#clock.nowMs();
    const isThere = await this.#changeDead(receiver, incident, (known) => revive(known, nowMs));
    if (isThere) this.#couriers.get(receiver)?.wake();
    return isThere;
  }

  /** Lets a dead letter go. @returns false where there is none */
  async drop(receiver: string, incident: string): Promise<boolean> {
    const nowMs = this.#clock.nowMs();
    const isThere = await this.#changeDead(receiver, incident, (known) => ended(known, nowMs));
    if (isThere) this.#metrics.dropped(receiver, "byHand");
    return isThere;
  }

  /** By name; those that are gone too while something waits for them. */
  status(): ReceiverStatus[] {
    const names = new Set([...this.#couriers.keys(), ...this.#cases.receivers()]);
    return [...names].sort().flatMap((receiver) => {
      const cases = this.#cases.of(receiver);
      const waiting = cases.filter((one) => isUnsaid(one));
      const dead = cases.filter(({ stage }) => stage === "dead").length;
      if (waiting.length + dead === 0 && !this.#couriers.has(receiver)) return [];
      const oldestMs = waiting.length === 0 ? null : Math.min(...waiting.map(({ sinceMs }) => sinceMs));
      const pace = this.#couriers.get(receiver)?.pace ?? NO_PACE;
      return [{ receiver, waiting: waiting.length, dead, oldestMs, ...this.#tallyOf(receiver), ...pace }];
    });
  }

  /** Begins nothing more and waits for what is under way; the rest goes on after the next start. The database stays open. */
  async close(): Promise<void> {
    await Promise.all([...this.#couriers.values()].map((courier) => courier.close()));
    await this.#cases.settled();
  }

  #hire(receivers: readonly Receiver[]): void {
    const parts = { cases: this.#cases, clock: this.#clock, metrics: this.#metrics };
    this.#couriers = new Map(
      receivers.map((receiver) => {
        const tally = this.#tallyOf(receiver.name);
        return [receiver.name, new Courier(receiver, { ...parts, tally })];
      }),
    );
    this.#wakeAll();
  }

  #tallyOf(receiver: string): Tally {
    const tally = this.#tallies.get(receiver) ?? {
      sent: 0,
      failed: 0,
      lastSentMs: null,
      failingSinceMs: null,
      why: "",
    };
    this.#tallies.set(receiver, tally);
    return tally;
  }

  #wakeAll(): void {
    for (const courier of this.#couriers.values()) courier.wake();
  }

  #all(): Case[] {
    return this.#cases.receivers().flatMap((receiver) => this.#cases.of(receiver));
  }

  async #changeDead(receiver: string, incident: string, change: (known: Case) => Case): Promise<boolean> {
    let isThere = false;
    await this.#cases.update(() => {
      const known = this.#cases.get(receiver, incident);
      isThere = known?.stage === "dead";
      return isThere ? [{ receiver, incident, next: change(known!) }] : [];
    });
    return isThere;
  }

  async #forgetGone(): Promise<void> {
    const beforeMs = this.#clock.nowMs() - GONE_FOR_MS;
    const isGone = (one: Case): boolean => !this.#couriers.has(one.receiver) && one.sinceMs < beforeMs;
    let gone: Case[] = [];
    await this.#cases.update(() => {
      gone = this.#all().filter(isGone);
      return gone.map(({ receiver, incident }): CaseChange => ({ receiver, incident, next: undefined }));
    });
    for (const one of gone) if (one.next) this.#metrics.dropped(one.receiver, "receiverGone");
  }
}

/** What one call of `tell` makes of the cases. */
class Draft {
  readonly counts: (() => void)[] = [];
  readonly #cases: Cases;
  readonly #metrics: OutboxMetrics;
  readonly #nowMs: number;
  readonly #changed = new Map<string, CaseChange>();
  readonly #fresh = new Map<string, number>();

  constructor(cases: Cases, metrics: OutboxMetrics, nowMs: number) {
    this.#cases = cases;
    this.#metrics = metrics;
    this.#nowMs = nowMs;
  }

  add({ notification, receivers }: Telling): void {
    const { id: incident, state } = notification.incident;
    const drafted = [...this.#changed.values()].filter((each) => each.incident === incident);
    const told = [...this.#cases.about(incident), ...drafted].map(({ receiver }) => receiver);
    for (const receiver of new Set(state === "resolved" ? told : receivers)) this.#take(receiver, notification);
  }

  changes(): CaseChange[] {
    const receivers = new Set([...this.#changed.values()].map(({ receiver }) => receiver));
    return [...this.#changed.values(), ...[...receivers].flatMap((receiver) => this.#surplusOfEnded(receiver))];
  }

  #take(receiver: string, notification: Notification): void {
    const incident = notification.incident.id;
    const key = JSON.stringify([receiver, incident]);
    const known = this.#changed.get(key)?.next ?? this.#cases.get(receiver, incident);
    if (!known && notification.incident.state === "firing" && this.#isFull(receiver)) {
      this.counts.push(() => this.#metrics.dropped(receiver, "overflow"));
      return;
    }
    const taken = take(known, receiver, notification, this.#nowMs);
    if (taken.result === "duplicate" || taken.result === "untold") return;
    this.#changed.set(key, { receiver, incident, next: taken.next });
    if (taken.result === "paired") this.counts.push(() => this.#metrics.dropped(receiver, "paired", 2));
    if (taken.result === "superseded") this.counts.push(() => this.#metrics.dropped(receiver, "superseded"));
  }

  /** Counts what this call adds, in cases; bytes are looked at as they are. */
  #isFull(receiver: string): boolean {
    const cases = this.#cases.of(receiver);
    const fresh = this.#fresh.get(receiver) ?? 0;
    const waiting = cases.filter((one) => isUnsaid(one)).length + fresh;
    const isFull =
      waiting >= CASE_LIMITS.waiting ||
      cases.length + fresh >= CASE_LIMITS.all ||
      this.#cases.bytesOf(receiver) >= CASE_LIMITS.bytes;
    if (!isFull) this.#fresh.set(receiver, fresh + 1);
    return isFull;
  }

  #surplusOfEnded(receiver: string): CaseChange[] {
    const over = this.#cases.of(receiver).filter(({ stage, told }) => stage === "idle" && told === "resolved");
    const surplus = over.sort((a, b) => a.sinceMs - b.sinceMs).slice(0, Math.max(0, over.length - CASE_LIMITS.ended));
    return surplus.map(({ incident }) => ({ receiver, incident, next: undefined }));
  }
}
