/** Times of which nothing at all is known: they begin nothing and end nothing, so they are no part of how long somebody was away. */

/** Stretches that are kept, the newest. */
const MAX_STRETCHES = 1_000;
/** What history has no step of for longer than this is a time of which nothing is known. */
const LONGEST_PAUSE_MS = 30_000;

interface Stretch {
  readonly fromMs: number;
  toMs: number;
}

export class BlindTimes {
  readonly #stretches: Stretch[] = [];
  #readToMs = -Infinity;

  /** Nothing is known of a time; it comes after all of which that was said before. */
  add(fromMs: number, toMs: number): void {
    const last = this.#stretches.at(-1);
    if (last && last.toMs >= fromMs) {
      last.toMs = Math.max(last.toMs, toMs);
      return;
    }
    this.#stretches.push({ fromMs, toMs });
    if (this.#stretches.length > MAX_STRETCHES) this.#stretches.shift();
  }

  /** History has something of this time; told in order, and at last where it ends. */
  read(fromMs: number, toMs: number): void {
    const isPause = fromMs - this.#readToMs > Math.max(LONGEST_PAUSE_MS, toMs - fromMs);
    if (this.#readToMs > -Infinity && isPause) this.add(this.#readToMs, fromMs);
    this.#readToMs = Math.max(this.#readToMs, toMs);
  }

  /** How much of the time between two instants something is known of, milliseconds. */
  known(fromMs: number, toMs: number): number {
    let known = Math.max(0, toMs - fromMs);
    for (const stretch of this.#stretches) {
      known -= Math.max(0, Math.min(toMs, stretch.toMs) - Math.max(fromMs, stretch.fromMs));
    }
    return known;
  }
}
