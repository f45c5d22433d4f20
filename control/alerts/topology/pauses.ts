/** How long something that keeps happening pauses in between: what tells a nightly job from one who is missed after minutes. */
import type { TimeRange } from "../../store/time-range.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const HOURS = 24;

export class Pauses {
  /** The longest that ended in each of the last hours. */
  readonly #longest = new Float64Array(HOURS);
  #hour = -Infinity;
  #endMs = -Infinity;

  /**
   * It was seen, which is kept to the minute, as history has it.
   * @param knownMs how much of a time something is known of
   */
  seen(time: TimeRange, knownMs: (fromMs: number, toMs: number) => number): void {
    const fromMs = Math.floor(time.fromMs / MINUTE_MS) * MINUTE_MS;
    const toMs = Math.ceil(time.toMs / MINUTE_MS) * MINUTE_MS;
    if (toMs <= this.#endMs) return;
    const hour = Math.floor(fromMs / HOUR_MS);
    for (let at = Math.max(this.#hour + 1, hour - HOURS + 1); at <= hour; at++) this.#longest[at % HOURS] = 0;
    this.#hour = Math.max(this.#hour, hour);
    if (this.#endMs > -Infinity && fromMs > this.#endMs) {
      const cell = this.#hour % HOURS;
      this.#longest[cell] = Math.max(this.#longest[cell]!, knownMs(this.#endMs, fromMs));
    }
    this.#endMs = toMs;
  }

  /** The longest of the 24 hours before it was seen last, milliseconds. */
  get longestMs(): number {
    return Math.max(...this.#longest);
  }
}
