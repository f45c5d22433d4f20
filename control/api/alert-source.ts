/** What the APIs read and change of alerts. The wiring fills it in. */
import type { Alert, Incident } from "../alerts/alert.ts";
import type { Objective } from "../alerts/objective.ts";
import type { AlertCause } from "../store/alert-event.ts";
import type { TimeRange } from "../store/store.ts";

/** An alert, and the mute that holds it back; empty for none. */
export interface ShownAlert extends Alert {
  readonly mutedBy: string;
}

export interface ShownIncident extends Incident {
  readonly alerts: readonly ShownAlert[];
  /** Whether receivers were told of it; null for one of the past, of which that is not kept. */
  readonly isTold: boolean | null;
}

/** What is open. */
export interface AlertsNow {
  /** Up to when rules were judged, milliseconds since the epoch. */
  readonly atMs: number;
  /** Why rules cannot be judged just now ("the history is not there yet"); empty where they are. */
  readonly waits: string;
  /** The worst and newest first. */
  readonly alerts: readonly ShownAlert[];
  readonly incidents: readonly ShownIncident[];
}

/** Alerts of the past, and what their incidents were put down to. */
export interface PastAlerts {
  /** The newest first. */
  readonly alerts: readonly ShownAlert[];
  /** By the id of the incident; not of those that were recorded by a version that did not keep it. */
  readonly causes: ReadonlyMap<string, AlertCause>;
}

/** `annotation`: a workload states it of itself. */
export type ObjectOrigin = "default" | "file" | "api" | "annotation";

/** An object as people wrote it. */
export interface StatedObject {
  readonly kind: string;
  readonly name: string;
  readonly origin: ObjectOrigin;
  /** Secrets are left out. */
  readonly yaml: string;
  readonly file: string;
  /** Where in the file it begins, from 1; 0 for none. */
  readonly line: number;
  /** What is wrong with it; empty where nothing is. What it said before holds until then. */
  readonly error: string;
  readonly isDisabled: boolean;
  /** What a rule still waits for before it judges all that it is about; empty where nothing. */
  readonly waits: string;
  /** Whether it stands in for an object that comes with Sidelight, which holds again where this one is deleted. */
  readonly replacesDefault: boolean;
}

/** Something that is wrong with a text; lines and columns count from 1, 0 where there is none. */
export interface ObjectProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong, and what to do. */
  readonly message: string;
  /** "SLO user-availability"; empty where it is about no object. */
  readonly object: string;
  /** The line and those beside it, with a mark under what is at fault. */
  readonly frame: string;
  /** What of the object is at fault: "spec.where[0]"; empty for all of it. The message begins with it, too. */
  readonly field: string;
}

/** Texts are empty where there was no object, and where there is none any more. */
export interface ObjectChange {
  readonly kind: string;
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Where there are problems nothing was changed. */
export interface Applied {
  readonly changes: readonly ObjectChange[];
  readonly problems: readonly ObjectProblem[];
}

export interface BacktestQuestion {
  /** SLO and Alert objects; those in force, where empty. */
  readonly yaml: string;
  /** Only of this name; all, where empty. */
  readonly name: string;
  readonly range: TimeRange;
}

export interface BacktestResult {
  /** Each time that a rule would have fired, the newest first, at most 1,000. */
  readonly alerts: readonly Alert[];
  readonly total: number;
  /** How often receivers would have been told. */
  readonly incidents: number;
  /** How fine the history was, milliseconds. */
  readonly stepMs: number;
  readonly range: TimeRange;
  readonly problems: readonly ObjectProblem[];
  /** Since when anything is known of what was counted, which may be before the range; null where nothing is. */
  readonly sinceMs: number | null;
  /** Rules that cannot be judged, so that nothing is told of them. */
  readonly refused: readonly { readonly rule: string; readonly why: string }[];
}

export interface DeadLetterStatus {
  readonly id: string;
  readonly incident: string;
  readonly atMs: number;
  readonly error: string;
  readonly title: string;
}

export interface ReceiverStatus {
  readonly name: string;
  /** "slack", "email", ...; "gone" for one that is no more, and for which something waits. */
  readonly kind: string;
  /** Notifications since control started, and tries that failed. */
  readonly sent: number;
  readonly failed: number;
  /** Notifications that it has yet to hear, and since when the oldest of them waits; null for none. */
  readonly waiting: number;
  readonly waitingSinceMs: number | null;
  readonly dead: readonly DeadLetterStatus[];
  /** Why the last try failed; empty where it did not. */
  readonly error: string;
  readonly lastSentMs: number | null;
  /** When the first try failed after the last that did not; null where the last one did not. */
  readonly failingSinceMs: number | null;
  /** When what waits is tried; null where nothing waits, or it is being sent. */
  readonly nextTryMs: number | null;
  /** Whether it waits since there were as many in the last minute as may be. */
  readonly isRateLimited: boolean;
}

export interface AlertSource {
  now(): AlertsNow;
  /** Calls after each change of what is open. @returns ends it */
  onChanged(listener: () => void): () => void;
  /** Alerts that changed in a range as they were last in it. @throws StoreAwayError */
  past(range: TimeRange, limit: number, signal?: AbortSignal): Promise<PastAlerts>;
  /** Those with the least budget left first. */
  objectives(): readonly Objective[];
  objects(): readonly StatedObject[];
  apply(yaml: string, isDryRun: boolean): Promise<Applied>;
  /** @returns false where there is none that could be deleted here; an object of a file is deleted there */
  remove(kind: string, name: string): Promise<boolean>;
  /** @param onProgress told now and then how far it is, 0 to 1 @throws StoreAwayError */
  backtest(
    question: BacktestQuestion,
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<BacktestResult>;
  receivers(): readonly ReceiverStatus[];
  /** @returns why the test was not taken; empty where it was; undefined where there is no such receiver */
  test(receiver: string): Promise<string | undefined>;
  /** Tries again, or drops, what was given up. @param ids all, where empty @returns how many */
  settle(receiver: string, ids: readonly string[], isDrop: boolean): Promise<number>;
}
