/** The charts of an objective as data: what is left of its budget, and how fast that burns. Pure. */
import type { Objective } from "../../../control/alerts/objective.ts";
import { NO_FIGURE } from "../model/format.ts";
import { budgetOver, budgetWords, formatBurn } from "../model/objectives.ts";
import type { PlotSpec } from "./specs.ts";

type Promised = Pick<Objective, "objective" | "requests" | "bad">;

const NOTHING = { now: () => [], none: () => "Nothing was asked in this window" } as const;

export function budgetSpec(promised: Promised): PlotSpec {
  return {
    ...NOTHING,
    format: (value) => (value === null ? NO_FIGURE : budgetWords(value)),
    lines: [{ name: "left", stroke: "--series-p99", fill: "--series-p95" }],
    rows: ({ points }) => [[...budgetOver(points, promised).left]],
    least: 1,
  };
}

export function burnSpec(promised: Promised): PlotSpec {
  return {
    ...NOTHING,
    format: (value) => (value === null ? NO_FIGURE : formatBurn(value)),
    lines: [{ name: "burn", stroke: "--series-p99", width: 1.25 }],
    rows: ({ points }) => [[...budgetOver(points, promised).burn]],
    least: 2,
  };
}
