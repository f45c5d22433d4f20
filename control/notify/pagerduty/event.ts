/** An event of PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/events-api-v2/trigger-events/). */
import type { Notification } from "../notification.ts";
import { cut } from "../speech.ts";
import type { Said } from "../speech.ts";

/** Characters; an event may have 512 KB, which the bounds of the words keep far below. */
const LIMITS = { summary: 1_024, source: 255, key: 255, detail: 4_000 };

/** What stands where an incident is about no server. */
const NOWHERE = "sidelight";

/** One incident is one incident there: each event about it has the same key. */
export function pagerDutyEvent({ incident, mapUrl, isTest }: Notification, said: Said, routingKey: string): unknown {
  const { origin } = incident;
  const endpoint = [origin.method, origin.route].filter((part) => part !== "").join(" ");
  const head = { routing_key: routingKey, dedup_key: cut(`sidelight/${incident.id}`, LIMITS.key) };
  if (incident.state === "resolved") return { ...head, event_action: "resolve" };
  return {
    ...head,
    event_action: "trigger",
    client: "Sidelight",
    ...(mapUrl !== "" && { client_url: mapUrl }),
    links: said.links.map(({ name, url }) => ({ href: url, text: name })),
    payload: {
      summary: cut(said.title, LIMITS.summary),
      source: cut(origin.server === "" ? NOWHERE : origin.server, LIMITS.source),
      // A test must wake nobody.
      severity: isTest ? "info" : incident.severity,
      timestamp: new Date(incident.sinceMs).toISOString(),
      ...(endpoint !== "" && { component: endpoint }),
      group: incident.alerts[0]!.owner || undefined,
      class: incident.alerts[0]!.rule,
      custom_details: details(said),
    },
  };
}

function details(said: Said): Record<string, unknown> {
  const notes = said.notes.length > 0 ? { note: said.notes.join(" ") } : {};
  if (said.ownText !== undefined) return { ...notes, text: cut(said.ownText, LIMITS.detail) };
  const facts = said.facts.map(({ name, text }) => [name.toLowerCase(), cut(text, LIMITS.detail)] as const);
  return {
    ...notes,
    ...Object.fromEntries(facts),
    alerts: said.alerts.map((line) => cut(line, LIMITS.detail)),
    ...(said.moreAlerts > 0 && { "more alerts": said.moreAlerts }),
    ...(said.description !== "" && { description: cut(said.description, LIMITS.detail) }),
  };
}
