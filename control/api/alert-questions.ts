/** What may be asked of alerts, whichever way it comes in: what is meant where something is left out, and what is wrong. */
import type { TimeRange } from "../store/store.ts";
import type { HttpError } from "./http-errors.ts";

/** Rows where no limit is given, and at most. */
export const DEFAULT_ALERTS = 500;
export const MAX_ALERTS = 5_000;
/** Labels that alerts may be asked for by at once. */
export const MAX_LABELS = 16;
/** The past that rules are tried on where none is given, and at most. */
export const DEFAULT_BACKTEST_MS = 7 * 86_400_000;
export const MAX_BACKTEST_MS = 31 * 86_400_000;

/** Of objects in one text. */
export const MAX_YAML_BYTES = 1_000_000;
/** Notifications that are settled at once. */
export const MAX_SETTLED = 1_000;

/** Kinds of objects that people write. */
export const OBJECT_KINDS = ["SLO", "Alert", "Mute", "Receiver", "Route"] as const;

/** A label that alerts must have; an empty value for none of that name. */
export interface WantedLabel {
  readonly name: string;
  readonly value: string;
}

export interface AlertsQuestion {
  /** Undefined for what is open now. */
  readonly range: TimeRange | undefined;
  /** Empty for all. */
  readonly rule: string;
  readonly labels: readonly WantedLabel[];
  readonly limit: number;
}

/** What is watched of that which is open. */
export interface OpenQuestion extends Pick<AlertsQuestion, "rule" | "labels"> {
  /** Alerts, and incidents, at most; Infinity for all. */
  readonly limit: number;
}

export type IncidentsQuestion = Pick<AlertsQuestion, "range" | "limit">;

export interface ObjectivesQuestion {
  /** Empty for all. */
  readonly slo: string;
  /** Node id; empty for all. */
  readonly workload: string;
  readonly limit: number;
}

/** Ends of a range as they were given, milliseconds since the epoch. */
export interface GivenEnds {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Says that a parameter or field is wrong, in the words of the API that it came over. */
export type Wrong = (field: string, why: string) => HttpError;

/** The past that is asked for; undefined for now. @throws what `wrong` makes */
export function pastOf({ from, to }: GivenEnds, nowMs: number, wrong: Wrong): TimeRange | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined) throw wrong("from", 'must be given with "to"');
  return rangeOf(from, to ?? Math.max(nowMs, from), wrong);
}

/** The past that rules are tried on. @throws what `wrong` makes */
export function backtestRangeOf({ from, to }: GivenEnds, nowMs: number, wrong: Wrong): TimeRange {
  const toMs = to ?? nowMs;
  const range = rangeOf(from ?? Math.max(0, toMs - DEFAULT_BACKTEST_MS), toMs, wrong);
  if (range.toMs - range.fromMs > MAX_BACKTEST_MS) throw wrong("from", 'must not lie more than 31 days before "to"');
  return range;
}

/** Labels, each written `workload=shop/user`. @throws what `wrong` makes */
export function labelsOf(texts: readonly string[], field: string, wrong: Wrong): WantedLabel[] {
  if (texts.length > MAX_LABELS) throw wrong(field, `was given ${texts.length} times; ${MAX_LABELS} is the limit`);
  return texts.map((text) => {
    const [, name, value] = /^([\w.]{1,64})=(.{0,512})$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw wrong(field, `"${text.slice(0, 128)}" must look like workload=shop/user`);
    }
    return { name, value };
  });
}

function rangeOf(fromMs: number, toMs: number, wrong: Wrong): TimeRange {
  if (fromMs >= toMs) throw wrong("from", `must lie before "to" (${fromMs} is not before ${toMs})`);
  return { fromMs, toMs };
}
