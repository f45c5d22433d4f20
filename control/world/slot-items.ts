/** What one slot of a window holds. */
export interface SlotItems<T> {
  readonly size: number;
  /**
   * Makes an item a part of one that is held, where they say the same but for their numbers.
   * @param isInside whether the slot is in the window
   * @returns false where there is none; the item may then be added
   */
  join(item: T, isInside: boolean): boolean;
  add(item: T): void;
  /** Items are to be read at once and not kept. */
  forEach(callback: (item: T) => void): void;
}

/** One item after the other. */
export class ListedItems<T> implements SlotItems<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  join(): boolean {
    return false;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  forEach(callback: (item: T) => void): void {
    this.#items.forEach(callback);
  }
}

export interface JoinOptions<T> {
  /** What items have in common that may be joined. */
  readonly kinOf: (item: T) => object;
  /** As `SlotItems.join`, with one of its kin that is held. */
  readonly join: (held: T, item: T, isInside: boolean) => boolean;
}

/** What many reporters say alike is one item. */
export class JoinedItems<T> implements SlotItems<T> {
  readonly #options: JoinOptions<T>;
  readonly #byKin = new Map<object, T[]>();
  #size = 0;

  constructor(options: JoinOptions<T>) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  join(item: T, isInside: boolean): boolean {
    const { kinOf, join } = this.#options;
    // Each counter passes here: a loop makes no function for it.
    for (const held of this.#byKin.get(kinOf(item)) ?? []) if (join(held, item, isInside)) return true;
    return false;
  }

  add(item: T): void {
    const kin = this.#options.kinOf(item);
    const known = this.#byKin.get(kin);
    if (known) known.push(item);
    else this.#byKin.set(kin, [item]);
    this.#size++;
  }

  forEach(callback: (item: T) => void): void {
    for (const items of this.#byKin.values()) items.forEach(callback);
  }
}
