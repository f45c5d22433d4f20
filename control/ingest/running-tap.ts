import type { Tap } from "#proto/ingest.ts";
import type { TapEnd, TapSubscription } from "./tap-subscription.ts";
import type { TapClock, TapQuestion, TapStream } from "./taps.ts";

/**
 * One tap: the streams that were told of it, and those who watch. All who ask for the same share it. It lasts as long as
 * somebody watches; a reporter ends it by itself if control does not say so.
 *
 * A reporter's rate is that of one worker thread, so each stream is told its share, and what they send together is cut to
 * what was asked for: a bucket that one second fills, as in the filter.
 */
export class RunningTap<Request extends { readonly atMs: number }> {
  readonly id: number;
  readonly question: TapQuestion;
  readonly #clock: TapClock;
  /** What each stream was told, requests a second. */
  readonly #shares = new Map<TapStream, number>();
  readonly #subscriptions = new Set<TapSubscription<Request>>();
  #endsMs: number;
  #tokens: number;
  #filledMs: number;

  constructor(id: number, question: TapQuestion, clock: TapClock) {
    this.id = id;
    this.question = question;
    this.#clock = clock;
    this.#tokens = question.perSecond;
    this.#filledMs = clock.elapsed();
    this.#endsMs = clock.elapsed();
  }

  get reporters(): number {
    return this.#shares.size;
  }

  get subscribers(): number {
    return this.#subscriptions.size;
  }

  isTold(stream: TapStream): boolean {
    return this.#shares.has(stream);
  }

  /** Makes the tap last for so long at least, and asks these streams. */
  ask(streams: readonly TapStream[], durationMs: number): void {
    const endsMs = this.#clock.elapsed() + durationMs;
    if (endsMs <= this.#endsMs) return;
    this.#endsMs = endsMs;
    const share = this.#shareOf(streams.length);
    for (const stream of streams) this.#tell(stream, Math.max(share, this.#shares.get(stream) ?? 0));
  }

  subscribe(subscription: TapSubscription<Request>): void {
    this.#subscriptions.add(subscription);
  }

  unsubscribe(subscription: TapSubscription<Request>): void {
    this.#subscriptions.delete(subscription);
  }

  /** A reporter of the workload has come. The others keep their share: one that is told anew drops what it is to send next. */
  joined(stream: TapStream): void {
    this.#tell(stream, this.#shareOf(this.#shares.size + 1));
    this.#sayReporters();
  }

  /** A reporter of the workload has gone; what it could have shown, the others may. */
  left(stream: TapStream): void {
    if (!this.#shares.delete(stream)) return;
    const share = this.#shareOf(this.#shares.size);
    for (const [other, told] of this.#shares) if (told < share) this.#tell(other, share);
    this.#sayReporters();
  }

  /** How many of so many requests may be shown now. */
  allow(requests: number): number {
    const nowMs = this.#clock.elapsed();
    const { perSecond } = this.question;
    this.#tokens = Math.min(perSecond, this.#tokens + ((nowMs - this.#filledMs) / 1000) * perSecond);
    this.#filledMs = nowMs;
    const allowed = Math.min(requests, Math.floor(this.#tokens));
    this.#tokens -= allowed;
    return allowed;
  }

  show(requests: readonly Request[], skipped: number): void {
    for (const subscription of this.#subscriptions) subscription.add(requests, skipped);
  }

  /** Tells the reporters that nobody watches any more. */
  end(): void {
    for (const stream of this.#shares.keys()) stream.tell(this.#message(0, 0));
    this.#shares.clear();
  }

  /** Ends all who watch. */
  endAll(reason: TapEnd): void {
    for (const subscription of [...this.#subscriptions]) subscription.end(reason);
  }

  #shareOf(streams: number): number {
    return Math.max(1, Math.ceil(this.question.perSecond / Math.max(1, streams)));
  }

  #tell(stream: TapStream, share: number): void {
    const leftMs = Math.ceil(this.#endsMs - this.#clock.elapsed());
    if (leftMs > 0 && stream.tell(this.#message(leftMs, share))) this.#shares.set(stream, share);
  }

  #message(durationMillis: number, perSecond: number): Tap {
    return { ...this.question.filter, id: this.id, durationMillis, perSecond };
  }

  #sayReporters(): void {
    for (const subscription of this.#subscriptions) subscription.setReporters(this.#shares.size);
  }
}
