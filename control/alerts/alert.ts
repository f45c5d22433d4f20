/** What rules lead to: plain data that the API, the notifiers and the history share. */
import type { Severity } from "./rule.ts";

/** `pending`: the condition holds, not yet for long enough. `resolved` is the last state of an alert; when it fires again it is a new one. */
export type AlertState = "pending" | "firing" | "resolved";

/** Why an alert was resolved: the figures came back, nothing was asked any more, or its rule went. */
export type ResolvedBy = "recovered" | "noTraffic" | "ruleGone";

/** How bad it is, in the unit of the indicator: shares 0 to 1, requests a second, burn rates, or milliseconds of a baseline of latency. */
export interface Measured {
  readonly value: number;
  readonly limit: number;
  /** What is usual here at this time; null where that is not known. */
  readonly usual: number | null;
  /** Requests in the window, and those of them that were bad. */
  readonly requests: number;
  readonly bad: number;
}

/** One group of one rule, from when its condition held until it was over. Times are milliseconds since the epoch. */
export interface Alert {
  /** Unique for all time: the fingerprint of rule and labels, and when it began. */
  readonly id: string;
  /** Of rule and labels alone: that it is the same thing again. 16 hexadecimal digits. */
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly state: AlertState;
  /** The attributes that it was grouped by, by name: `workload`, `client.workload`, `method`, `route`, ... */
  readonly labels: Readonly<Record<string, string>>;
  /** When the condition began to hold. */
  readonly sinceMs: number;
  readonly firedMs: number | null;
  readonly resolvedMs: number | null;
  readonly resolvedBy: ResolvedBy | null;
  readonly measured: Measured;
  /** In words a person can read: "5.2 % of requests to shop/user failed over 5 min (limit 1 %)". */
  readonly summary: string;
  readonly description: string;
  readonly runbook: string;
  /** Who owns it; empty for nobody in particular. */
  readonly owner: string;
  /** The incident that it belongs to; empty while pending. */
  readonly incident: string;
}

/** Alerts with one probable origin: what a person is told of once. */
export interface Incident {
  /** Unique for all time. */
  readonly id: string;
  readonly state: "firing" | "resolved";
  /** The worst of its alerts. */
  readonly severity: Severity;
  readonly sinceMs: number;
  readonly resolvedMs: number | null;
  /** Where it comes from: a server, and the endpoint where one stands out. */
  readonly origin: Origin;
  /** Those of the origin first. Never empty. */
  readonly alerts: readonly Alert[];
  /** Workloads that are hurt by it, by node id. */
  readonly affected: readonly string[];
  /** The mute that holds it back; empty for none. */
  readonly mutedBy: string;
}

/** The deepest failing call that explains the rest. */
export interface Origin {
  /** Node id of the server; empty where an incident is about no server. */
  readonly server: string;
  /** Empty where it is no single endpoint. */
  readonly method: string;
  readonly route: string;
}
