import { isMarked } from "../parts/marked.ts";

/**
 * Something that changes by itself, held still while it is used: while the pointer is over it, the keyboard is in it, or
 * some of it is marked to be copied. What came meanwhile is shown as soon as it is left or on `renew`, and something
 * else (another key) at once.
 */
export class Still<T> {
  /** Held under which key; undefined while it is not. */
  #held = $state.raw<{ readonly key: string; readonly value: T }>();
  #isOver = $state(false);
  #isInside = $state(false);
  #isMarked = $state(false);
  #live: () => T | undefined;
  #key: () => string;

  /** Must be created while a component initialises. */
  constructor(live: () => T | undefined, key: () => string) {
    this.#live = live;
    this.#key = key;
    // The pointer may be there before there is anything to hold.
    $effect.pre(() => {
      const value = live();
      if (!this.#isOver && !this.#isInside && !this.#isMarked) this.#held = undefined;
      else if (!this.isHeld && value !== undefined) this.#held = { key: key(), value };
    });
  }

  get isHeld(): boolean {
    return this.#held?.key === this.#key();
  }

  get value(): T | undefined {
    return this.#held?.key === this.#key() ? this.#held.value : this.#live();
  }

  /** Shows what came meanwhile, and holds that. */
  renew(): void {
    const value = this.#live();
    if (this.isHeld && value !== undefined) this.#held = { key: this.#key(), value };
  }

  /** For `{@attach}` on the element that shows it. */
  whileUsed = (element: HTMLElement): (() => void) => {
    const listening = new AbortController();
    const { signal } = listening;
    element.addEventListener("pointerenter", () => (this.#isOver = true), { signal });
    element.addEventListener("pointerleave", () => (this.#isOver = false), { signal });
    // A click leaves the focus where it was; only a keyboard that walks here keeps it still.
    const focused = ({ target }: FocusEvent): boolean => (target as Element).matches(":focus-visible");
    element.addEventListener("focusin", (event) => (this.#isInside = focused(event)), { signal });
    const stays = ({ relatedTarget }: FocusEvent): boolean => element.contains(relatedTarget as Node | null);
    element.addEventListener("focusout", (event) => (this.#isInside &&= stays(event)), { signal });
    // A finger that has marked something is gone, and the mark must outlast it until it is copied.
    document.addEventListener("selectionchange", () => (this.#isMarked = isMarked(element)), { signal });
    return () => {
      listening.abort();
      this.#isOver = this.#isInside = this.#isMarked = false;
    };
  };
}
