import { setTimeout as sleep } from "node:timers/promises";

const FIRST_MS = 200;
const LONGEST_MS = 10_000;

/** Waits longer with each failure in a row, and never as long as others who failed at the same moment. */
export class Backoff {
  #failures = 0;

  succeeded(): void {
    this.#failures = 0;
  }

  /** @param signal ends the wait */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 16);
    const ms = longestMs / 2 + (Math.random() * longestMs) / 2;
    await sleep(ms, undefined, signal ? { signal } : {}).catch(() => {});
  }
}
