/** What every benchmark shares: its result's form, and the table for docs/benchmarks.md. */
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
}

/** A figure with an upper goal. */
export function atMost(what: string, value: number | Estimate, limit: number, unit: string): Figure {
  const figure = measured(what, value, unit);
  const isUndecided = figure.spread !== undefined && figure.spread[0] <= limit && limit < figure.spread[1];
  const goal = `<= ${limit} ${unit}`.trim();
  return { ...figure, goal, met: figure.value <= limit, ...(isUndecided ? { undecided: true } : {}) };
}

/** A figure without a goal. One round alone has no spread. */
export function measured(what: string, value: number | Estimate, unit: string): Figure {
  if (typeof value === "number") return { what, value, unit };
  if (value.low === value.high) return { what, value: value.value, unit };
  return { what, value: value.value, unit, spread: [value.low, value.high] };
}

function digits(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** "5.1 us (4.9 to 5.3)"; what may as well be nothing is called noise. */
function valueText({ value, unit, spread }: Figure): string {
  const text = `${digits(value)} ${unit}`.trim();
  if (!spread) return text;
  const isNoise = spread[0] <= 0 && spread[1] >= 0;
  return `${text} (${digits(spread[0])} to ${digits(spread[1])}${isNoise ? ", noise" : ""})`;
}

function metText({ met, undecided }: Figure): string {
  if (met === undefined) return "";
  return `${met ? "yes" : "no"}${undecided ? ", within the spread" : ""}`;
}

/** The section of docs/benchmarks.md for a result: heading, date, command, table. */
export function markdown(result: BenchResult, date: string): string {
  const rows = result.figures.map(
    (figure) => `| ${figure.what} | ${valueText(figure)} | ${figure.goal ?? ""} | ${metText(figure)} |`,
  );
  return [
    `## ${result.name}`,
    "",
    `${date}, \`npm run bench -- ${result.name}\`.`,
    "",
    "| figure | value | goal | met |",
    "| ------ | ----- | ---- | --- |",
    ...rows,
    "",
  ].join("\n");
}
