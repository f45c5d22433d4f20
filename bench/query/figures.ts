/** What was measured, as figures. */
import { atMost, measured } from "../harness.ts";
import type { Figure } from "../harness.ts";
import { medianOf, ratioOf } from "../statistics.ts";
import type { Samples } from "../statistics.ts";
import type { DiskUse } from "./data.ts";
import { VARIANTS } from "./engines.ts";
import type { Variant } from "./engines.ts";
import { QUESTIONS } from "./questions.ts";
import type { What } from "./questions.ts";

/** Milliseconds by question, of those that were asked in a round. */
export type Round = Readonly<Partial<Record<What, number>>>;
export type Times = ReadonlyMap<Variant, readonly Round[]>;

const TABLES = {
  cold: "The first such question after a start, with nothing of the data in memory before, ms",
  warm: "Every further question, ms",
} as const;

/** How much longer the alternative takes: who is compared with which of Sidelight's engines. */
const COMPARED: readonly (readonly [own: Variant, other: Variant])[] = [
  ["duckdb", "flux"],
  ["duckdb", "promql"],
  ["influx", "flux"],
  ["influx", "promql"],
];

/** Medians over all rounds, those of Sidelight with their goals, and how they compare. */
export function timeFigures(when: keyof typeof TABLES, times: Times): Figure[] {
  const figures: Figure[] = [];
  for (const [what, question] of Object.entries(QUESTIONS) as [What, (typeof QUESTIONS)[What]][]) {
    const { title } = question;
    const goalMs = "goalMs" in question ? question.goalMs : undefined;
    const samples = (variant: Variant): Samples =>
      (times.get(variant) ?? []).flatMap((round) => (round[what] === undefined ? [] : [[round[what]]]));
    for (const [variant, column] of Object.entries(VARIANTS) as [Variant, string][]) {
      const name = `${column}: ${title}, ${when}`;
      const value = medianOf(samples(variant));
      const isOwn = variant === "duckdb" || variant === "influx";
      const hasGoal = isOwn && goalMs !== undefined;
      const figure = hasGoal ? atMost(name, value, goalMs, "ms") : measured(name, value, "ms");
      const row = goalMs === undefined ? title : `${title} (goal <= ${goalMs})`;
      figures.push({ ...figure, cell: { table: TABLES[when], row, column } });
    }
    if (when === "cold") continue;
    for (const [own, other] of COMPARED) {
      const column = `${VARIANTS[other]} / ${VARIANTS[own]}`;
      const figure = measured(`${column}: ${title}`, ratioOf(samples(other), samples(own)), "x");
      figures.push({ ...figure, cell: { table: "How many times as long", row: title, column } });
    }
  }
  return figures;
}

export function diskFigures(disk: DiskUse, rows: number): Figure[] {
  return [
    { what: "rows", value: rows, unit: "" },
    { what: "on disk a row, Sidelight, DuckDB", value: disk.duckdb / rows, unit: "bytes" },
    { what: "on disk a row, Sidelight, InfluxDB", value: disk.influx / rows, unit: "bytes" },
    { what: "on disk a row, VictoriaMetrics, without histograms", value: disk.victoria / rows, unit: "bytes" },
  ];
}
