/** What every notifier says of an incident: plain text, to be escaped for where it goes. */
import type { Alert, Incident, Measured } from "../alerts/alert.ts";
import type { Notification } from "./notification.ts";

/** Lines and names of one notification; the rest is counted. The page behind the link has all of them. */
const MAX_ALERTS = 10;
const MAX_AFFECTED = 10;

export interface Fact {
  readonly name: string;
  readonly text: string;
}

export interface Link {
  readonly name: string;
  readonly url: string;
}

export interface Words {
  readonly state: "firing" | "resolved";
  /** One line. */
  readonly title: string;
  /** Before all else: that it is a test, or may have been sent before. */
  readonly notes: readonly string[];
  readonly facts: readonly Fact[];
  /** What is grouped under it, a line each, that of the origin first. Never empty. */
  readonly alerts: readonly string[];
  /** Alerts that have no line. */
  readonly moreAlerts: number;
  /** What to do, as the rule's author wrote it; may have several lines, or be empty. */
  readonly description: string;
  readonly links: readonly Link[];
}

export function wordsOf({ incident, mapUrl, isTest, mayBeRepeated }: Notification): Words {
  const first = incident.alerts[0]!;
  return {
    state: incident.state,
    title: `${isTest ? "[test] " : ""}[${labelOf(incident)}] ${first.summary}`,
    notes: [
      ...(isTest ? ["This is a test that somebody sent by hand: nothing is wrong."] : []),
      ...(mayBeRepeated ? ["You may have been told this before: whether you were could not be made sure."] : []),
    ],
    facts: factsOf(incident, first),
    alerts: incident.alerts.slice(0, MAX_ALERTS).map(lineOf),
    moreAlerts: Math.max(0, incident.alerts.length - MAX_ALERTS),
    description: first.description,
    links: [
      ...(mapUrl === "" ? [] : [{ name: "Map at that moment", url: mapUrl }]),
      ...(first.runbook === "" ? [] : [{ name: "Runbook", url: first.runbook }]),
    ],
  };
}

function labelOf({ state, severity }: Incident): string {
  return state === "resolved" ? "resolved" : severity;
}

function factsOf(incident: Incident, first: Alert): Fact[] {
  const { sinceMs, resolvedMs } = incident;
  const lasted = resolvedMs === null ? "" : `, ${lengthOf(resolvedMs - sinceMs)} long`;
  const affected = incident.affected.slice(0, MAX_AFFECTED).join(", ");
  const more = incident.affected.length - MAX_AFFECTED;
  return [
    { name: "Since", text: momentOf(sinceMs) + lasted },
    ...(resolvedMs === null ? [] : [{ name: "Resolved", text: momentOf(resolvedMs) }]),
    { name: "Probable origin", text: originOf(incident) },
    { name: "How bad", text: howBad(first.measured) },
    { name: "Affected", text: more > 0 ? `${affected} and ${more} more` : affected },
    { name: "Owner", text: first.owner },
  ].filter(({ text }) => text !== "");
}

/** "shop/user, GET /customers/{id}"; empty where an incident is about no server. */
export function originOf({ origin: { server, method, route } }: Incident): string {
  const endpoint = [method, route].filter((part) => part !== "").join(" ");
  return [server, endpoint].filter((part) => part !== "").join(", ");
}

/** Against what is normal and against the limit; empty where there is nothing to compare with. */
export function howBad({ value, limit, usual, requests, bad }: Measured): string {
  const parts: string[] = [];
  if (usual === 0 && value > 0) parts.push("usually there is none of it here at this time");
  else if (usual !== null && usual > 0) parts.push(`${times(value / usual)} what is usual here at this time`);
  if (limit > 0 && value > 0) parts.push(`${times(value / limit)} the limit`);
  if (bad > 0) parts.push(`${bad.toLocaleString("en-US")} of ${requests.toLocaleString("en-US")} requests`);
  return parts.join("; ");
}

function lineOf(alert: Alert): string {
  return `[${alert.state === "resolved" ? "resolved" : alert.severity}] ${alert.rule}: ${alert.summary}`;
}

/** Two digits that count: "12 times", "0.2 times". */
function times(factor: number): string {
  return `${Number(factor.toPrecision(2)).toLocaleString("en-US")} times`;
}

/** "2026-11-29 08:20:39 UTC" */
export function momentOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** The two largest units: "2 h 5 min", "40 s". */
export function lengthOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ] as const;
  const at = units.findIndex(([, length]) => seconds >= length);
  if (at < 0) return "0 s";
  let left = seconds;
  const parts = units.slice(at, at + 2).map(([unit, length]) => {
    const count = Math.floor(left / length);
    left -= count * length;
    return count === 0 ? "" : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== "").join(" ");
}
