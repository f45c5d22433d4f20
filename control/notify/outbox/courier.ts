/** Brings one receiver what waits for it, one thing after the other, in its own time. */
import { NotifyError } from "../notification.ts";
import type { Notification } from "../notification.ts";
import type { Receiver } from "../receivers.ts";
import { LONGEST_RETRY_AFTER_MS } from "./backoff.ts";
import { begin, deliver, fail, isRepeat, isUnsaid } from "./case.ts";
import type { Case } from "./case.ts";
import { CASE_LIMITS } from "./cases.ts";
import type { CaseChange, Cases } from "./cases.ts";
import type { Clock } from "./clock.ts";
import type { OutboxMetrics } from "./outbox-metrics.ts";
import { RateLimit } from "./rate-limit.ts";
import { NO_PACE } from "./tally.ts";
import type { Pace, Tally } from "./tally.ts";

/** How long what is under way may take when control ends, milliseconds. */
const CLOSE_GRACE_MS = 3_000;
/** A disk that refuses is asked again after this, milliseconds. */
const DISK_PAUSE_MS = 30_000;

export interface CourierParts {
  readonly tally: Tally;
  readonly cases: Cases;
  readonly clock: Clock;
  readonly metrics: OutboxMetrics;
}

export class Courier {
  readonly receiver: Receiver;
  readonly #parts: CourierParts;
  readonly #rate: RateLimit;
  readonly #closing = new AbortController();
  /** Tries under way. */
  readonly #tries = new Set<AbortController>();
  #pausedUntilMs = 0;
  #cancelTimer: () => void = () => {};
  #running: Promise<void> | undefined;
  #isWoken = false;

  constructor(receiver: Receiver, parts: CourierParts) {
    this.receiver = receiver;
    this.#parts = parts;
    this.#rate = new RateLimit(receiver.maxPerMinute);
  }

  /** When it tells the next of what its receiver has yet to hear, or did not take. */
  get pace(): Pace {
    const { cases, clock } = this.#parts;
    const waiting = cases.of(this.receiver.name).filter((one) => {
      return one.stage === "waiting" && (isUnsaid(one) || one.tries > 0);
    });
    if (waiting.length === 0) return NO_PACE;
    const nowMs = clock.nowMs();
    const dueMs = Math.min(...waiting.map(({ notBeforeMs }) => notBeforeMs));
    const freeMs = this.#rate.freeAtMs(nowMs);
    return { nextTryMs: Math.max(nowMs, dueMs, freeMs, this.#pausedUntilMs), isRateLimited: freeMs > nowMs };
  }

  /** Something may be due. */
  wake(): void {
    this.#isWoken = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isWoken && !this.#closing.signal.aborted) this.wake();
    });
  }

  /** Begins nothing more, and gives what is under way a little time. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer();
    const { clock } = this.#parts;
    const cancel = clock.at(clock.nowMs() + CLOSE_GRACE_MS, () => {
      for (const late of this.#tries) late.abort();
    });
    await this.#running;
    cancel();
  }

  /**
   * Sends at once, past everything that waits.
   * @throws NotifyError
   */
  async send(notification: Notification): Promise<void> {
    const { clock } = this.#parts;
    const { notifier, timeoutMs, name } = this.receiver;
    const late = new AbortController();
    this.#tries.add(late);
    const cancel = clock.at(clock.nowMs() + timeoutMs, () => late.abort());
    // It is not waited for past the time-out, whether it heeds the signal or not.
    const timeout = new Promise<never>((_, reject) => {
      const tooLate = new NotifyError(`${name} gave no answer within ${timeoutMs / 1_000} s`, "timeout");
      late.signal.addEventListener("abort", () => reject(tooLate), { once: true });
    });
    try {
      await Promise.race([notifier.send(notification, late.signal), timeout]);
    } catch (error) {
      if (error instanceof NotifyError) throw error;
      throw new NotifyError(`Telling ${name}: ${(error as Error).message}`, "broken", { cause: error });
    } finally {
      cancel();
      this.#tries.delete(late);
    }
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#isWoken = false;
      const due = this.#next();
      if (!due) return;
      await this.#attempt(due);
    }
  }

  /** What is due now; else a timer is set for when something will be. */
  #next(): Case | undefined {
    this.#cancelTimer();
    const { cases, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const waiting = cases.of(this.receiver.name).filter(({ stage }) => stage === "waiting");
    if (waiting.length === 0) return undefined;
    const [first] = waiting.filter(({ notBeforeMs }) => notBeforeMs <= nowMs).sort(mostUrgentFirst);
    const freeMs = Math.max(this.#pausedUntilMs, this.#rate.freeAtMs(nowMs));
    if (first && freeMs <= nowMs) return first;
    const dueMs = first ? nowMs : Math.min(...waiting.map(({ notBeforeMs }) => notBeforeMs));
    this.#cancelTimer = clock.at(Math.max(freeMs, dueMs), () => this.wake());
    return undefined;
  }

  async #attempt({ incident }: Case): Promise<void> {
    const begun = await this.#begin(incident);
    if (!begun) return;
    const { clock, metrics, tally } = this.#parts;
    const { name } = this.receiver;
    this.#rate.take(clock.nowMs());
    if (begun.tries > 0) metrics.retried(name);
    const notification = { ...begun.next!, mayBeRepeated: begun.mayHaveArrived };
    const error = await this.send(notification).then(
      () => undefined,
      (cause: unknown) => cause as NotifyError,
    );
    if (error) {
      metrics.failed(name, error.reason);
      const waitMs = Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
      this.#pausedUntilMs = Math.max(this.#pausedUntilMs, clock.nowMs() + waitMs);
      const failingSinceMs = tally.failingSinceMs ?? clock.nowMs();
      Object.assign(tally, { failed: tally.failed + 1, failingSinceMs, why: error.message });
    } else {
      metrics.sent(name, notification.incident.state);
      Object.assign(tally, { sent: tally.sent + 1, lastSentMs: clock.nowMs(), failingSinceMs: null, why: "" });
    }
    await this.#end(begun, error);
  }

  /** Writes down that it is being sent, before it is. @returns undefined where there is nothing to send any more */
  async #begin(incident: string): Promise<Case | undefined> {
    const { cases, clock, metrics } = this.#parts;
    const { name: receiver } = this.receiver;
    let begun: Case | undefined;
    const change = (): CaseChange[] => {
      const known = cases.get(receiver, incident);
      if (known?.stage !== "waiting" || this.#closing.signal.aborted) return [];
      begun = begin(known);
      if (!isRepeat(known)) return [{ receiver, incident, next: begun }];
      // What is said again needs no mark: saying it once more changes nothing.
      cases.note({ receiver, incident, next: begun });
      return [];
    };
    try {
      await cases.update(change);
      return begun;
    } catch {
      metrics.writeFailed();
      this.#pausedUntilMs = clock.nowMs() + DISK_PAUSE_MS;
      return undefined;
    }
  }

  async #end({ incident }: Case, error: NotifyError | undefined): Promise<void> {
    const { cases, metrics } = this.#parts;
    let changes: CaseChange[] = [];
    try {
      await cases.update(() => (changes = this.#outcome(incident, error)));
    } catch {
      // What was sent stays so in memory; were control killed now, it would be said again, marked.
      metrics.writeFailed();
      for (const each of changes) cases.note(each);
    }
  }

  #outcome(incident: string, error: NotifyError | undefined): CaseChange[] {
    const { cases, clock } = this.#parts;
    const { name: receiver, notifier } = this.receiver;
    const known = cases.get(receiver, incident);
    if (known?.stage !== "sending") return [];
    const next = error ? this.#failed(known, error) : deliver(known, clock.nowMs(), notifier.repeat);
    const change = { receiver, incident, next };
    if (next.stage === "dead") return [change, ...this.#surplusOfDead()];
    if (!isRepeat(known) || !isRepeat(next)) return [change];
    cases.note(change);
    return [];
  }

  #failed(known: Case, error: NotifyError): Case {
    const { clock, metrics } = this.#parts;
    const { name, notifier, giveUpAfterMs } = this.receiver;
    const isRepeated = notifier.repeat !== undefined;
    const next = fail(known, error, { nowMs: clock.nowMs(), random: clock.random(), giveUpAfterMs, isRepeated });
    if (next.stage === "idle") metrics.dropped(name, "paired", 2);
    if (next.stage === "dead") metrics.died(name);
    return next;
  }

  /** The oldest of dead letters, where one more comes to as many as there may be. */
  #surplusOfDead(): CaseChange[] {
    const { cases, metrics } = this.#parts;
    const dead = cases.of(this.receiver.name).filter(({ stage }) => stage === "dead");
    const surplus = dead
      .sort((a, b) => a.sinceMs - b.sinceMs)
      .slice(0, Math.max(0, dead.length + 1 - CASE_LIMITS.dead));
    if (surplus.length > 0) metrics.dropped(this.receiver.name, "deadOverflow", surplus.length);
    return surplus.map(({ receiver, incident }) => ({ receiver, incident, next: undefined }));
  }
}

/** What is over first, so that nobody is kept up by it; then what is new before what is repeated, and as it came. */
function mostUrgentFirst(a: Case, b: Case): number {
  const rank = (one: Case): number => (isRepeat(one) ? 2 : one.next?.incident.state === "resolved" ? 0 : 1);
  return rank(a) - rank(b) || a.sinceMs - b.sinceMs;
}
