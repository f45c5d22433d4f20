/** Who is told, how that fares and what leads to whom, out of what control says and what people wrote. Pure. */
import type { ReceiverStatus, StatedObject } from "../../../control/api/alert-source.ts";
import type { Health } from "../../../control/world/model.ts";
import { countOf, formatMoment, formatSpan } from "./format.ts";
import { readRoute, specOf } from "./written.ts";
import type { WrittenRoute } from "./written.ts";

/** Kinds of receivers, in the order in which they are offered. */
export const RECEIVER_KINDS = ["slack", "email", "webhook", "pagerduty", "teams", "alertmanager"] as const;
export type ReceiverKind = (typeof RECEIVER_KINDS)[number];

export const KIND_WORDS: Readonly<Record<ReceiverKind, string>> = {
  slack: "Slack",
  email: "Email",
  webhook: "Webhook",
  pagerduty: "PagerDuty",
  teams: "Teams",
  alertmanager: "Alertmanager",
};

/** A receiver that works, or a text that would be one. */
export interface ShownReceiver {
  readonly name: string;
  /** "Slack"; empty where the text does not even tell that. */
  readonly kind: string;
  /** Undefined for one that is switched off or was never understood. */
  readonly status: ReceiverStatus | undefined;
  /** Undefined for one that is gone, and for which something waits. */
  readonly object: StatedObject | undefined;
}

export interface ReceiverState {
  readonly health: Health;
  readonly word: string;
  /** Why, and what comes next; empty where the word says all. */
  readonly detail: string;
}

/** Those that need somebody first, then by name. */
export function receiversOf(
  statuses: readonly ReceiverStatus[],
  objects: readonly StatedObject[],
  nowMs: number,
): ShownReceiver[] {
  const written = objects.filter(({ kind }) => kind === "Receiver");
  const names = new Set([...statuses, ...written].map(({ name }) => name));
  const all = [...names].map((name) => {
    const status = statuses.find((each) => each.name === name);
    const object = written.find((each) => each.name === name);
    return { name, kind: kindWord(status, object), status, object };
  });
  const rank = (receiver: ShownReceiver): number => RANKS.indexOf(stateOf(receiver, nowMs).health);
  return all.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

const RANKS: readonly Health[] = ["failing", "degraded", "affected", "healthy", "idle"];

function kindWord(status: ReceiverStatus | undefined, object: StatedObject | undefined): string {
  const spec = object ? specOf(object.yaml) : {};
  const kind = RECEIVER_KINDS.find((each) => each === status?.kind || each in spec);
  return kind ? KIND_WORDS[kind] : "";
}

export function stateOf({ status, object }: ShownReceiver, nowMs: number): ReceiverState {
  if (!status) {
    if (object?.isDisabled) return { health: "idle", word: "Switched off", detail: "" };
    return { health: "failing", word: "Not understood", detail: "It is told nothing until its text is mended." };
  }
  if (status.kind === "gone") {
    const detail = "It is not stated any more. What waits for it is kept for a day, should it come back.";
    return { health: "degraded", word: "Gone", detail };
  }
  if (status.failingSinceMs !== null) {
    const since = `since ${formatMoment(status.failingSinceMs, nowMs)}`;
    return { health: "failing", word: `Fails ${since}`, detail: nextWords(status, nowMs) };
  }
  if (status.dead.length > 0) {
    const detail = "They are kept, to be sent again or dropped.";
    return { health: "degraded", word: `Gave up ${countOf(status.dead.length, "notification")}`, detail };
  }
  if (object?.error) {
    return { health: "degraded", word: "Text has a mistake", detail: "What it said before holds until it is mended." };
  }
  if (status.isRateLimited) return { health: "affected", word: "Held back", detail: heldWords(status, nowMs) };
  if (status.waiting > 0) return { health: "healthy", word: "Sending", detail: "" };
  if (status.lastSentMs !== null) return { health: "healthy", word: "Delivers", detail: "" };
  return { health: "healthy", word: "Ready", detail: "" };
}

/** What somebody should look at, whatever room is open. */
export interface ReceiverTrouble {
  /** Names of those that fail just now. */
  readonly failing: readonly string[];
  /** Notifications that were given up. */
  readonly dead: number;
}

export function troubleOf(statuses: readonly ReceiverStatus[]): ReceiverTrouble {
  return {
    failing: statuses.filter(({ failingSinceMs }) => failingSinceMs !== null).map(({ name }) => name),
    dead: statuses.reduce((sum, { dead }) => sum + dead.length, 0),
  };
}

function nextWords({ nextTryMs, waiting }: ReceiverStatus, nowMs: number): string {
  if (nextTryMs === null) return waiting > 0 ? "It is being tried." : "Nothing waits for it.";
  return nextTryMs > nowMs ? `Tried again in ${formatSpan(nextTryMs - nowMs)}.` : "It is being tried.";
}

function heldWords({ nextTryMs }: ReceiverStatus, nowMs: number): string {
  const limit = "As many were sent in a minute as its maxPerMinute allows";
  return nextTryMs === null ? `${limit}.` : `${limit}; the next in ${formatSpan(nextTryMs - nowMs)}.`;
}

/** A route as it stands in the order. */
export interface ShownRoute extends WrittenRoute {
  readonly object: StatedObject;
}

/** In the order in which alerts go through them; those that are switched off too. */
export function routesOf(objects: readonly StatedObject[]): ShownRoute[] {
  return objects
    .filter(({ kind }) => kind === "Route")
    .map((object) => ({ ...readRoute(object.yaml), object }))
    .sort((a, b) => (a.object.name < b.object.name ? -1 : 1));
}

/** Why a receiver is told what: a line for each way to it. */
export interface WayTo {
  /** Empty where there are no routes, so that everything goes everywhere. */
  readonly route: string;
  readonly words: string;
}

export function waysTo(receiver: string, routes: readonly ShownRoute[]): WayTo[] {
  const inForce = routes.filter(({ object }) => !object.isDisabled);
  if (inForce.length === 0) return [{ route: "", words: "everything: there are no routes" }];
  return inForce.flatMap(({ object, matchers, receivers }, at) => {
    if (!receivers.includes(receiver)) return [];
    const isLater = inForce.slice(0, at).some((before) => !before.continues);
    return [{ route: object.name, words: `${matcherWords(matchers)}${isLater ? ", if no route before took it" : ""}` }];
  });
}

/** "alerts whose severity is critical and namespace is shop". */
export function matcherWords(matchers: readonly string[]): string {
  if (matchers.length === 0) return "everything";
  return `alerts whose ${matchers.map(conditionWords).join(" and ")}`;
}

const OPERATOR_WORDS: Readonly<Record<string, string>> = {
  "=": "is",
  "!=": "is not",
  "=~": "matches",
  "!~": "does not match",
};

function conditionWords(matcher: string): string {
  const [, label = "", operator = "", value = ""] = /^\s*([\w.]+)\s*(=~|!~|!=|=)\s*(.*)$/s.exec(matcher) ?? [];
  return label === "" ? matcher : `${label} ${OPERATOR_WORDS[operator]} ${value || "empty"}`;
}
