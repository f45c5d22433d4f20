/** Objectives as rows of a table, and their budget and burn rate over time. Pure. */
import type { Objective } from "../../../control/alerts/objective.ts";
import type { SeriesPoint } from "../../../control/store/store.ts";
import type { Health } from "../../../control/world/model.ts";
import { healthOf, hasWords, subjectWords } from "./alerts.ts";
import { formatSpan } from "./format.ts";

export type ObjectiveColumn = "slo" | "state" | "budget" | "actual" | "burn" | "runsOut";

const DAY_MS = 86_400_000;

/** Tells one objective from every other: its SLO and its labels. */
export function objectiveKey({ slo, labels }: Pick<Objective, "slo" | "labels">): string {
  return `${slo} ${groupText(labels)}`;
}

/** "workload=shop/user,route=/cards": labels as they stand in the address. */
export function groupText(labels: Objective["labels"]): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(",");
}

export function objectiveHealth({ state, severity, budgetLeft }: Objective): Health {
  if (state !== null && severity !== null) return healthOf({ state, severity });
  return budgetLeft < 0 ? "degraded" : "healthy";
}

/** "Burns too fast", "Budget used up", "Met". */
export function objectiveState({ state, budgetLeft, requests }: Objective): string {
  if (state === "firing") return "Burns too fast";
  if (state === "pending") return "About to alert";
  if (budgetLeft < 0) return "Budget used up";
  return requests === 0 ? "Nothing asked" : "Met";
}

/** 0.99950 as "99.95 %": as many digits as tell it from what was promised. */
export function objectiveShare(share: number): string {
  const missing = 1 - share;
  const digits = missing <= 0 ? 0 : Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(missing * 100))));
  return `${Number((share * 100).toFixed(digits))}\u00a0%`;
}

/** The share of the budget that is left, in whole per cent; what is more than used up is below zero. */
export function budgetWords(budgetLeft: number): string {
  const percent = Math.floor(budgetLeft * 100);
  return `${Math.max(-999, percent)}\u00a0%`;
}

export function runsOutWords({ runsOutMs, budgetLeft }: Objective, nowMs: number): string {
  if (budgetLeft <= 0) return "used up";
  return runsOutMs === null ? "not at this pace" : `in ${formatSpan(runsOutMs - nowMs)}`;
}

/** The pace over its shortest window that is told, which an outage moves first. */
export function fastestBurn({ burns }: Objective): number {
  return Math.max(0, ...burns.map(({ rate }) => rate));
}

export function formatBurn(rate: number): string {
  return `${rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(2))}×`;
}

export function findObjectives(objectives: readonly Objective[], text: string): readonly Objective[] {
  if (text.trim() === "") return objectives;
  return objectives.filter((objective) =>
    hasWords([objective.slo, objective.title, objective.owner, ...Object.values(objective.labels)].join(" "), text),
  );
}

/** As control orders them, least budget first, without a column. "-budget" sorts downwards. */
export function sortObjectives(objectives: readonly Objective[], sort: string): readonly Objective[] {
  const isDown = sort.startsWith("-");
  const key = KEYS[(isDown ? sort.slice(1) : sort) as ObjectiveColumn];
  if (!key) return objectives;
  const sign = isDown ? -1 : 1;
  return [...objectives].sort((a, b) => sign * compare(key(a), key(b)));
}

const KEYS: Readonly<Record<ObjectiveColumn, (objective: Objective) => string | number>> = {
  slo: ({ slo, labels }) => `${slo} ${subjectWords(labels)}`,
  state: (objective) => ["failing", "degraded", "affected", "healthy"].indexOf(objectiveHealth(objective)),
  budget: ({ budgetLeft }) => budgetLeft,
  actual: ({ actual, objective }) => (1 - actual) / (1 - objective),
  burn: fastestBurn,
  runsOut: ({ runsOutMs, budgetLeft }) => (budgetLeft <= 0 ? 0 : (runsOutMs ?? Number.MAX_SAFE_INTEGER)),
};

function compare(a: string | number, b: string | number): number {
  return typeof a === "string" || typeof b === "string" ? String(a).localeCompare(String(b)) : a - b;
}

/** How objectives are put together; empty for one list. */
export const GROUPINGS = ["slo", "owner", "namespace"] as const;

export type ObjectiveGrouping = (typeof GROUPINGS)[number] | "";

/** Groups in the order in which their first objective comes. */
export function groupObjectives(
  objectives: readonly Objective[],
  by: ObjectiveGrouping,
): readonly { readonly name: string; readonly objectives: readonly Objective[] }[] {
  if (by === "") return [{ name: "", objectives }];
  const groups = new Map<string, Objective[]>();
  for (const objective of objectives) {
    const name = groupName(objective, by);
    const group = groups.get(name);
    if (group) group.push(objective);
    else groups.set(name, [objective]);
  }
  return [...groups].map(([name, members]) => ({ name, objectives: members }));
}

function groupName({ slo, owner, labels }: Objective, by: Exclude<ObjectiveGrouping, "">): string {
  if (by === "slo") return slo;
  if (by === "owner") return owner || "nobody in particular";
  const workload = labels["workload"] ?? labels["server.workload"] ?? "";
  return labels["namespace"] ?? (workload.split("/")[0] || "no namespace");
}

/** The budget of each step: what the whole window allows of its requests, less what was bad until then. */
export interface Budget {
  readonly atMs: readonly number[];
  readonly left: readonly number[];
  /** How fast each step burned it; null where nothing was asked. */
  readonly burn: readonly (number | null)[];
}

/** @param points of which those of a latency objective say how much was slow; the window ends at the last of them */
export function budgetOver(
  points: readonly SeriesPoint[],
  { objective, requests, bad: badInAll }: Pick<Objective, "objective" | "requests" | "bad">,
): Budget {
  const counted = points.map(({ atMs, outcomes, slow }) => {
    if (slow) return { atMs, bad: slow.slower, all: slow.timed };
    const bad = outcomes.serverError + outcomes.notReached + outcomes.noAnswer;
    return { atMs, bad, all: bad + outcomes.success + outcomes.clientError };
  });
  const allowed = (1 - objective) * requests;
  // What is not among the points was bad before them.
  let used = Math.max(0, badInAll - counted.reduce((sum, { bad }) => sum + bad, 0));
  const left = counted.map(({ bad }) => {
    used += bad;
    return allowed === 0 ? 1 : 1 - used / allowed;
  });
  const burn = counted.map(({ bad, all }) => (all === 0 ? null : bad / all / (1 - objective)));
  return { atMs: counted.map(({ atMs }) => atMs), left, burn };
}

/** Steps that make some 180 points of a window. */
export function stepOf(windowMs: number): number {
  return windowMs >= 21 * DAY_MS ? DAY_MS / 6 : DAY_MS / 24;
}
