import type { Batch } from "#proto/ingest.ts";
import type { ReceivedBatch } from "../ingest/envelope.ts";

/** Where a window lies on control's time line. */
export interface Placement {
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** Set when the reporter's statement could not be right and the window was moved. */
  readonly clamped: "future" | "past" | undefined;
}

/** A window is not over when it is sent, by the width of a tick; this much of the future is none. */
const FUTURE_SLACK_MS = 1_000;
/** Older than the coarsest outage that a reporter bridges in practice; such a time is a clock that was never set. */
const MAX_AGE_MS = 7 * 86_400_000;

/**
 * Puts a window on control's time line. Nothing can have been counted after it was received, and nothing is believed to
 * be older than a week: such windows are moved to the nearest time that can be, and counted, never dropped.
 */
export function placeWindow(
  batch: Pick<Batch, "startSeconds" | "startMillis" | "durationMillis">,
  { receivedMs, clockOffsetMs }: Pick<ReceivedBatch, "receivedMs" | "clockOffsetMs">,
): Placement {
  const startMs = batch.startSeconds * 1000 + batch.startMillis + clockOffsetMs;
  const latestMs = receivedMs - batch.durationMillis;
  if (startMs > latestMs + FUTURE_SLACK_MS) return { startMs: latestMs, clamped: "future" };
  const earliestMs = latestMs - MAX_AGE_MS;
  if (startMs < earliestMs) return { startMs: earliestMs, clamped: "past" };
  return { startMs, clamped: undefined };
}
