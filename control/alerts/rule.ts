/**
 * What rules say: plain data, as the engine takes it. How people write it is `objects/`.
 *
 * Every share is of bad among all: a percentile's threshold ("p99 above 300 ms") is the share that may be above it ("more than
 * 1 % above 300 ms"), which is the same condition and needs no histogram a window.
 */
import type { Grouping } from "../world/counted.ts";
import type { Filter } from "../world/filters.ts";

/** From the least urgent. */
export const SEVERITIES = ["warning", "critical"] as const;

export type Severity = (typeof SEVERITIES)[number];

/** What is counted. Shares are 0 to 1. */
export type Indicator =
  /** The share of requests that failed: server errors and not reached. */
  | { readonly kind: "errors" }
  /** The share of timed requests that took longer. Resolved to a bucket, so good to 1/64. */
  | { readonly kind: "latency"; readonly overMs: number }
  /** Requests a second. */
  | { readonly kind: "throughput" }
  /** The share of TCP connections that were not reached. */
  | { readonly kind: "connectFailures" }
  /** The share of requests that reporters could not count in full. */
  | { readonly kind: "loss" };

/** What every rule has. */
export interface RuleHead {
  /** Unique among rules. */
  readonly name: string;
  /** Of what it counts; all must hold. */
  readonly where: readonly Filter[];
  /** One alert for each combination of values; one in all where empty. */
  readonly groupBy: readonly Grouping[];
  /** Ids of workloads that it leaves to rules of their own, where it tells workloads apart. */
  readonly except?: readonly string[];
  /** How long the condition must hold before the alert fires. */
  readonly forMs: number;
  /** How long it must be gone before the alert is resolved. */
  readonly keepMs: number;
  /** What to do, as its author wrote it; empty where nothing is written. */
  readonly description: string;
  /** An address to read; empty for none. */
  readonly runbook: string;
  /** Who is told where nobody owns the workload by annotation; empty for nobody in particular. */
  readonly owner: string;
}

/** Windows of threshold and baseline rules. */
export const WINDOWS_MS: readonly number[] = [1, 5, 10, 30, 60].map((minutes) => minutes * 60_000);

export interface ThresholdRule extends RuleHead {
  readonly kind: "threshold";
  readonly severity: Severity;
  readonly indicator: Indicator;
  readonly comparison: "above" | "below";
  readonly value: number;
  /** Hysteresis: it is over when the value has come back past this; equal to `value` for none. */
  readonly clearValue: number;
  /** One of WINDOWS_MS. */
  readonly windowMs: number;
  /** Nothing is judged by fewer requests in the window. */
  readonly minRequests: number;
}

/** A learned baseline: the usual value of this hour of the week. */
export interface BaselineRule extends RuleHead {
  readonly kind: "baseline";
  readonly severity: Severity;
  /** Of latency the 95th percentile is learned; `overMs` is not used. */
  readonly indicator: "errors" | "latency" | "throughput";
  /** How many times the usual value; of throughput also below its inverse. */
  readonly factor: number;
  /** One of WINDOWS_MS. */
  readonly windowMs: number;
  readonly minRequests: number;
}

/** Two windows and the burn rate that both must exceed. */
export interface BurnWindow {
  readonly severity: Severity;
  readonly longMs: number;
  readonly shortMs: number;
  /** In units of the pace that uses up the budget in exactly the objective's window. */
  readonly burnRate: number;
}

/** Multi-window, multi-burn-rate alerts of an objective (Site Reliability Workbook, chapter 5, "6: Multiwindow, Multi-Burn-Rate Alerts"). */
export interface BurnRule extends RuleHead {
  readonly kind: "burn";
  readonly indicator: Extract<Indicator, { readonly kind: "errors" | "latency" | "connectFailures" }>;
  /** Share of good requests that is promised, above 0 and below 1. */
  readonly objective: number;
  /** Rolling. */
  readonly windowMs: number;
  readonly minRequests: number;
  readonly burns: readonly BurnWindow[];
}

export const TOPOLOGY_EVENTS = ["newEdge", "edgeVanished", "newExternal", "restartedIntoErrors"] as const;

export type TopologyEvent = (typeof TOPOLOGY_EVENTS)[number];

export interface TopologyRule extends RuleHead {
  readonly kind: "topology";
  readonly severity: Severity;
  readonly event: TopologyEvent;
}

/** What was seen before and should still be there tells nothing. */
export interface NoDataRule extends RuleHead {
  readonly kind: "noData";
  readonly severity: Severity;
  /** How long it must have been silent. */
  readonly afterMs: number;
}

export type Rule = ThresholdRule | BaselineRule | BurnRule | TopologyRule | NoDataRule;

/** What mutes: alerts of these labels are evaluated and shown, and told to nobody. */
export interface Mute {
  readonly name: string;
  /** All must hold of an alert's labels; `rule` and `severity` are labels too. Never empty. */
  readonly matchers: readonly Matcher[];
  /** Milliseconds since the epoch, half-open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly author: string;
  readonly reason: string;
}

/** A condition on a label; one that an alert has not is empty. Operators as of filters; regular expressions match the whole value, as Alertmanager's do. */
export interface Matcher {
  readonly label: string;
  readonly operator: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}
