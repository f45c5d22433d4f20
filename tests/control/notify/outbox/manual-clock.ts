import type { Clock } from "../../../../control/notify/outbox/clock.ts";
import { AT_MS } from "../fixtures.ts";

/** A clock that goes where it is told to. */
export class ManualClock implements Clock {
  #nowMs = AT_MS;
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  /** @param chance what `random` answers */
  constructor(public chance = 1 - Number.EPSILON) {}

  nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, callback: () => void): () => void {
    const timer = { atMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  random(): number {
    return this.chance;
  }

  /** Rings what is due by then, in order; `between` after each. */
  async advance(ms: number, between: () => Promise<void>): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
      await between();
    }
    this.#nowMs = endMs;
  }
}
