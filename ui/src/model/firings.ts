/** What rules would have done, as a picture over time and in words. Pure. */
import type { Alert } from "../../../control/alerts/alert.ts";
import type { BacktestResult } from "../../../control/api/alert-source.ts";
import { subjectWords } from "./alerts.ts";
import { countOf } from "./format.ts";

const DAY_MS = 86_400_000;

/** How far back one tries a rule. */
export const TRIAL_SPANS = [
  { id: "24h", word: "24 h", ms: DAY_MS, name: "24 hours" },
  { id: "7d", word: "7 d", ms: 7 * DAY_MS, name: "7 days" },
  { id: "30d", word: "30 d", ms: 30 * DAY_MS, name: "30 days" },
] as const;

export type TrialSpan = (typeof TRIAL_SPANS)[number];

/** A history that begins later than the range by more than this is short. */
const SHORT_MS = 10 * 60_000;

/** One firing as a bar: shares of the range, 0 to 1. */
export interface FiringBar {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly severity: Alert["severity"];
  readonly firedMs: number;
  readonly summary: string;
}

export interface FiringLane {
  readonly group: string;
  readonly bars: readonly FiringBar[];
}

/** A lane a group, those that fired most often first. */
export function lanesOf({ alerts, range }: Pick<BacktestResult, "alerts" | "range">): FiringLane[] {
  const lanes = new Map<string, FiringBar[]>();
  const length = range.toMs - range.fromMs;
  const shareOf = (ms: number): number => Math.min(1, Math.max(0, (ms - range.fromMs) / length));
  for (const { id, labels, severity, firedMs, resolvedMs, summary } of alerts) {
    if (firedMs === null) continue;
    const group = subjectWords(labels);
    const bar = { id, from: shareOf(firedMs), to: shareOf(resolvedMs ?? range.toMs), severity, firedMs, summary };
    const lane = lanes.get(group);
    if (lane) lane.push(bar);
    else lanes.set(group, [bar]);
  }
  return [...lanes]
    .map(([group, bars]) => ({ group, bars }))
    .sort((a, b) => b.bars.length - a.bars.length || a.group.localeCompare(b.group));
}

/** "would have fired 4 times in the last 7 days; people would have been told 3 times". */
export function firedWords({ total, incidents }: Pick<BacktestResult, "total" | "incidents">, span: TrialSpan): string {
  if (total === 0) return `would not have fired in the last ${span.name}`;
  return `would have fired ${times(total)} in the last ${span.name}; people would have been told ${times(incidents)}`;
}

function times(count: number): string {
  return count === 1 ? "once" : countOf(count, "time");
}

/** Since when there is history, where that is not all of the range; null where it is, undefined where there is none at all. */
export function shortSince({ sinceMs, range }: Pick<BacktestResult, "sinceMs" | "range">): number | null | undefined {
  if (sinceMs === null) return undefined;
  return sinceMs > range.fromMs + SHORT_MS ? sinceMs : null;
}
