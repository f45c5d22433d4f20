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

/** What tells one event from another: an alert comes to each state once. */
export function eventKey({ alertId, state }: Pick<AlertEvent, "alertId" | "state">): string {
  return `${state} ${alertId}`;
}
