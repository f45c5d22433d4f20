/** Changes of alerts as the history keeps them, and back. */
import type { AlertCause, AlertEvent } from "../../store/alert-event.ts";
import type { Alert } from "../alert.ts";
import type { ExplainedChange } from "../alert-book.ts";
import type { Rule } from "../rule.ts";

/** @param atMs when it changed */
export function eventOf({ alert, cause }: ExplainedChange, atMs: number): AlertEvent {
  const { id, fingerprint, incident, rule, severity, state, labels, summary, measured } = alert;
  return { atMs, alertId: id, fingerprint, incident, rule, severity, state, labels, summary, measured, cause };
}

/**
 * The alerts that events tell of, as they were last in them, the newest first; not those that never fired.
 * @param events the newest first
 * @param ruleOf what a rule says by now; undefined where there is none of this name any more
 */
export function alertsOf(events: readonly AlertEvent[], ruleOf: (name: string) => Rule | undefined): Alert[] {
  const alerts = new Map<string, Alert>();
  for (const event of events) {
    // One that fired has an incident, and what comes after has it too.
    if (event.incident === "") continue;
    const later = alerts.get(event.alertId);
    if (!later) alerts.set(event.alertId, alertOf(event, ruleOf(event.rule)));
    else if (event.state === "firing") alerts.set(event.alertId, { ...later, firedMs: event.atMs });
  }
  return [...alerts.values()];
}

/**
 * What incidents were put down to, by their ids; of those that were recorded without it, nothing. Whom one hurts is all that its events
 * name.
 * @param events the newest first
 */
export function causesOf(events: readonly AlertEvent[]): Map<string, AlertCause> {
  const causes = new Map<string, AlertCause>();
  for (const { incident, cause } of events) {
    if (!cause) continue;
    const later = causes.get(incident);
    const affected = new Set([...(later?.affected ?? []), ...cause.affected]);
    causes.set(incident, { ...(later ?? cause), affected: [...affected].sort() });
  }
  return causes;
}

function alertOf(event: AlertEvent, rule: Rule | undefined): Alert {
  const { atMs, alertId, fingerprint, incident, severity, state, labels, summary, measured } = event;
  return {
    ...{ id: alertId, fingerprint, rule: event.rule, severity, state, labels, measured, summary, incident },
    sinceMs: sinceOf(alertId),
    firedMs: state === "firing" ? atMs : null,
    resolvedMs: state === "resolved" ? atMs : null,
    resolvedBy: null,
    description: rule?.description ?? "",
    runbook: rule?.runbook ?? "",
    owner: rule?.owner ?? "",
  };
}

/** When an alert's condition began to hold is a part of its id. */
function sinceOf(id: string): number {
  return parseInt(id.slice(id.lastIndexOf("-") + 1), 36);
}
