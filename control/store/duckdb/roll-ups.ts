import { rollUp } from "./roll-up.ts";
import { LEVELS, POD_LEVELS } from "./schema.ts";
import type { Session } from "./session.ts";

/**
 * A level is rolled up when windows reach this many of its slots beyond the last time, by their own time. A slot that a
 * roll-up meets half full is two rows in the end, so about a sixth of them are.
 */
const SLOTS_A_ROLL_UP = 6;

/**
 * Rolls up beside what is appended, on a connection of its own: of what thousands of pods said in a minute it takes seconds, for which
 * nothing would be stored. Both change other tables, and other rows of the levels' one. What is dropped waits for it.
 */
export class RollUps {
  readonly #session: Session;
  readonly #explain: <T>(doing: string, result: Promise<T>) => Promise<T>;
  /** By level, the start of the latest window when it was last rolled up; 0 before the first. */
  #reachedMs = new Map<string, number>();
  #running: Promise<void> | undefined;
  #error: Error | undefined;
  #isHeldUp = false;

  /** @param explain says in the error what was being done */
  constructor(session: Session, explain: <T>(doing: string, result: Promise<T>) => Promise<T>) {
    this.#session = session;
    this.#explain = explain;
  }

  /** Takes over how far levels had come. */
  reached(levels: readonly { readonly id: string; readonly reachedMs: number }[]): void {
    this.#reachedMs = new Map(levels.map(({ id, reachedMs }) => [id, reachedMs]));
  }

  /** Throws what the last one failed with, once: it will be tried again. */
  throwIfFailed(): void {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
  }

  /** Begins with what is due, unless one is under way. @param latestMs the start of the latest window */
  start(latestMs: number): void {
    if (this.#running || this.#isHeldUp) return;
    this.#running = this.#rollUpWhatIsDue(latestMs)
      .catch((error: Error) => void (this.#error = error))
      .finally(() => (this.#running = undefined));
  }

  /** Does something when none is under way, and lets none begin meanwhile. */
  async without<T>(work: () => Promise<T>): Promise<T> {
    this.#isHeldUp = true;
    try {
      await this.#running;
      return await work();
    } finally {
      this.#isHeldUp = false;
    }
  }

  /** Waits for the one that is under way. */
  async close(): Promise<void> {
    this.#isHeldUp = true;
    await this.#running;
    await this.#session.close();
  }

  async #rollUpWhatIsDue(latestMs: number): Promise<void> {
    for (const all of [LEVELS, POD_LEVELS]) {
      for (const [level, { id, slotMs }] of all.entries()) {
        const reachedMs = this.#reachedMs.get(id) || latestMs;
        const isDue = level > 0 && latestMs >= reachedMs + SLOTS_A_ROLL_UP * slotMs;
        const work = isDue && this.#session.transaction((tx) => rollUp(tx, all, level, { reachedMs: latestMs }));
        if (work) await this.#explain(`Rolling up to ${id}`, work);
        this.#reachedMs.set(id, isDue ? latestMs : reachedMs);
      }
    }
  }
}
