/** Changes of alerts as the history keeps them, and back. */
import type { AlertEvent } from "../../store/alert-event.ts";
import type { Alert } from "../alert.ts";
import type { AlertChange } from "../alert-book.ts";
import type { Rule } from "../rule.ts";

/** @param atMs when it changed */
export function eventOf({ alert }: AlertChange, atMs: number): AlertEvent {
  const { id, fingerprint, incident, rule, severity, state, labels, summary, measured } = alert;
  return { atMs, alertId: id, fingerprint, incident, rule, severity, state, labels, summary, measured };
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
