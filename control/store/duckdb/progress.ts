/** How far appending to the history has come. */
import type { ReportedWindow } from "../../identity/observation.ts";
import { wholeMs } from "./append.ts";
import { updateLevelSql } from "./levels.ts";
import type { LevelState } from "./levels.ts";
import { FINEST, POD_LEVELS } from "./schema.ts";
import type { Transaction } from "./session.ts";

/** The inbox's cursor up to which windows were appended. */
export async function readCursor(tx: Transaction): Promise<number> {
  const [state] = await tx.rows("SELECT cursor::DOUBLE AS cursor FROM state");
  return state!["cursor"] as number;
}

/** How far appending has come: the inbox's cursor, and of the finest level the last number, the latest start and the longest window. */
export interface Progress extends Pick<LevelState, "lastNumber" | "reachedMs" | "longestMs"> {
  readonly cursor: number;
}

export async function readProgress(tx: Transaction): Promise<Progress> {
  const [row] = await tx.rows(`SELECT cursor::DOUBLE AS cursor, last_number::DOUBLE AS last_number,
    reached_ms::DOUBLE AS reached_ms, longest_ms::DOUBLE AS longest_ms FROM state, levels WHERE name = '${FINEST.id}'`);
  const column = (name: string): number => row![name] as number;
  return {
    cursor: column("cursor"),
    lastNumber: column("last_number"),
    reachedMs: column("reached_ms"),
    longestMs: column("longest_ms"),
  };
}

/** What is to be noted after windows were appended, as one text: each answer of the engine costs a turn of the event loop. */
export function progressSql(before: Progress, windows: readonly ReportedWindow[], cursor: number): string {
  const statements = [`UPDATE state SET cursor = ${cursor}`];
  if (windows.length > 0) {
    const longestMs = windows.reduce(
      (longest, window) => Math.max(longest, wholeMs(window).durationMs),
      before.longestMs,
    );
    const reached = { last_number: before.lastNumber + windows.length, longest_ms: longestMs };
    for (const level of [FINEST, POD_LEVELS[0]!]) statements.push(updateLevelSql(level, reached));
    if (!before.reachedMs) statements.push(`UPDATE levels SET reached_ms = ${latestStart(windows)}`);
  }
  return statements.join(";\n");
}

/** Whole milliseconds since the epoch. */
export function latestStart(windows: readonly ReportedWindow[]): number {
  return windows.reduce((latest, window) => Math.max(latest, wholeMs(window).startMs), 0);
}
