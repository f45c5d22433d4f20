/** The history of alerts: an event each time that the state of one changed. What the words mean say the rules (alerts/). */

export interface AlertEvent {
  /** When the state changed, on the world's time line; milliseconds since the epoch. */
  readonly atMs: number;
  /** Of one alert, from when its condition held until it was over. Unique for all time. */
  readonly alertId: string;
  /** Of rule and labels alone: that it is the same thing again. */
  readonly fingerprint: string;
  /** The incident that it belongs to; empty for none. */
  readonly incident: string;
  readonly rule: string;
  readonly severity: "warning" | "critical";
  /** What it changed to. */
  readonly state: "pending" | "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  /** In words a person can read. */
  readonly summary: string;
  /** How bad it was at that moment, in the unit of the rule's indicator. */
  readonly measured: MeasuredThen;
  /** What its incident was put down to by then; null where it belongs to none, and where that was not kept yet. */
  readonly cause: AlertCause | null;
}

/** The probable origin of an incident, and whom it hurts. */
export interface AlertCause {
  /** Node id; empty where it is about no server. */
  readonly server: string;
  /** Empty where it is no single endpoint. */
  readonly method: string;
  readonly route: string;
  /** Node ids of workloads that are hurt by it. */
  readonly affected: readonly string[];
}

export interface MeasuredThen {
  readonly value: number;
  readonly limit: number;
  /** What was usual; null where that was not known. */
  readonly usual: number | null;
  readonly requests: number;
  readonly bad: number;
}

/** Whose events; of all alerts, where left out. */
export interface AlertSelection {
  readonly rule?: string;
  readonly incident?: string;
}

/** A cause as it lies in the history; empty for none. */
export function causeText(cause: AlertCause | null | undefined): string {
  return cause ? JSON.stringify(cause) : "";
}

export function causeIn(text: string): AlertCause | null {
  return text === "" ? null : (JSON.parse(text) as AlertCause);
}

/** What tells one event from another: an alert comes to each state once. */
export function eventKey({ alertId, state }: Pick<AlertEvent, "alertId" | "state">): string {
  return `${state} ${alertId}`;
}
