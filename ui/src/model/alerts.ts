/** Alerts and incidents in words, in order and filtered. Pure. */
import type { Alert, AlertState } from "../../../control/alerts/alert.ts";
import type { Severity } from "../../../control/alerts/rule.ts";
import type { ShownAlert, ShownIncident } from "../../../control/api/alert-source.ts";
import type { Health } from "../../../control/world/model.ts";
import { shortName } from "./world.ts";

/** What a list is narrowed to; empty strings narrow nothing. */
export interface AlertFilter {
  readonly state: AlertState | "";
  readonly severity: Severity | "";
  readonly rule: string;
  readonly workload: string;
  /** Words that must all be found somewhere in it. */
  readonly text: string;
}

type Labels = Alert["labels"];

export const STATE_WORD: Readonly<Record<AlertState, string>> = {
  firing: "Firing",
  pending: "Pending",
  resolved: "Resolved",
};

const RESOLVED_WORD = {
  recovered: "came back to normal",
  noTraffic: "nothing is asked any more",
  ruleGone: "its rule was changed or deleted",
} as const;

export function isOpen({ state }: Alert): boolean {
  return state !== "resolved";
}

/** The sign that an alert carries: the one that the map has for the same. */
export function healthOf({ state, severity }: Pick<Alert, "state" | "severity">): Health {
  if (state === "resolved") return "healthy";
  if (state === "pending") return "affected";
  return severity === "critical" ? "failing" : "degraded";
}

/** Who is asked; empty where an alert is about no workload. */
export function serverOf({ labels }: Pick<Alert, "labels">): string {
  return labels["workload"] ?? labels["server.workload"] ?? "";
}

export function clientOf({ labels }: Pick<Alert, "labels">): string {
  return labels["client.workload"] ?? "";
}

/** "orders → user · GET /cards": what an alert is about, short. */
export function subjectWords(labels: Labels): string {
  const server = serverOf({ labels });
  const client = clientOf({ labels });
  const endpoint = [labels["method"], labels["route"]].filter(Boolean).join(" ");
  const ends = [client, server].filter(Boolean).map(shortName).join(" → ");
  const known = new Set(["workload", "server.workload", "client.workload", "method", "route"]);
  const others = Object.entries(labels)
    .filter(([name]) => !known.has(name))
    .map(([name, value]) => `${name}=${value}`);
  return [ends, endpoint, ...others].filter(Boolean).join(" · ") || "everything";
}

/** "5.2× its limit", "12× its usual": how bad, free of the unit; empty where it is not past them. */
export function howBad({ measured: { value, limit, usual } }: Pick<Alert, "measured">): string[] {
  const times = (of: number): string => {
    const factor = value / of;
    return factor >= 100 ? String(Math.round(factor)) : String(Number(factor.toPrecision(2)));
  };
  return [
    ...(limit > 0 && value !== limit ? [`${times(limit)}× its limit`] : []),
    ...(usual !== null && usual > 0 ? [`${times(usual)}× its usual`] : []),
  ];
}

export function resolvedWords({ resolvedBy }: Pick<Alert, "resolvedBy">): string {
  return resolvedBy === null ? "" : RESOLVED_WORD[resolvedBy];
}

/** When it began to matter: when it fired, or while it is pending when its condition began to hold. */
export function momentOf({ firedMs, sinceMs }: Pick<Alert, "firedMs" | "sinceMs">): number {
  return firedMs ?? sinceMs;
}

/** "user · GET /cards", or what its first alert is about where it has no server. */
export function originWords({ origin: { server, method, route }, alerts }: ShownIncident): {
  readonly name: string;
  readonly endpoint: string;
} {
  const name = server === "" ? (alerts[0] ? subjectWords(alerts[0].labels) : "") : shortName(server);
  return { name, endpoint: [method, route].filter(Boolean).join(" ") };
}

/** Alerts of one incident, and the incident where it says more than they do. */
export interface PastGroup {
  readonly id: string;
  readonly alerts: readonly ShownAlert[];
  /** Undefined where there is one alert, and it is about the origin itself. */
  readonly incident: ShownIncident | undefined;
}

/** Alerts with those of the same incident, in the order of the first of each. */
export function groupByIncident(alerts: readonly ShownAlert[], incidents: readonly ShownIncident[]): PastGroup[] {
  const known = new Map(incidents.map((incident) => [incident.id, incident]));
  const groups = new Map<string, ShownAlert[]>();
  for (const alert of alerts) {
    const key = alert.incident || alert.id;
    const members = groups.get(key);
    if (members) members.push(alert);
    else groups.set(key, [alert]);
  }
  return [...groups].map(([id, members]) => {
    const incident = known.get(id);
    const [first, ...others] = members;
    const saysMore = others.length > 0 || incident?.origin.server !== serverOf(first!);
    return { id, alerts: members, incident: saysMore ? incident : undefined };
  });
}

export function matchesFilter(alert: Alert, filter: AlertFilter): boolean {
  return (
    (filter.state === "" || alert.state === filter.state) &&
    (filter.severity === "" || alert.severity === filter.severity) &&
    (filter.rule === "" || alert.rule === filter.rule) &&
    (filter.workload === "" || workloadsOf(alert).includes(filter.workload)) &&
    hasWords([alert.rule, alert.summary, alert.owner, ...Object.values(alert.labels)].join(" "), filter.text)
  );
}

/** An incident is shown whole where one of its alerts matches. */
export function matchesIncident({ alerts }: ShownIncident, filter: AlertFilter): boolean {
  return alerts.some((alert) => matchesFilter(alert, filter));
}

export function hasWords(text: string, words: string): boolean {
  const haystack = text.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

/** What can be filtered by: rules and workloads of what there is, and what is chosen although there is none of it. */
export function choicesOf(
  alerts: Iterable<Alert>,
  chosen: Pick<AlertFilter, "rule" | "workload">,
): { readonly rules: readonly string[]; readonly workloads: readonly string[] } {
  const rules = new Set(chosen.rule ? [chosen.rule] : []);
  const workloads = new Set(chosen.workload ? [chosen.workload] : []);
  for (const alert of alerts) {
    rules.add(alert.rule);
    for (const workload of workloadsOf(alert)) workloads.add(workload);
  }
  return { rules: [...rules].sort(), workloads: [...workloads].sort() };
}

/** What is told to people just now, and how bad the worst of it is. */
export function loudness(incidents: readonly ShownIncident[]): {
  readonly count: number;
  readonly severity: Severity | null;
} {
  const loud = incidents.filter(({ mutedBy, state }) => mutedBy === "" && state === "firing");
  const worst = loud.some(({ severity }) => severity === "critical") ? "critical" : "warning";
  return { count: loud.length, severity: loud.length === 0 ? null : worst };
}

/** Alerts of a node, at either end, worst first. */
export function alertsOfNode(alerts: readonly ShownAlert[], id: string): ShownAlert[] {
  return alerts.filter((alert) => workloadsOf(alert).includes(id)).sort(byBadness);
}

/** Alerts of calls from a client to a server, and those of the server that say nothing of who asks. */
export function alertsOfEdge(
  alerts: readonly ShownAlert[],
  { client, server }: { readonly client: string; readonly server: string },
): ShownAlert[] {
  return alerts.filter((alert) => serverOf(alert) === server && ["", client].includes(clientOf(alert))).sort(byBadness);
}

function workloadsOf(alert: Alert): string[] {
  return [serverOf(alert), clientOf(alert)].filter(Boolean);
}

function byBadness(a: Alert, b: Alert): number {
  return rank(a) - rank(b) || b.sinceMs - a.sinceMs;
}

function rank({ state, severity }: Alert): number {
  return (state === "firing" ? 0 : 2) + (severity === "critical" ? 0 : 1);
}
