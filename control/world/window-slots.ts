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
  /** What items have in common that may be joined. */
  readonly kinOf: (item: T) => object;
  /**
   * Makes an item a part of one of its kin that is held, where they say the same but for their numbers.
   * @param isInside whether the one that is held is in the window
   * @returns false where they do not
   */
  readonly join: (held: T, item: T, isInside: boolean) => boolean;
}

/** The items of a slot, by what they have in common. */
type Slot<T> = Map<object, T[]>;

/**
 * A window that slides over numbered slots: half-open, [end - length, end). Items may come in any order, ahead of the
 * window or late; which items are in it depends on `end` alone. What a slot holds of many reporters that say the same is
 * one item.
 */
export class WindowSlots<T> {
  readonly #options: SlotOptions<T>;
  readonly #slots = new Map<number, Slot<T>>();
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
    const { kinOf, join, maxAhead, maxItems, enter } = this.#options;
    const isInside = slot < this.#end;
    const kin = this.#slots.get(slot)?.get(kinOf(item));
    if (kin) for (const held of kin) if (join(held, item, isInside)) return "held";
    const tooFar = this.#end !== -Infinity && slot >= this.#end + maxAhead;
    if (tooFar || this.#held >= maxItems) return "skipped";
    if (kin) kin.push(item);
    else this.#slotAt(slot).set(kinOf(item), [item]);
    this.#held++;
    if (isInside) enter(item);
    return "held";
  }

  /** Moves the window so that it ends before `end`. It never moves back: a clock that was set back waits. */
  advance(end: number): void {
    const before = this.#end;
    if (end <= before) return;
    this.#end = end;
    for (const [slot, kins] of this.#slots) {
      const wasInside = slot < before;
      const isInside = slot >= this.begin && slot < end;
      if (isInside && !wasInside) for (const items of kins.values()) items.forEach(this.#options.enter);
      if (slot >= this.begin) continue;
      this.#slots.delete(slot);
      for (const items of kins.values()) {
        if (wasInside) items.forEach(this.#options.leave);
        this.#held -= items.length;
      }
    }
  }

  #slotAt(slot: number): Slot<T> {
    const known = this.#slots.get(slot);
    if (known) return known;
    const made: Slot<T> = new Map();
    this.#slots.set(slot, made);
    return made;
  }
}
