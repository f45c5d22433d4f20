/** How long a sample counts, and how many slots that time is cut into. */
const WINDOW_MS = 120_000;
const SLOTS = 12;
const SLOT_MS = WINDOW_MS / SLOTS;
/** Below this an offset is no more than the way of a message and the steps of NTP: clocks are taken for equal. */
const INSIGNIFICANT_MS = 1_000;

/**
 * Works out how far a reporter's clock is off. Each message gives `received - sent` = offset + time on the way; the
 * time on the way is never negative, so the smallest difference of the last two minutes comes nearest to the offset
 * (the clock filter of NTP, RFC 5905 section 10, without the way back).
 *
 * A message that waited for a connection looks like a clock that is late; the next one that did not corrects it. One
 * that was sent before the one before it tells of a clock that was set back: what was seen until then says nothing more.
 */
export class ClockOffset {
  /** The smallest difference of each slot of time, oldest first. */
  readonly #slots: { slot: number; smallestMs: number }[] = [];
  #lastSentMs = 0;

  /**
   * Takes a sample in. Both in milliseconds since the epoch, each on its own clock.
   *
   * @returns what to add to the reporter's clock to get control's, milliseconds
   */
  add(sentMs: number, receivedMs: number): number {
    if (sentMs < this.#lastSentMs - INSIGNIFICANT_MS) this.#slots.length = 0;
    this.#lastSentMs = sentMs;
    const slot = Math.floor(receivedMs / SLOT_MS);
    const difference = receivedMs - sentMs;
    const last = this.#slots.at(-1);
    if (last && last.slot === slot) last.smallestMs = Math.min(last.smallestMs, difference);
    else this.#slots.push({ slot, smallestMs: difference });
    while ((this.#slots[0]?.slot ?? slot) <= slot - SLOTS || this.#slots.length > SLOTS) this.#slots.shift();
    return this.offsetMs;
  }

  get offsetMs(): number {
    if (this.#slots.length === 0) return 0;
    const smallest = Math.min(...this.#slots.map((entry) => entry.smallestMs));
    return Math.abs(smallest) < INSIGNIFICANT_MS ? 0 : smallest;
  }
}
