/**
 * Something that changes by itself, held still while it is used: while the pointer is over it or the keyboard is in it.
 * What came meanwhile is shown as soon as it is left, and something else (another key) at once.
 */
export class Still<T> {
  /** Held under which key; undefined while it is not. */
  #held = $state.raw<{ readonly key: string; readonly value: T }>();
  #live: () => T | undefined;
  #key: () => string;
  #isOver = false;
  #isInside = false;

  constructor(live: () => T | undefined, key: () => string) {
    this.#live = live;
    this.#key = key;
  }

  get isHeld(): boolean {
    return this.#held?.key === this.#key();
  }

  get value(): T | undefined {
    return this.#held?.key === this.#key() ? this.#held.value : this.#live();
  }

  /** For `{@attach}` on the element that shows it. */
  whileUsed = (element: HTMLElement): (() => void) => {
    const listening = new AbortController();
    const on = (type: string, listener: (event: Event) => void): void =>
      element.addEventListener(type, listener, { signal: listening.signal });
    on("pointerenter", () => this.#use({ isOver: true }));
    on("pointerleave", () => this.#use({ isOver: false }));
    // A click leaves the focus where it was; only a keyboard that walks here keeps it still.
    on("focusin", ({ target }) => this.#use({ isInside: (target as Element).matches(":focus-visible") }));
    on("focusout", () => this.#use({ isInside: false }));
    return () => {
      listening.abort();
      this.#use({ isOver: false, isInside: false });
    };
  };

  #use({ isOver = this.#isOver, isInside = this.#isInside }: { isOver?: boolean; isInside?: boolean }): void {
    this.#isOver = isOver;
    this.#isInside = isInside;
    const value = this.#live();
    if (!isOver && !isInside) this.#held = undefined;
    else if (!this.isHeld && value !== undefined) this.#held = { key: this.#key(), value };
  }
}
