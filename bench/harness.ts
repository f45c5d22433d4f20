/** What every benchmark shares: its result's form, medians with their spread, and the table for docs/benchmarks.md. */

/** One number of a benchmark. `met` is absent where there is no goal. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
  readonly met?: boolean;
}

export interface BenchResult {
  readonly name: string;
  readonly figures: readonly Figure[];
}

export interface Bench {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly about: string;
  /** `say` reports progress; nothing else may be printed. */
  run(say: (line: string) => void): Promise<BenchResult>;
}

/** The q-quantile (0..1) by rank of unsorted values; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

/** A figure with an upper goal. */
export function atMost(what: string, value: number, limit: number, unit: string): Figure {
  return { what, value, unit, goal: `<= ${limit} ${unit}`, met: value <= limit };
}

function digits(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

/** The section of docs/benchmarks.md for a result: heading, date, command, table. */
export function markdown(result: BenchResult, date: string): string {
  const rows = result.figures.map(
    ({ what, value, unit, goal, met }) =>
      `| ${what} | ${`${digits(value)} ${unit}`.trim()} | ${goal ?? ""} | ${met === undefined ? "" : met ? "yes" : "no"} |`,
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
