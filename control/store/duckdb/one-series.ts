import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { CounterRow } from "../counter-row.ts";
import { OneSeries } from "../one-series.ts";
import type { CheckedSeries } from "../questions.ts";
import { Shown } from "../shown.ts";
import type { Series } from "../store.ts";
import { COUNTER_COLUMNS, ChunkRow } from "./counter-chunk.ts";
import type { CounterTables } from "./counters.ts";
import { keyOf } from "./names.ts";
import type { KeyFields } from "./key-ids.ts";
import { whereOf } from "./selecting.ts";
import type { Transaction } from "./session.ts";

/** Above so many keys the engine adds counters up; below it takes longer to plan and merge than to read what there is. */
const FEW_KEYS = 40;

type DuckDbRow = CounterRow & { readonly buckets: () => readonly number[] };

/** One series of what is selected, where that is few keys; undefined where it is many. */
export async function readFew(
  tx: Transaction,
  tables: CounterTables,
  question: CheckedSeries,
): Promise<Series | undefined> {
  const { where, parameters } = whereOf(question.selection, "keys");
  const selected = await tx.rows(`SELECT * FROM keys WHERE ${where} LIMIT ${FEW_KEYS + 1}`, parameters);
  if (selected.length > FEW_KEYS) return undefined;
  const keys = new Map(selected.map((row) => [row["key_id"] as number, keyOf(row)]));
  const wanted = { steps: question, keyIds: [...keys.keys()] };
  const sql = rowsSql(await tables.counters(question.range, wanted));
  const one = await read(tx, sql, { question, keys });
  if (one && one.open.length === 0) return one.series();
  const known = await shownOf(tx, tables, question);
  // Beside a statement that gives rows there can be no other, so what had to be broken off begins anew.
  const whole = one ?? (await read(tx, sql, { question, keys, known }));
  whole?.know(known);
  return whole?.series();
}

/** Undefined where too many rows wait until it is known whether they are shown. */
async function read(
  tx: Transaction,
  sql: string,
  {
    question,
    keys,
    known,
  }: { readonly question: CheckedSeries; readonly keys: ReadonlyMap<number, KeyFields>; readonly known?: Shown },
): Promise<OneSeries<DuckDbRow> | undefined> {
  const one = new OneSeries<DuckDbRow>(question, ({ buckets }) => buckets());
  if (known) one.know(known);
  for await (const chunk of tx.chunks(sql)) {
    one.take(rowsOf(chunk, keys));
    if (one.isCrowded) return undefined;
  }
  return one;
}

/** In order of keys, so that the rows of one come together, and the engine gives them in pieces that are full. */
function rowsSql(counters: string): string {
  return `SELECT ${COUNTER_COLUMNS} FROM (${counters}) ORDER BY key_id`;
}

function rowsOf(chunk: DuckDBDataChunk, keys: ReadonlyMap<number, KeyFields>): DuckDbRow[] {
  const row = new ChunkRow(chunk);
  return Array.from({ length: chunk.rowCount }, (_, at) => {
    row.at = at;
    const { startMs, durationMs, fromMs, toMs, count, requestBytes, responseBytes } = row;
    const key = keys.get(row.keyId)!;
    const buckets = (): readonly number[] => row.bucketsAt(at);
    return { key, startMs, durationMs, fromMs, toMs, count, requestBytes, responseBytes, buckets };
  });
}

/** The reporter rule for the whole range. */
async function shownOf(tx: Transaction, tables: CounterTables, { range }: CheckedSeries): Promise<Shown> {
  const present = await tables.present(range);
  const rows = await tx.rows(`SELECT DISTINCT side, client, server FROM keys WHERE key_id IN (${present})`);
  return new Shown(rows.map(keyOf));
}
