/** What a webhook gets; docs/notifications.md describes it. Fields may come, none goes within a version. */
import type { Alert, Incident } from "../../alerts/alert.ts";
import type { Notification } from "../notification.ts";
import type { Said } from "../speech.ts";

const VERSION = 1;

export function webhookBody(notification: Notification, { title, ownText }: Said): unknown {
  const { id, incident, mapUrl, mayBeRepeated, isTest } = notification;
  return {
    version: VERSION,
    id,
    state: incident.state,
    title,
    text: ownText ?? "",
    mapUrl,
    isTest,
    mayBeRepeated,
    incident: incidentBody(incident),
  };
}

function incidentBody(incident: Incident): unknown {
  const { id, state, severity, origin, affected } = incident;
  return {
    ...{ id, state, severity, origin, affected },
    since: iso(incident.sinceMs),
    resolved: isoOrNull(incident.resolvedMs),
    alerts: incident.alerts.map(alertBody),
  };
}

function alertBody(alert: Alert): unknown {
  const { id, fingerprint, rule, severity, state, labels, measured, summary, description, runbook, owner } = alert;
  return {
    ...{ id, fingerprint, rule, severity, state, labels, measured, summary, description, runbook, owner },
    since: iso(alert.sinceMs),
    fired: isoOrNull(alert.firedMs),
    resolved: isoOrNull(alert.resolvedMs),
    resolvedBy: alert.resolvedBy,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
