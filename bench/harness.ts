/** What every benchmark shares: the form of its result. */
import type { Estimate } from "./statistics.ts";

/** One number of a benchmark. `met` is absent where there is no goal. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
  readonly met?: boolean;
  /** Where it was measured in several rounds: from where to where 90 % of what it could have been lie. */
  readonly spread?: readonly [low: number, high: number];
  /** The goal lies within the spread: another run may say otherwise. */
  readonly undecided?: true;
  /** Where it stands among others in one table; without one it is a row of its own. */
  readonly cell?: Cell;
}

export interface Cell {
  /** The table's heading, which has the unit in it. */
  readonly table: string;
  readonly row: string;
  readonly column: string;
}

export interface BenchResult {
  readonly name: string;
  readonly figures: readonly Figure[];
}

export interface Bench {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly about: string;
  /** The parts that `--only` can choose from; none where it is run as a whole. */
  readonly parts?: readonly string[];
  /** `say` reports progress; nothing else may be printed. */
  run(say: (line: string) => void, options: BenchOptions): Promise<BenchResult>;
}

export interface BenchOptions {
  /** Parts to run; all where there are none. */
  readonly only: readonly string[];
  /** How many rounds, where the benchmark has any, instead of its own number. */
  readonly rounds?: number;
  /** How many rows are stored, where the benchmark stores any, instead of its own number. */
  readonly rows?: number;
}

/** A figure with an upper goal. */
export function atMost(what: string, value: number | Estimate, limit: number, unit: string): Figure {
  const figure = measured(what, value, unit);
  const isUndecided = figure.spread !== undefined && figure.spread[0] <= limit && limit < figure.spread[1];
  const goal = `<= ${limit} ${unit}`.trim();
  return { ...figure, goal, met: figure.value <= limit, ...(isUndecided ? { undecided: true } : {}) };
}

/** A figure with a lower goal. */
export function atLeast(what: string, value: number | Estimate, limit: number, unit: string): Figure {
  const figure = measured(what, value, unit);
  const isUndecided = figure.spread !== undefined && figure.spread[0] < limit && limit <= figure.spread[1];
  const goal = `>= ${limit} ${unit}`.trim();
  return { ...figure, goal, met: figure.value >= limit, ...(isUndecided ? { undecided: true } : {}) };
}

/** A figure without a goal. One round alone has no spread. */
export function measured(what: string, value: number | Estimate, unit: string): Figure {
  if (typeof value === "number") return { what, value, unit };
  if (value.low === value.high) return { what, value: value.value, unit };
  return { what, value: value.value, unit, spread: [value.low, value.high] };
}
