/**
 * A receiver's own title and text: Mustache (https://mustache.github.io/mustache.5.html), which cannot compute anything. Every name in a
 * template must be one of those below, so a mistake is found when it is written, and nothing else of the program can be reached.
 */
import mustache from "mustache";
import { z } from "zod";
import type { Incident } from "../alerts/alert.ts";
import type { Notification } from "./notification.ts";
import { escaped, sayPlainly } from "./speech.ts";
import type { Escape, Say } from "./speech.ts";
import { howBad, momentOf, originOf, wordsOf } from "./words.ts";

const MAX_LENGTH = 4_000;
/** What one may come to. */
const MAX_RESULT = 20_000;
/** Alerts that a template can go through. */
const MAX_ALERTS = 50;

/** Names that stand for a text, or for something that is or is not. */
const PLAIN = [
  "title",
  "state",
  "severity",
  "since",
  "resolved",
  "origin",
  "server",
  "method",
  "route",
  "howBad",
] as const;
const MORE = ["affected", "owner", "rule", "summary", "description", "runbook", "mapUrl", "incident"] as const;
const YES_OR_NO = ["isFiring", "isResolved", "isCritical", "isTest", "mayBeRepeated"] as const;
/** What each of `alerts` has. */
const OF_ALERTS = [
  "rule",
  "severity",
  "state",
  "summary",
  "description",
  "runbook",
  "owner",
  "since",
  "howBad",
] as const;

const NAMES: ReadonlySet<string> = new Set([...PLAIN, ...MORE, ...YES_OR_NO]);
const ALERT_NAMES: ReadonlySet<string> = new Set([...NAMES, ...OF_ALERTS]);

/** A tag of a parsed template: what it is, what it names, and what is in it. */
type Token = readonly [kind: string, name: string, from: number, to: number, inside?: readonly Token[] | string];

/** What is wrong with a template; undefined where nothing is. */
export function templateProblem(template: string): string | undefined {
  let tokens: readonly Token[];
  try {
    tokens = mustache.parse(template) as unknown as readonly Token[];
  } catch (error) {
    return `is no template: ${(error as Error).message.replace(/^(Unclosed|Unopened)/, (word) => word.toLowerCase())}`;
  }
  return problemIn(tokens, NAMES);
}

function problemIn(tokens: readonly Token[], names: ReadonlySet<string>): string | undefined {
  for (const [kind, name, , , inside] of tokens) {
    const problem = kind === "text" || kind === "!" ? undefined : tagProblem(kind, name, names);
    if (problem) return problem;
    if (typeof inside !== "object") continue;
    const within = problemIn(inside, name === "alerts" && kind === "#" ? ALERT_NAMES : names);
    if (within) return within;
  }
  return undefined;
}

function tagProblem(kind: string, name: string, names: ReadonlySet<string>): string | undefined {
  if (kind === "=" || kind === ">") return `has {{${kind}${name}}}, which is not understood here`;
  if (kind === "&") return `has {{{${name}}}} or {{&${name}}}, which would not be escaped; write {{${name}}}`;
  // Within itself it would grow beyond all bounds.
  if (name === "alerts" && names === ALERT_NAMES) return "goes through alerts within alerts";
  if (names.has(name) || (name === "alerts" && (kind === "#" || kind === "^"))) return undefined;
  return `has no variable "${name.slice(0, 64)}"; there are ${[...names].join(", ")} and the section alerts`;
}

/** A template in the settings of a receiver. */
export const template = z
  .string()
  .min(1)
  .max(MAX_LENGTH)
  .superRefine((text, context) => {
    const problem = templateProblem(text);
    if (problem) context.addIssue({ code: "custom", message: problem });
  });

/** The words of a receiver that has a title or a text of its own. */
export function sayWith(title: string | undefined, text: string | undefined): Say {
  if (title === undefined && text === undefined) return sayPlainly;
  return (notification, escape) => {
    const words = escaped(wordsOf(notification), escape);
    const fill = (from: string): string => filled(from, notification, escape);
    const ownTitle = title === undefined ? words.title : fill(title).replace(/\s+/g, " ").trim();
    return { ...words, title: ownTitle, ownText: text === undefined ? undefined : fill(text).trim() };
  };
}

function filled(from: string, notification: Notification, escape: Escape): string {
  const escapeAny = (value: unknown): string => escape(String(value));
  return mustache.render(from, viewOf(notification), {}, { escape: escapeAny }).slice(0, MAX_RESULT);
}

function viewOf(notification: Notification): Record<string, unknown> {
  const { incident, mapUrl, isTest, mayBeRepeated } = notification;
  const first = incident.alerts[0]!;
  return {
    ...{ isTest, mayBeRepeated, mapUrl, incident: incident.id },
    ...{ title: wordsOf(notification).title, state: incident.state, severity: incident.severity },
    ...{ ...incident.origin, origin: originOf(incident), affected: incident.affected.slice(0, MAX_ALERTS).join(", ") },
    ...{ rule: first.rule, summary: first.summary, description: first.description, runbook: first.runbook },
    ...{ owner: first.owner, howBad: howBad(first.measured), since: momentOf(incident.sinceMs) },
    resolved: incident.resolvedMs === null ? "" : momentOf(incident.resolvedMs),
    isFiring: incident.state === "firing",
    isResolved: incident.state === "resolved",
    isCritical: incident.severity === "critical",
    alerts: alertViews(incident),
  };
}

function alertViews({ alerts }: Incident): unknown[] {
  return alerts.slice(0, MAX_ALERTS).map((alert) => {
    const { rule, severity, state, summary, description, runbook, owner, sinceMs, measured } = alert;
    const texts = { rule, severity, state, summary, description, runbook, owner };
    return { ...texts, since: momentOf(sinceMs), howBad: howBad(measured) };
  });
}
