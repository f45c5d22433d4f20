/** Incidents of the past, out of the alerts that are kept. */
import { groupBy } from "../world/group-by.ts";
import type { Origin } from "../alerts/alert.ts";
import type { AlertCause } from "../store/alert-event.ts";
import type { PastAlerts, ShownAlert, ShownIncident } from "./alert-source.ts";

/**
 * Incidents with what they were put down to, the newest first. Of one of which that was not kept an origin is told where all alerts
 * are about one server. Pending alerts belong to none and are passed over.
 */
export function pastIncidents({ alerts, causes }: PastAlerts): ShownIncident[] {
  const incidents = [...groupBy(alerts, ({ incident }) => incident)].flatMap(([id, members]) => {
    return id === "" ? [] : [incidentOf(id, members, causes.get(id))];
  });
  return incidents.sort((a, b) => b.sinceMs - a.sinceMs || (a.id < b.id ? -1 : 1));
}

function incidentOf(id: string, members: readonly ShownAlert[], cause: AlertCause | undefined): ShownIncident {
  const alerts = [...members].sort((a, b) => firedOf(a) - firedOf(b) || (a.id < b.id ? -1 : 1));
  const isOpen = alerts.some(({ state }) => state === "firing");
  const held = alerts.map(({ mutedBy }) => mutedBy);
  const { affected, ...origin } = cause ?? causeOf(alerts);
  return {
    id,
    state: isOpen ? "firing" : "resolved",
    severity: alerts.some(({ severity }) => severity === "critical") ? "critical" : "warning",
    sinceMs: Math.min(...alerts.map(({ sinceMs }) => sinceMs)),
    resolvedMs: isOpen ? null : Math.max(...alerts.map((alert) => alert.resolvedMs ?? firedOf(alert))),
    origin,
    alerts,
    affected,
    mutedBy: held.every((name) => name !== "") ? held[0]! : "",
    isTold: null,
  };
}

/** As far as the labels of alerts tell it. */
function causeOf(alerts: readonly ShownAlert[]): AlertCause {
  const origin = originOf(alerts);
  return { ...origin, affected: affectedBy(alerts, origin.server) };
}

function originOf(alerts: readonly ShownAlert[]): Origin {
  const server = common(alerts.map(serverOf));
  if (server === "") return { server, method: "", route: "" };
  return { server, method: common(alerts.map(labelOf("method"))), route: common(alerts.map(labelOf("route"))) };
}

/** Whom alerts name, but for the origin. */
function affectedBy(alerts: readonly ShownAlert[], origin: string): string[] {
  const named = new Set(alerts.flatMap((alert) => [serverOf(alert), labelOf("client.workload")(alert)]));
  return [...named].filter((id) => id !== "" && id !== origin).sort();
}

function serverOf({ labels }: ShownAlert): string {
  return labels["workload"] ?? labels["server.workload"] ?? "";
}

function labelOf(name: string): (alert: ShownAlert) => string {
  return ({ labels }) => labels[name] ?? "";
}

/** What all of them are; empty where they differ. */
function common(values: readonly string[]): string {
  const [first = ""] = values;
  return values.every((value) => value === first) ? first : "";
}

function firedOf({ firedMs, sinceMs }: ShownAlert): number {
  return firedMs ?? sinceMs;
}
