/** What Alertmanager's API takes (https://prometheus.io/docs/alerting/latest/alerts_api/): each alert of an incident is one there. */
import type { Alert } from "../../alerts/alert.ts";
import { labelsOf } from "../../alerts/mutes.ts";
import type { Notification } from "../notification.ts";
import { howBad, originOf } from "../words.ts";

/** How often firing alerts are sent again. */
export const REPEAT_MS = 60_000;
/** How long one holds by itself, so that those of a control that died resolve; several repeats may get lost. */
const HOLDS_MS = 5 * REPEAT_MS;
/** How long one that is resolved is sent again: an Alertmanager that was started anew has forgotten what it had. */
export const RESOLVED_FOR_MS = 15 * 60_000;

export interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

export function postableAlerts(notification: Notification, nowMs: number): PostableAlert[] {
  return notification.incident.alerts.map((alert) => postable(alert, notification, nowMs));
}

function postable(alert: Alert, notification: Notification, nowMs: number): PostableAlert {
  const { incident, mapUrl, isTest } = notification;
  // A test is over at once: Alertmanager shows it to nobody for long, and routes it by its labels.
  const endMs = alert.resolvedMs ?? incident.resolvedMs ?? nowMs + (isTest ? REPEAT_MS : HOLDS_MS);
  return {
    labels: amLabels(alert, notification),
    annotations: withoutEmpty({
      summary: alert.summary,
      description: alert.description,
      runbook_url: alert.runbook,
      origin: originOf(incident),
      how_bad: howBad(alert.measured),
      affected: incident.affected.join(", "),
    }),
    startsAt: new Date(alert.firedMs ?? alert.sinceMs).toISOString(),
    endsAt: new Date(endMs).toISOString(),
    ...(mapUrl !== "" && { generatorURL: mapUrl }),
  };
}

/** They are what an alert is told apart by there, so nothing is among them that changes while it fires. */
function amLabels(alert: Alert, { incident, isTest }: Notification): Readonly<Record<string, string>> {
  const given = Object.entries(labelsOf(alert)).map(([name, value]) => [labelName(name), value] as const);
  return withoutEmpty({
    ...Object.fromEntries(given.filter(([name]) => name !== "rule")),
    alertname: isTest ? "SidelightTest" : alert.rule,
    severity: isTest ? "none" : alert.severity,
    incident: incident.id,
  });
}

/** `client.workload` is `client_workload`: letters, digits and underscores are what Prometheus' names may have. */
function labelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
}

/** An empty label is none there. */
function withoutEmpty(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
}
