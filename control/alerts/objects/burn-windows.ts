/**
 * Windows and burn rates of an objective's alerts: Google, "The Site Reliability Workbook" (2018), chapter 5, "Alerting on SLOs",
 * table 5-8 and "6: Multiwindow, Multi-Burn-Rate Alerts" (https://sre.google/workbook/alerting-on-slos/). A burn rate follows
 * from the share of the budget that may be used up in the long window before somebody is told.
 */
import type { BurnWindow, Severity } from "../rule.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The pairs of windows, by how soon they tell. */
export const BURN_NAMES = ["fast", "medium", "slow"] as const;

export type BurnName = (typeof BURN_NAMES)[number];

/** What a pair of windows is changed to; what is left out stays. */
export interface BurnChange {
  readonly severity?: Severity | undefined;
  readonly burnRate?: number | undefined;
  /** Milliseconds. */
  readonly long?: number | undefined;
  readonly short?: number | undefined;
}

export type BurnChanges = { readonly [Name in BurnName]?: BurnChange | "off" | undefined };

interface Budgeted extends Omit<BurnWindow, "burnRate"> {
  /** Of the budget of all the objective's window. */
  readonly budgetShare: number;
}

const RECOMMENDED: Readonly<Record<BurnName, Budgeted>> = {
  fast: { severity: "critical", longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, budgetShare: 0.02 },
  medium: { severity: "critical", longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, budgetShare: 0.05 },
  slow: { severity: "warning", longMs: 72 * HOUR_MS, shortMs: 6 * HOUR_MS, budgetShare: 0.1 },
};

/** 14.4, 6 and 1 for 30 days. A pace that never uses the budget up is nothing to tell: what would be below 1 is left out. */
export function burnWindows(windowMs: number, changes: BurnChanges | "off" = {}): BurnWindow[] {
  if (changes === "off") return [];
  return BURN_NAMES.flatMap((name) => {
    const change = changes[name] ?? {};
    if (change === "off") return [];
    const { severity, budgetShare } = RECOMMENDED[name];
    const { longMs, shortMs } = changedSpans(name, change);
    const burnRate = change.burnRate ?? Number(((budgetShare * windowMs) / longMs).toPrecision(12));
    if (burnRate < 1 && change.burnRate === undefined) return [];
    return [{ severity: change.severity ?? severity, longMs, shortMs, burnRate }];
  });
}

/** The two windows of a pair. */
export function changedSpans(name: BurnName, { long, short }: BurnChange): Pick<BurnWindow, "longMs" | "shortMs"> {
  const { longMs, shortMs } = RECOMMENDED[name];
  return { longMs: long ?? longMs, shortMs: short ?? shortMs };
}
