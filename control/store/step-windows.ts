import type { StepsQuestion } from "./history-step.ts";
import type { TimeRange } from "./store.ts";

const FIRST_STEPS = 10;
/** A window has at most so many times as many steps as the one before, and so many: a day of minutes. After a gap comes more than before it. */
const GROWTH = 4;
const MOST_STEPS = 1_440;

/** Cuts a range into windows of whole steps, each as long as the one before lets expect that there is about so much in it. */
export class StepWindows {
  readonly #range: TimeRange;
  readonly #stepMs: number;
  readonly #wanted: number;
  #fromMs: number;
  #steps = FIRST_STEPS;

  /** @param wanted what a window should have, in whatever unit `advance` is told */
  constructor({ range, stepMs }: StepsQuestion, wanted: number) {
    this.#range = range;
    this.#stepMs = stepMs;
    this.#wanted = wanted;
    this.#fromMs = range.fromMs;
  }

  /** Undefined at the end of the range. */
  get window(): TimeRange | undefined {
    const { toMs } = this.#range;
    if (this.#fromMs >= toMs) return undefined;
    const first = Math.floor(this.#fromMs / this.#stepMs);
    return { fromMs: this.#fromMs, toMs: Math.min(toMs, (first + this.#steps) * this.#stepMs) };
  }

  /** Where the first step of a window begins. */
  firstMs({ fromMs }: TimeRange): number {
    return Math.floor(fromMs / this.#stepMs) * this.#stepMs;
  }

  /** The window was read, and had so much. */
  advance(had: number): void {
    this.#fromMs = this.window?.toMs ?? this.#range.toMs;
    this.#fit(had);
  }

  /** Whether the window cannot be shorter. */
  get isShortest(): boolean {
    return this.#steps === 1;
  }

  /** The window has this much at least, and is to be read in shorter ones. */
  shorten(had: number): void {
    this.#fit(had);
  }

  #fit(had: number): void {
    const fitting = Math.floor((this.#steps * this.#wanted) / Math.max(1, had));
    this.#steps = Math.min(Math.max(1, fitting), this.#steps * GROWTH, MOST_STEPS);
  }
}
