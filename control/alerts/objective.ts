/** How an objective fares: plain data. */
import type { AlertState } from "./alert.ts";
import type { Severity } from "./rule.ts";

/** How fast the error budget is used up over a window that ends now; 1 is the pace that uses it up in exactly the objective's window. */
export interface Burn {
  readonly windowMs: number;
  readonly rate: number;
}

/** One group of one SLO. Times are milliseconds since the epoch. */
export interface Objective {
  readonly slo: string;
  readonly labels: Readonly<Record<string, string>>;
  /** In words: "availability of shop/user". */
  readonly title: string;
  readonly description: string;
  readonly owner: string;
  /** Share of good requests that is promised, and that of the window so far; 1 where nothing was asked. */
  readonly objective: number;
  readonly actual: number;
  readonly windowMs: number;
  /** How much of the window is known. */
  readonly knownMs: number;
  readonly requests: number;
  readonly bad: number;
  /**
   * Share of the error budget that is left: what the window's requests allow, less the bad ones. Below 0 where more was used up. What of
   * the window is not known is taken to have been asked as much and to have been good; burn rates likewise.
   */
  readonly budgetLeft: number;
  readonly burns: readonly Burn[];
  /** When the budget runs out at the pace of the last hour; null where it does not within the window, or has already. */
  readonly runsOutMs: number | null;
  /** The worst alert of it that is pending or firing; null for none. */
  readonly state: Exclude<AlertState, "resolved"> | null;
  readonly severity: Severity | null;
}
