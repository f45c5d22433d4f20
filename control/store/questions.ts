import { TooMuchWork } from "../world/pattern.ts";
import type { AlertEvent } from "./alert-event.ts";
import { StoreInputError } from "./errors.ts";
import type { StepsQuestion } from "./history-step.ts";
import { STEPS_MS } from "./resolutions.ts";
import type { SeriesQuestion, TimeRange } from "./store.ts";

/** Points that one series may have. */
export const MAX_POINTS = 2_000;

/** Series of one answer, besides the rest, and what is meant where nothing is said. */
export const MAX_TOP = 100;
export const DEFAULT_TOP = 10;

/** Points of one answer, over all its series: as a gRPC message they stay below the 4 MB that clients take by default. */
export const MAX_ANSWER_POINTS = 25_000;

/** Points that each series of an answer may have. */
export function maxPointsOf(top: number, isGrouped: boolean): number {
  return isGrouped ? Math.min(MAX_POINTS, Math.floor(MAX_ANSWER_POINTS / (top + 1))) : MAX_POINTS;
}

/** Groups that one question may find. */
export const MAX_GROUPS = 10_000;

/** Percentiles of one question, and those that are meant where nothing is said. */
export const MAX_PERCENTILES = 8;
export const DEFAULT_PERCENTILES: readonly number[] = [0.5, 0.95, 0.99];

/** The longest limit that something may be slower than, milliseconds: a day. */
export const MAX_SLOWER_MS = 86_400_000;

/** Requests by name that one answer may have. */
export const MAX_EXEMPLARS = 500;

/** Events of alerts that one answer may have. */
export const MAX_ALERT_EVENTS = 1_000;

/** Things counted of pairs of pods that one answer may be made of: each with its latencies, some tens of megabytes. */
export const MAX_POD_SUMS = 50_000;

/** Throws a StoreInputError unless the range is one: whole milliseconds since the epoch, `from` before `to`. */
export function checkRange(range: TimeRange): void {
  for (const [field, value] of [
    ["from", range.fromMs],
    ["to", range.toMs],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new StoreInputError(field, `"${field}" must be whole milliseconds since the epoch, not ${value}`);
    }
  }
  if (range.fromMs >= range.toMs) {
    throw new StoreInputError("from", `"from" (${range.fromMs}) must lie before "to" (${range.toMs})`);
  }
}

/** A question for series that was checked, with nothing left out. */
export interface CheckedSeries extends SeriesQuestion {
  readonly selection: NonNullable<SeriesQuestion["selection"]>;
  readonly top: number;
  readonly rankBy: NonNullable<SeriesQuestion["rankBy"]>;
  readonly percentiles: readonly number[];
  readonly firstMs: number;
  /** Points of each series. */
  readonly points: number;
}

/** Throws a StoreInputError where a question for series makes no sense, and TooMuchWork where it asks for too much. */
export function checkSeries(question: SeriesQuestion): CheckedSeries {
  const { range, stepMs, labelsOf, selection = {}, top = DEFAULT_TOP, rankBy = "requests" } = question;
  const { percentiles = DEFAULT_PERCENTILES, firstMs = range.fromMs, slowerThanMs } = question;
  checkSteps(range, stepMs);
  checkFirst(question, firstMs);
  const points = Math.ceil((range.toMs - firstMs) / stepMs);
  checkTop(top);
  checkPercentiles(percentiles);
  checkSlower(slowerThanMs);
  if (labelsOf && (top + 1) * points > MAX_ANSWER_POINTS) {
    throw new TooMuchWork(
      `${top} series and the rest, of ${points} points each, are more than the ${MAX_ANSWER_POINTS} points of one answer; take a longer step, a shorter range or a smaller top`,
    );
  }
  return { ...question, selection, top, rankBy, percentiles, firstMs, points };
}

function checkTop(top: number): void {
  if (Number.isSafeInteger(top) && top >= 1 && top <= MAX_TOP) return;
  throw new StoreInputError("top", `"top" must be a whole number from 1 to ${MAX_TOP}, not ${top}`);
}

function checkPercentiles(percentiles: readonly number[]): void {
  const areShares = percentiles.every((share) => share > 0 && share < 1);
  if (areShares && percentiles.length > 0 && percentiles.length <= MAX_PERCENTILES) return;
  const must = `must be from 1 to ${MAX_PERCENTILES} shares above 0 and below 1`;
  throw new StoreInputError("percentiles", `"percentiles" ${must}, not ${percentiles.join(", ")}`);
}

function checkSlower(ms: number | undefined): void {
  if (ms === undefined || (ms > 0 && ms <= MAX_SLOWER_MS)) return;
  const must = `must be milliseconds above 0 and up to ${MAX_SLOWER_MS}`;
  throw new StoreInputError("slowerThan", `"slowerThan" ${must}, not ${ms}`);
}

/** Throws a StoreInputError unless the range comes to at most MAX_POINTS steps. */
function checkSteps(range: TimeRange, stepMs: number): void {
  checkRange(range);
  if (!Number.isSafeInteger(stepMs) || stepMs <= 0) {
    throw new StoreInputError("step", `"step" must be whole milliseconds above 0, not ${stepMs}`);
  }
  const points = Math.ceil((range.toMs - range.fromMs) / stepMs);
  if (points > MAX_POINTS) {
    const enough = Math.ceil((range.toMs - range.fromMs) / MAX_POINTS);
    throw new StoreInputError(
      "step",
      `${points} points are too many (limit ${MAX_POINTS}): take a step of ${enough} ms`,
    );
  }
}

/** Throws a StoreInputError unless history can be told in these steps. */
export function checkHistory({ range, stepMs }: StepsQuestion): void {
  checkRange(range);
  if (STEPS_MS.includes(stepMs)) return;
  throw new StoreInputError("step", `"step" must be one of ${STEPS_MS.join(", ")} ms, not ${stepMs}`);
}

function checkFirst({ range, stepMs }: SeriesQuestion, firstMs: number): void {
  if (Number.isSafeInteger(firstMs) && firstMs <= range.fromMs && firstMs > range.fromMs - stepMs) return;
  throw new StoreInputError("from", `The first step must begin less than ${stepMs} ms before "from", not ${firstMs}`);
}

/** Throws a StoreInputError unless an answer may have so many requests by name, or of what else there is a most. */
export function checkLimit(limit: number, most = MAX_EXEMPLARS): void {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= most) return;
  throw new StoreInputError("limit", `"limit" must be a whole number from 1 to ${most}, not ${limit}`);
}

/** Throws a StoreInputError for an event that no engine can keep as it is. */
export function checkAlertEvent({ atMs, alertId, measured }: AlertEvent): void {
  if (!Number.isSafeInteger(atMs) || atMs < 0) {
    throw new StoreInputError("atMs", `An alert's "atMs" must be whole milliseconds since the epoch, not ${atMs}`);
  }
  if (alertId === "") throw new StoreInputError("alertId", `An alert's "alertId" must not be empty`);
  for (const [field, value] of Object.entries(measured) as [string, number | null][]) {
    if (value !== null && !Number.isFinite(value)) {
      throw new StoreInputError(field, `An alert's "${field}" must be a number, not ${value}`);
    }
  }
}

/** Throws TooMuchWork where an answer would be made of more things counted of pods than it may. */
export function checkPods(sums: number): void {
  if (sums <= MAX_POD_SUMS) return;
  const most = MAX_POD_SUMS.toLocaleString("en-US");
  throw new TooMuchWork(`More than ${most} things were counted between pods in this window; ask for a shorter one`);
}

/** Throws a StoreInputError unless this is a cursor of the inbox. */
export function checkCursor(cursor: number): void {
  if (!Number.isSafeInteger(cursor) || cursor < 0) {
    throw new StoreInputError("cursor", `A cursor must be a whole number from 0, not ${cursor}`);
  }
}
