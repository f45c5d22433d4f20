import type { DuckDBDataChunk, DuckDBListVector, DuckDBVector } from "@duckdb/node-api";
import type { HistoryStep, StepsQuestion } from "../history-step.ts";
import { StepKeys, StepSums } from "../step-sums.ts";
import type { StepKey, StepRow } from "../step-sums.ts";
import { StepWindows } from "../step-windows.ts";
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
    for await (const chunk of tx.chunks(`SELECT ${COLUMNS} FROM (${counters}) ORDER BY ${BEGINNING}`)) {
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

const NUMBERS = [
  ...["key_id", "start_ms", "duration_ms", "count", "request_bytes", "response_bytes"],
  ...["clip_from", "clip_to"],
];

const COLUMNS = `${NUMBERS.map((column) => `${column}::DOUBLE`).join(", ")}, bucket_indexes, bucket_counts::DOUBLE[]`;

/** One row of a chunk after the other. */
class ChunkRow implements StepRow {
  at = 0;
  readonly #numbers: readonly DuckDBVector<number>[];
  readonly #indexes: DuckDBListVector;
  readonly #counts: DuckDBListVector;

  constructor(chunk: DuckDBDataChunk) {
    this.#numbers = NUMBERS.map((_, column) => chunk.getColumnVector(column) as DuckDBVector<number>);
    this.#indexes = chunk.getColumnVector(NUMBERS.length) as DuckDBListVector;
    this.#counts = chunk.getColumnVector(NUMBERS.length + 1) as DuckDBListVector;
  }

  get keyId(): number {
    return this.#number(0);
  }

  get startMs(): number {
    return this.#number(1);
  }

  get durationMs(): number {
    return this.#number(2);
  }

  get count(): number {
    return this.#number(3);
  }

  get requestBytes(): number {
    return this.#number(4);
  }

  get responseBytes(): number {
    return this.#number(5);
  }

  get fromMs(): number {
    return this.#number(6);
  }

  get toMs(): number {
    return this.#number(7);
  }

  buckets(): number[] {
    const length = this.#indexes.getEntryLength(this.at);
    const [index, count] = [this.#indexes.getEntryOffset(this.at), this.#counts.getEntryOffset(this.at)];
    const indexes = this.#indexes.childVector as DuckDBVector<number>;
    const counts = this.#counts.childVector as DuckDBVector<number>;
    const buckets = new Array<number>(2 * length);
    for (let at = 0; at < length; at++) {
      buckets[2 * at] = indexes.getItem(index + at)!;
      buckets[2 * at + 1] = counts.getItem(count + at)!;
    }
    return buckets;
  }

  #number(column: number): number {
    return this.#numbers[column]!.getItem(this.at)!;
  }
}
