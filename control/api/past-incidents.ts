/** Incidents of the past, out of the alerts that are kept. */
import { groupBy } from "../world/group-by.ts";
import type { Origin } from "../alerts/alert.ts";
import type { ShownAlert, ShownIncident } from "./alert-source.ts";

/**
 * Incidents as far as their alerts tell them, the newest first. An origin is told where all of them are about one server.
 * @param alerts pending ones belong to none and are passed over
 */
export function pastIncidents(alerts: readonly ShownAlert[]): ShownIncident[] {
  const incidents = [...groupBy(alerts, ({ incident }) => incident)].flatMap(([id, members]) => {
    return id === "" ? [] : [incidentOf(id, members)];
  });
  return incidents.sort((a, b) => b.sinceMs - a.sinceMs || (a.id < b.id ? -1 : 1));
}

function incidentOf(id: string, members: readonly ShownAlert[]): ShownIncident {
  const alerts = [...members].sort((a, b) => firedOf(a) - firedOf(b) || (a.id < b.id ? -1 : 1));
  const isOpen = alerts.some(({ state }) => state === "firing");
  const held = alerts.map(({ mutedBy }) => mutedBy);
  const origin = originOf(alerts);
  return {
    id,
    state: isOpen ? "firing" : "resolved",
    severity: alerts.some(({ severity }) => severity === "critical") ? "critical" : "warning",
    sinceMs: Math.min(...alerts.map(({ sinceMs }) => sinceMs)),
    resolvedMs: isOpen ? null : Math.max(...alerts.map((alert) => alert.resolvedMs ?? firedOf(alert))),
    origin,
    alerts,
    affected: affectedBy(alerts, origin.server),
    mutedBy: held.every((name) => name !== "") ? held[0]! : "",
    isTold: null,
  };
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
