const MINUTE_MS = 60_000;

/** Lets so many through in any minute. */
export class RateLimit {
  readonly #perMinute: number;
  /** Of the last ones that went through, oldest first. */
  readonly #times: number[] = [];

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** When the next may go through. */
  freeAtMs(nowMs: number): number {
    while (this.#times.length > 0 && this.#times[0]! <= nowMs - MINUTE_MS) this.#times.shift();
    return this.#times.length < this.#perMinute ? nowMs : this.#times[0]! + MINUTE_MS;
  }

  take(nowMs: number): void {
    this.#times.push(nowMs);
  }
}
