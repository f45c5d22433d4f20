import type { HistoryStep, StepsQuestion } from "../history-step.ts";
import { StepKeys, StepSums } from "../step-sums.ts";
import type { StepKey } from "../step-sums.ts";
import { StepWindows } from "../step-windows.ts";
import { COUNTER_COLUMNS, ChunkRow } from "./counter-chunk.ts";
import { CounterTables } from "./counters.ts";
import { keyOf } from "./names.ts";
import type { Transaction } from "./session.ts";

/** Rows of one statement: the engine brings them into order, and beyond its memory does so on disk. */
const ROWS_AT_ONCE = 100_000;

/**
 * History in steps. Rows come in order of time and are added up here and not in SQL: most sums are of one row, and need no
 * histogram taken apart.
 */
export async function* readSteps(tx: Transaction, question: StepsQuestion): AsyncGenerator<HistoryStep> {
  const { stepMs } = question;
  const keys = await readKeys(tx, question);
  const windows = new StepWindows(question, ROWS_AT_ONCE);
  const tables = await CounterTables.read(tx);
  for (let { window } = windows; window; { window } = windows) {
    const sums = new StepSums(stepMs);
    const counters = await tables.counters(window, { steps: { firstMs: windows.firstMs(window), stepMs } });
    let rows = 0;
    for await (const chunk of tx.chunks(`SELECT ${COUNTER_COLUMNS} FROM (${counters}) ORDER BY ${BEGINNING}`)) {
      const [row, { rowCount }] = [new ChunkRow(chunk), chunk];
      for (row.at = 0; row.at < rowCount; row.at++) sums.add(keys[row.keyId]!, row);
      rows += rowCount;
      row.at = rowCount - 1;
      yield* sums.take(Math.max(row.startMs, row.fromMs) - stepMs);
    }
    yield* sums.take();
    windows.advance(rows);
  }
}

/** By number. */
async function readKeys(tx: Transaction, question: StepsQuestion): Promise<StepKey[]> {
  const series = new StepKeys(question);
  const keys: StepKey[] = [];
  for await (const row of tx.stream("SELECT * FROM keys")) keys[row["key_id"] as number] = series.of(keyOf(row));
  return keys;
}

/** Where a row begins to count. */
const BEGINNING = "greatest(start_ms, clip_from)";
