/**
 * When requests fall due: a steady rate, and a spike on top of it. Open loop: the clock alone decides, not how fast the
 * answers come. Times are milliseconds of one steady clock.
 */

/** After a stall, no more than this is made up for. */
const MAX_CATCH_UP_MS = 1_000;
/** What the sums of many small fractions may be short of a whole request. */
const ROUNDING = 1e-6;

export interface Due {
  /** Requests to send now. */
  readonly due: number;
  /** Requests whose time passed in a stall and that will not be sent. */
  readonly missed: number;
}

export class Pacer {
  #rate: number;
  #lastMs: number;
  #spike: { factor: number; untilMs: number } | undefined;
  #owed = 0;
  #missed = 0;

  /** `rate` in requests a second. */
  constructor(rate: number, nowMs: number) {
    this.#rate = rate;
    this.#lastMs = nowMs;
  }

  /** Requests a second at this moment, the spike included. */
  rateAt(nowMs: number): number {
    return this.#spike && nowMs < this.#spike.untilMs ? this.#rate * this.#spike.factor : this.#rate;
  }

  setRate(rate: number, nowMs: number): void {
    this.#accrue(nowMs);
    this.#rate = rate;
  }

  /** Multiplies the rate for a while. A new spike replaces one that is on. */
  spike(factor: number, seconds: number, nowMs: number): void {
    this.#accrue(nowMs);
    this.#spike = { factor, untilMs: nowMs + seconds * 1_000 };
  }

  /** What fell due since the last call. Fractions of a request are kept for the next. */
  take(nowMs: number): Due {
    this.#accrue(nowMs);
    const due = Math.floor(this.#owed + ROUNDING);
    const missed = Math.floor(this.#missed + ROUNDING);
    this.#owed -= due;
    this.#missed -= missed;
    return { due, missed };
  }

  #accrue(nowMs: number): void {
    const from = this.#lastMs;
    if (nowMs <= from) return;
    this.#lastMs = nowMs;
    const accrued = this.#requestsBetween(from, nowMs);
    const made = nowMs - from <= MAX_CATCH_UP_MS ? accrued : this.#requestsBetween(nowMs - MAX_CATCH_UP_MS, nowMs);
    this.#owed += made;
    this.#missed += accrued - made;
  }

  #requestsBetween(fromMs: number, toMs: number): number {
    const spikeEndMs = Math.min(Math.max(this.#spike?.untilMs ?? fromMs, fromMs), toMs);
    const spikeRate = this.#rate * (this.#spike?.factor ?? 1);
    return ((spikeEndMs - fromMs) * spikeRate + (toMs - spikeEndMs) * this.#rate) / 1_000;
  }
}
