import type { SlotItems } from "./slot-items.ts";

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
  /** What a slot keeps its items in. */
  readonly items: () => SlotItems<T>;
  /** Told when a slot is no longer wanted. */
  readonly onGone?: (items: SlotItems<T>) => void;
}

/**
 * A window that slides over numbered slots: half-open, [end - length, end). Items may come in any order, ahead of the
 * window or late; which items are in it depends on `end` alone.
 */
export class WindowSlots<T> {
  readonly #options: SlotOptions<T>;
  readonly #slots = new Map<number, SlotItems<T>>();
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
    const { maxAhead, maxItems, enter } = this.#options;
    const isInside = slot < this.#end;
    const known = this.#slots.get(slot);
    if (known?.join(item, isInside)) return "held";
    const tooFar = this.#end !== -Infinity && slot >= this.#end + maxAhead;
    if (tooFar || this.#held >= maxItems) return "skipped";
    (known ?? this.#slotAt(slot)).add(item);
    this.#held++;
    if (isInside) enter(item);
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
      this.#slots.delete(slot);
      if (wasInside) items.forEach(this.#options.leave);
      this.#held -= items.size;
      this.#options.onGone?.(items);
    }
  }

  #slotAt(slot: number): SlotItems<T> {
    const made = this.#options.items();
    this.#slots.set(slot, made);
    return made;
  }
}
