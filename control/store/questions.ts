import { StoreInputError } from "./errors.ts";
import type { TimeRange } from "./store.ts";

/** Points that one series may have. */
export const MAX_POINTS = 2_000;

/** Requests by name that one answer may have. */
export const MAX_EXEMPLARS = 500;

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

/** Throws a StoreInputError unless range and step make a series of at most MAX_POINTS points; returns their number. */
export function checkSeries(range: TimeRange, stepMs: number): number {
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
  return points;
}

/** Throws a StoreInputError unless an answer may have so many requests by name. */
export function checkLimit(limit: number): void {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_EXEMPLARS) return;
  throw new StoreInputError("limit", `"limit" must be a whole number from 1 to ${MAX_EXEMPLARS}, not ${limit}`);
}

/** Throws a StoreInputError unless this is a cursor of the inbox. */
export function checkCursor(cursor: number): void {
  if (!Number.isSafeInteger(cursor) || cursor < 0) {
    throw new StoreInputError("cursor", `A cursor must be a whole number from 0, not ${cursor}`);
  }
}
