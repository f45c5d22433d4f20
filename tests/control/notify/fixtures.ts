/** Incidents and notifications for tests, fresh each time. */
import type { Alert, Incident } from "../../../control/alerts/alert.ts";
import type { Notification } from "../../../control/notify/notification.ts";

export const AT_MS = Date.parse("2026-11-29T08:20:39Z");

export function alertOf(more: Partial<Alert> = {}): Alert {
  return {
    id: "a1",
    fingerprint: "0123456789abcdef",
    rule: "errors-by-workload",
    severity: "critical",
    state: "firing",
    labels: { workload: "shop/user" },
    sinceMs: AT_MS,
    firedMs: AT_MS + 60_000,
    resolvedMs: null,
    resolvedBy: null,
    measured: { value: 0.052, limit: 0.01, usual: 0.001, requests: 2_000, bad: 104 },
    summary: "5.2 % of requests to shop/user failed over 5 min (limit 1 %)",
    description: "Look at the cards first.",
    runbook: "https://runbooks.example/user",
    owner: "team-accounts",
    incident: "i1",
    ...more,
  };
}

export function incidentOf(more: Partial<Incident> = {}): Incident {
  return {
    id: "i1",
    state: "firing",
    severity: "critical",
    sinceMs: AT_MS,
    resolvedMs: null,
    origin: { server: "shop/user", method: "GET", route: "/customers/{id}/cards" },
    alerts: [
      alertOf(),
      alertOf({
        id: "a2",
        severity: "warning",
        labels: { workload: "shop/orders" },
        summary: "1.4 % of requests to shop/orders failed over 5 min (limit 1 %)",
      }),
    ],
    affected: ["shop/front-end", "shop/orders"],
    mutedBy: "",
    ...more,
  };
}

export function firing(more: Partial<Notification> = {}, incident: Partial<Incident> = {}): Notification {
  const about = incidentOf(incident);
  return {
    id: `${about.id}/${about.severity}`,
    incident: about,
    mapUrl: "https://sidelight.example/?at=2026-11-29T08:21:39Z&focus=shop%2Fuser",
    mayBeRepeated: false,
    isTest: false,
    ...more,
  };
}

export function resolved(more: Partial<Notification> = {}, incident: Partial<Incident> = {}): Notification {
  const resolvedMs = AT_MS + 840_000;
  const alerts = incidentOf(incident).alerts.map((alert): Alert => ({
    ...alert,
    state: "resolved",
    resolvedMs,
    resolvedBy: "recovered",
  }));
  const about = incidentOf({ ...incident, alerts, resolvedMs, state: "resolved" });
  return firing({ id: `${about.id}/resolved`, incident: about, ...more });
}
