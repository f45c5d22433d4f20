import { piecesOf } from "../pieces.ts";
import type { Piece, Steps } from "../pieces.ts";
import type { TimeRange } from "../store.ts";
import { retentionMs } from "./layout.ts";
import type { Resolution } from "./layout.ts";
import { HOUR_MS } from "./limits.ts";

/** A position in the list of resolutions: 0 is the finest, of windows as they came. */
export type Level = number;

/** The resolutions, and which of them still has an instant. */
export class Levels {
  readonly all: readonly Resolution[];
  readonly #now: () => number;
  #toldMs = 0;

  /** @param now milliseconds since the epoch */
  constructor(resolutions: readonly Resolution[], now: () => number) {
    this.all = resolutions;
    this.#now = now;
  }

  /** Time goes on, as whoever lets the history expire says. */
  advance(nowMs: number): void {
    this.#toldMs = Math.max(this.#toldMs, nowMs);
  }

  get clockMs(): number {
    return Math.max(this.#toldMs, this.#now());
  }

  get coarsest(): Level {
    return this.all.length - 1;
  }

  at(level: Level): Resolution {
    return this.all[level]!;
  }

  slotMs(level: Level): number {
    return this.at(level).slotMs;
  }

  /** Windows of the finest resolution that are longer than this keep a time of their own (see layout.ts). */
  get plainUpToMs(): number {
    return this.slotMs(Math.min(1, this.coarsest));
  }

  /** What ended before this is not told at a level any more, on a whole hour (or slot, where that is longer). */
  expiredBeforeMs(level: Level): number {
    const { keptMs, slotMs } = this.at(level);
    const unitMs = Math.max(HOUR_MS, slotMs);
    return Math.max(0, Math.floor((this.clockMs - keptMs) / unitMs) * unitMs);
  }

  /** From here on InfluxDB has everything of a level for sure. */
  completeFromMs(level: Level): number {
    return this.clockMs - retentionMs(this.at(level));
  }

  /**
   * The finest level that takes something that ended then; undefined where none does. InfluxDB keeps a level longer than
   * it is told, and what comes late is merged as long as all of its slot is there.
   */
  homeOf(endMs: number): Level | undefined {
    const level = this.all.findIndex((_, at) => endMs > this.completeFromMs(at) + HOUR_MS);
    return level < 0 ? undefined : level;
  }

  /**
   * A range in stretches, each with the level that it is read from.
   *
   * @param coarsest what is read is kept at no level beyond
   */
  piecesOf(range: TimeRange, steps?: Steps, coarsest = this.coarsest): Piece[] {
    const levels = this.all
      .slice(0, coarsest + 1)
      .map(({ slotMs }, level) => ({ slotMs, expiredBeforeMs: this.expiredBeforeMs(level) }));
    return piecesOf(range, levels, steps);
  }
}
