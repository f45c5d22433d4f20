/**
 * What one receiver is told of one incident: a state machine, pure.
 *
 *     (none) --take--> waiting --begin--> sending --deliver--> idle (or waiting for the repeat)
 *                        ^                  |--fail--> waiting, or dead
 *                        +---- take --------+
 *
 * A resolved notification that comes before the receiver can know of the incident ends the case: nothing is said at all.
 */
import type { Notification, NotifyError, Repeat } from "../notification.ts";
import { LONGEST_RETRY_AFTER_MS, backoffMs } from "./backoff.ts";

export interface Case {
  readonly receiver: string;
  readonly incident: string;
  /** Ids of all notifications that were taken in, so that none is taken twice. Few: one a severity and one for the end. */
  readonly ids: readonly string[];
  readonly stage: "idle" | "waiting" | "sending" | "dead";
  /** What is to be said, or is repeated; null where all was said. */
  readonly next: Notification | null;
  /** What came while `next` was being sent. */
  readonly following: Notification | null;
  /** What the receiver is known to have been told last. */
  readonly told: "nothing" | "firing" | "resolved";
  /** Id of what was said last; empty for nothing. That of `next` where it is only repeated. */
  readonly lastSaid: string;
  /** A try of `next` ended without anybody knowing whether it arrived. */
  readonly mayHaveArrived: boolean;
  /** So did any try of this incident. */
  readonly mayKnow: boolean;
  /** When `next` began to wait, or was last said; milliseconds since the epoch, as all times here. */
  readonly sinceMs: number;
  readonly notBeforeMs: number;
  /** Failed tries since. */
  readonly tries: number;
  /** Of the last failure; empty for none. */
  readonly why: string;
}

/** What became of a notification that was given in. */
export type Taken =
  | { readonly result: "queued" | "superseded"; readonly next: Case }
  /** It was taken in before. */
  | { readonly result: "duplicate" }
  /** It ends what this receiver was never told. */
  | { readonly result: "untold" }
  /** It ends what was still waiting: neither is said. */
  | { readonly result: "paired"; readonly next: Case };

export function take(known: Case | undefined, receiver: string, given: Notification, nowMs: number): Taken {
  const isOver = given.incident.state === "resolved";
  if (!known) return isOver ? { result: "untold" } : { result: "queued", next: fresh(receiver, given, nowMs) };
  if (known.ids.includes(given.id) || isOverIn(known)) return { result: "duplicate" };
  return takeMore({ ...known, ids: [...known.ids, given.id] }, given, nowMs);
}

function takeMore(known: Case, given: Notification, nowMs: number): Taken {
  if (known.stage === "sending") {
    return { result: known.following ? "superseded" : "queued", next: { ...known, following: given } };
  }
  const isUnsaid = known.stage !== "idle" && !isRepeat(known);
  if (given.incident.state === "resolved" && !canKnow(known)) {
    // A dead letter is kept to be looked at; sent again, it says what is true by then.
    if (known.stage === "dead") return { result: "superseded", next: { ...known, next: given } };
    return { result: "paired", next: ended(known, nowMs) };
  }
  return { result: isUnsaid ? "superseded" : "queued", next: waiting(known, given, nowMs) };
}

/** Whether its end was taken in; what fires after it has another id. */
function isOverIn({ told, next, following }: Case): boolean {
  return told === "resolved" || (following ?? next)?.incident.state === "resolved";
}

/** The state of a repeated incident has changed; undefined where this changes nothing. */
export function refresh(known: Case, given: Notification): Case | undefined {
  const isFiring = known.next?.incident.state === "firing" && given.incident.state === "firing";
  if (known.stage !== "waiting" || !isFiring || known.next === null) return undefined;
  return { ...known, next: { ...known.next, incident: given.incident, mapUrl: given.mapUrl } };
}

export function begin(known: Case): Case {
  return { ...known, stage: "sending" };
}

/** @param repeat of a receiver that must hear it again */
export function deliver(known: Case, nowMs: number, repeat?: Repeat): Case {
  const said = known.next!;
  const { state, resolvedMs } = said.incident;
  const clean = {
    ...{
      ...known,
      told: state,
      lastSaid: said.id,
      tries: 0,
      why: "",
      mayHaveArrived: false,
      mayKnow: true,
      sinceMs: nowMs,
    },
  };
  if (known.following) return waiting({ ...clean, following: null }, known.following, nowMs);
  const goesOn = repeat && (state === "firing" || nowMs - (resolvedMs ?? nowMs) < repeat.resolvedForMs);
  if (!goesOn) return { ...clean, stage: "idle", next: null };
  return { ...clean, stage: "waiting", notBeforeMs: nowMs + repeat.everyMs };
}

export interface FailureFacts {
  readonly nowMs: number;
  /** From 0 up to 1. */
  readonly random: number;
  /** How long something is tried. */
  readonly giveUpAfterMs: number;
  /** Of a receiver that mirrors what fires: a refusal may be over before what fires is. */
  readonly isRepeated: boolean;
}

/** @returns one that is idle where it was for something that is over by now and that the receiver cannot know of */
export function fail(known: Case, error: NotifyError, facts: FailureFacts): Case {
  const { nowMs, random, giveUpAfterMs, isRepeated } = facts;
  const tries = known.tries + 1;
  const mayHaveArrived = known.mayHaveArrived || error.mayHaveArrived;
  const failed = { ...known, tries, mayHaveArrived, mayKnow: known.mayKnow || mayHaveArrived, why: error.message };
  if (known.following) {
    const { following } = known;
    if (following.incident.state === "resolved" && !canKnow(failed)) return ended(failed, nowMs);
    return waiting({ ...failed, following: null, tries: 0 }, following, nowMs);
  }
  const isTooOld = nowMs - known.sinceMs >= giveUpAfterMs;
  if (isTooOld || (error.isLasting && !isRepeated)) return { ...failed, stage: "dead" };
  const wait = Math.max(backoffMs(tries, random), Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS));
  return { ...failed, stage: "waiting", notBeforeMs: nowMs + wait };
}

/** What was being sent when control ended. */
export function recover(known: Case): Case {
  if (known.stage !== "sending") return known;
  const waits = { ...known, stage: "waiting", mayHaveArrived: true, mayKnow: true } as const;
  const { following } = known;
  return following ? { ...waits, next: following, following: null, mayHaveArrived: false } : waits;
}

/** A dead letter is tried again. */
export function revive(known: Case, nowMs: number): Case {
  return { ...known, stage: "waiting", sinceMs: nowMs, notBeforeMs: nowMs, tries: 0 };
}

/** Nothing more is said; what it was is remembered. */
export function ended(known: Case, nowMs: number): Case {
  return { ...known, stage: "idle", next: null, following: null, told: "resolved", sinceMs: nowMs };
}

/** Whether the receiver was told of the incident, or may have been. */
function canKnow({ told, mayKnow }: Case): boolean {
  return told !== "nothing" || mayKnow;
}

/** Whether what is next was said before, and is due to be said again. */
export function isRepeat({ next, lastSaid }: Case): boolean {
  return next !== null && next.id === lastSaid;
}

/** Whether there is something that its receiver has yet to hear. */
export function isUnsaid({ stage, next, lastSaid }: Case): boolean {
  return (stage === "waiting" || stage === "sending") && next?.id !== lastSaid;
}

function fresh(receiver: string, given: Notification, nowMs: number): Case {
  return {
    ...{ receiver, incident: given.incident.id, ids: [given.id], stage: "waiting", next: given, following: null },
    ...{
      told: "nothing",
      lastSaid: "",
      mayHaveArrived: false,
      mayKnow: false,
      sinceMs: nowMs,
      notBeforeMs: nowMs,
      tries: 0,
      why: "",
    },
  };
}

function waiting(known: Case, next: Notification, nowMs: number): Case {
  return { ...known, stage: "waiting", next, mayHaveArrived: false, sinceMs: nowMs, notBeforeMs: nowMs };
}
