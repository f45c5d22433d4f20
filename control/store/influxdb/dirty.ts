import type { DirtySlots } from "./journal.ts";
import type { Level, Levels } from "./levels.ts";

/** Slots whose finer points changed since they were merged last; they are read from those until they are merged again. */
export class Dirty {
  readonly #levels: Levels;
  readonly #slots: readonly Set<number>[];

  constructor(levels: Levels, from: DirtySlots = {}) {
    this.#levels = levels;
    this.#slots = levels.all.map(({ name }) => new Set(from[name]));
  }

  of(level: Level): ReadonlySet<number> {
    return this.#slots[level]!;
  }

  /** Everything from a level on that has the window's time changes with it. */
  touch(level: Level, startMs: number, endMs: number): void {
    for (let at = Math.max(1, level); at <= this.#levels.coarsest; at++) {
      const slotMs = this.#levels.slotMs(at);
      for (let slot = Math.floor(startMs / slotMs); slot * slotMs < endMs; slot++) this.#slots[at]!.add(slot);
    }
  }

  clear(level: Level, slots: Iterable<number>): void {
    for (const slot of slots) this.#slots[level]!.delete(slot);
  }

  copy(): Dirty {
    return new Dirty(this.#levels, this.listed());
  }

  listed(): DirtySlots {
    return Object.fromEntries(this.#levels.all.slice(1).map(({ name }, at) => [name, [...this.#slots[at + 1]!]]));
  }
}
