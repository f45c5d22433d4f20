/** Finished hours of the history for an engine that learns from them, beyond those that it was filled with. */
import type { Store } from "../../store/store.ts";
import { AHEAD_HOURS } from "../baselines/hour-table.ts";
import { HOUR_MS, hourOf } from "../baselines/hours.ts";
import type { AlertEngine } from "../engine.ts";

export class Lessons {
  readonly #engine: AlertEngine;
  readonly #store: Pick<Store, "steps">;
  /** Up to when it has learned. */
  #toMs: number;

  /** @param filledMs up to when the engine was filled */
  constructor(engine: AlertEngine, store: Pick<Store, "steps">, filledMs: number) {
    this.#engine = engine;
    this.#store = store;
    this.#toMs = hourOf(filledMs) * HOUR_MS;
  }

  /**
   * Reads hours that are missing at the instant that the engine has come to. What is usual at an hour is learned from those before it
   * alone, so it may read ahead, which spares a question for each hour.
   * @param completeMs up to when the history has everything, milliseconds since the epoch
   * @throws StoreAwayError
   */
  async goOn(completeMs: number, signal: AbortSignal): Promise<void> {
    const mostMs = this.#engine.endMs + AHEAD_HOURS * HOUR_MS;
    const toMs = hourOf(Math.min(completeMs, mostMs)) * HOUR_MS;
    const isDue = this.#toMs < hourOf(this.#engine.endMs) * HOUR_MS && this.#toMs < toMs;
    if (!this.#engine.learns || !isDue) return;
    const question = { range: { fromMs: this.#toMs, toMs }, stepMs: HOUR_MS };
    const matches = ({ protocol }: { readonly protocol: string }): boolean => protocol !== "tcp";
    for await (const step of this.#store.steps({ ...question, matches }, signal)) this.#engine.learn(step);
    this.#toMs = toMs;
  }
}
