import { DEFAULT_THRESHOLDS } from "./health.ts";
import type { Thresholds } from "./health.ts";

/** How a world counts and what it keeps. Every limit of world/ is stated here. */
export interface WorldOptions {
  /** Length of the window that rates and health are taken over, in whole seconds. */
  readonly windowSeconds: number;
  /**
   * Seconds before now at which the window ends. A second's counters arrive during the next one; without this, every
   * snapshot would see its last second half empty. Totals do not wait.
   */
  readonly arrivalSeconds: number;
  readonly thresholds: Thresholds;
  /** An edge or endpoint that was not seen for so long is forgotten, in milliseconds. */
  readonly forgetAfterMs: number;
  /** Edges; requests of further ones are counted as lost (`edgesFull`). */
  readonly maxEdges: number;
  /** Endpoints an edge; requests of further ones are counted under "~other" and as a loss (`endpointsFull`). */
  readonly maxEndpointsPerEdge: number;
  /** Endpoints an edge that a snapshot carries; what is cut is stated in `endpointsCut`. */
  readonly maxEndpointsShown: number;
  /** Counters held in the window, those of many reporters that can be added up as one; further ones count in totals only and in `WorldSize.skipped`. */
  readonly maxHeld: number;
  /** Pairs of pods told apart in the window, by protocol; further ones are counted as `~other` and as a loss (`podsFull`). */
  readonly maxPodEdges: number;
  /** Of what pods said, held in the window at most; past it no pods are told, and a loss says so (`podsFull`). */
  readonly maxPodsHeld: number;
  /** How far a window may lie beyond the last snapshot, in seconds. Past it, as for `maxHeld`. */
  readonly maxAheadSeconds: number;
}

export const DEFAULT_WORLD_OPTIONS: WorldOptions = Object.freeze({
  windowSeconds: 30,
  arrivalSeconds: 2,
  thresholds: DEFAULT_THRESHOLDS,
  forgetAfterMs: 24 * 3_600_000,
  maxEdges: 5_000,
  maxEndpointsPerEdge: 200,
  maxEndpointsShown: 50,
  maxHeld: 2_000_000,
  maxPodEdges: 20_000,
  maxPodsHeld: 1_000_000,
  maxAheadSeconds: 600,
});

/**
 * `arrivalSeconds` for reporters that report each so many milliseconds: a counter is up to that old when it comes, and
 * the second after is for its way.
 */
export function arrivalSecondsFor(reportIntervalMs: number): number {
  return Math.ceil(reportIntervalMs / 1_000) + 1;
}

/** What the conditions of one question may be. */
export const FILTER_LIMITS = Object.freeze({
  maxFilters: 16,
  /** Characters of a value; nothing longer is ever stored. */
  maxValueLength: 512,
  /** Characters of a regular expression. */
  maxPatternLength: 128,
  /** Instructions that it may compile to: counted repetitions multiply. */
  maxPatternSize: 500,
  /** Instructions times characters, over all regular expressions of a question: at 50 ns each at worst, half a second. */
  maxPatternSteps: 10_000_000,
});
