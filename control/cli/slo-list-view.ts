import type { ListObjectivesResponse, Objective } from "../../client/index.ts";
import { AlertState } from "../../client/index.ts";
import { severityWord, stateCell, stateWord } from "./alert-words.ts";
import type { Cell, Column } from "./table.ts";
import { formatShare } from "./units.ts";
import { clockTime, spanText, tablePage, timeText, type View } from "./view.ts";

/** Objectives, a line each, those with the least budget left first. */
export function sloListView(): View<ListObjectivesResponse> {
  return {
    lines({ at, objectives, total }, page) {
      const used = objectives.filter(({ budgetLeft }) => budgetLeft <= 0).length;
      const parts = [
        `${total} ${total === 1 ? "objective" : "objectives"}`,
        used > 0 ? `${used} without budget` : "",
        objectives.length < total ? `${total - objectives.length} more (--limit)` : "",
        at ? `judged up to ${clockTime(at)}` : "",
      ];
      const headline = parts.filter((part) => part !== "").join("  ");
      const empty = "No objectives: there is no SLO, or nothing that one is about was asked yet.";
      return tablePage({ headline, columns: columnsFor(at ?? new Date()), rows: objectives, empty }, page);
    },
    json: ({ at, objectives, total }) => {
      return { at: at?.toISOString() ?? null, objectives: objectives.map(objectiveJson), total };
    },
  };
}

function columnsFor(now: Date): Column<Objective>[] {
  const right = (title: string, optional: number, cell: (row: Objective) => Cell): Column<Objective> => {
    return { title, align: "right", optional, cell };
  };
  const left = (title: string, optional: number, cell: (row: Objective) => Cell): Column<Objective> => {
    return { title, align: "left", optional, cell };
  };
  return [
    left("STATE", 0, markCell),
    { ...left("OBJECTIVE", 0, ({ title, slo }) => ({ text: title || slo })), shrinks: true },
    right("PROMISED", 0, ({ objective }) => ({ text: promiseText(objective) })),
    right("OVER", 3, ({ window }) => ({ text: window ? spanText(window.seconds) : "" })),
    right("ACTUAL", 2, ({ actual }) => ({ text: promiseText(actual) })),
    right("BUDGET LEFT", 0, ({ budgetLeft }) => ({
      text: budgetLeft < 0 ? `-${formatShare(-budgetLeft)}` : formatShare(budgetLeft),
      colour: budgetLeft <= 0 ? "red" : budgetLeft < 0.25 ? "yellow" : "none",
    })),
    left("BURNS", 1, ({ burns }) => ({ text: burns.map(burnText).join(", ") })),
    left("RUNS OUT", 0, (row) => ({ text: row.runsOut ? timeText(row.runsOut, now) : "" })),
    left("OWNER", 4, ({ owner }) => ({ text: owner })),
  ];
}

function markCell({ state, severity }: Objective): Cell {
  if (state === AlertState.ALERT_STATE_UNSPECIFIED) return { text: "· fine" };
  return stateCell({ state, severity, mutedBy: "" });
}

/** "99.95 %": as exact as objectives are. */
function promiseText(share: number): string {
  return `${Number((share * 100).toFixed(3))} %`;
}

/** "2x in 1 h": how many times faster than a budget that just lasts. */
function burnText({ window, rate }: Objective["burns"][number]): string {
  const over = window ? ` in ${spanText(window.seconds)}` : "";
  return `${Number(rate.toPrecision(3))}x${over}`;
}

function objectiveJson(objective: Objective): Record<string, unknown> {
  const { window, known, burns, runsOut, state, severity, ...same } = objective;
  return {
    ...same,
    windowSeconds: window?.seconds ?? null,
    knownSeconds: known?.seconds ?? null,
    burns: burns.map((burn) => ({ windowSeconds: burn.window?.seconds ?? null, rate: burn.rate })),
    runsOut: runsOut?.toISOString() ?? null,
    state: stateWord(state),
    severity: severityWord(severity),
  };
}
