/** What became of an item that was put into the slots. */
export type Put = "held" | "late" | "skipped";

export interface SlotOptions<T> {
  /** Length of the window in slots. */
  readonly length: number;
  /** Items held at most; further ones are skipped. */
  readonly maxItems: number;
  /** Slots beyond the window's end that may be filled ahead. */
  readonly maxAhead: number;
  /** Called when an item enters the window, and once more when it leaves it. */
  readonly enter: (item: T) => void;
  readonly leave: (item: T) => void;
}

/**
 * A window that slides over numbered slots: half-open, [end - length, end). Items may come in any order, ahead of the
 * window or late; which items are in it depends on `end` alone.
 */
export class WindowSlots<T> {
  readonly #options: SlotOptions<T>;
  readonly #slots = new Map<number, T[]>();
  #end = -Infinity;
  #held = 0;

  constructor(options: SlotOptions<T>) {
    this.#options = options;
  }

  /** First slot after the window; -Infinity before the first `advance`. */
  get end(): number {
    return this.#end;
  }

  /** First slot of the window. */
  get begin(): number {
    return this.#end - this.#options.length;
  }

  /** Items in the window and ahead of it. */
  get held(): number {
    return this.#held;
  }

  put(slot: number, item: T): Put {
    if (slot < this.begin) return "late";
    const tooFar = this.#end !== -Infinity && slot >= this.#end + this.#options.maxAhead;
    if (tooFar || this.#held >= this.#options.maxItems) return "skipped";
    const items = this.#slots.get(slot);
    if (items) items.push(item);
    else this.#slots.set(slot, [item]);
    this.#held++;
    if (slot < this.#end) this.#options.enter(item);
    return "held";
  }

  /** Moves the window so that it ends before `end`. It never moves back: a clock that was set back waits. */
  advance(end: number): void {
    const before = this.#end;
    if (end <= before) return;
    this.#end = end;
    for (const [slot, items] of this.#slots) {
      const wasInside = slot < before;
      const isInside = slot >= this.begin && slot < end;
      if (isInside && !wasInside) items.forEach(this.#options.enter);
      if (slot >= this.begin) continue;
      if (wasInside) items.forEach(this.#options.leave);
      this.#slots.delete(slot);
      this.#held -= items.length;
    }
  }
}
