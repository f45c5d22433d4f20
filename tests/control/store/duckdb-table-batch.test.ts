import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { COLUMN, TableBatch } from "../../../control/store/duckdb/table-batch.ts";
import type { Cell, Column } from "../../../control/store/duckdb/table-batch.ts";

const { text, integer, bigint, double, truth, indexes, counts } = COLUMN;
const COLUMNS = [bigint, integer, double, truth, text, indexes, counts];
const TYPES = ["BIGINT", "INTEGER", "DOUBLE", "BOOLEAN", "VARCHAR", "USMALLINT[]", "BIGINT[]"];

let instance: DuckDBInstance;
let connection: DuckDBConnection;

test.before.each(async () => {
  instance = await DuckDBInstance.create(":memory:");
  connection = await instance.connect();
});

test.after.each(() => {
  connection.closeSync();
  instance.closeSync();
});

async function batchOf(columns: readonly Column[], types: readonly string[]): Promise<TableBatch> {
  await connection.run(`CREATE TABLE t (${types.map((type, at) => `c${at} ${type} NOT NULL`).join(", ")})`);
  return new TableBatch(await connection.createAppender("t"), columns);
}

/** What is in the table, whole numbers as numbers, and lists as they are. */
async function rows(): Promise<unknown[][]> {
  const found = (await connection.runAndReadAll("SELECT * FROM t")).getRowsJS();
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    return typeof value === "bigint" ? Number(value) : value;
  };
  return found.map((row) => row.map(plain));
}

test("each type keeps its numbers, out to the ends of what it has", async () => {
  const batch = await batchOf(COLUMNS, TYPES);
  const most = Number.MAX_SAFE_INTEGER;
  batch.add(most, 2 ** 31 - 1, 0.1, 1, "Grüße 🙂, \u0000 too", [0, 2 ** 32, 65_535, most], [0, 2 ** 32, 65_535, most]);
  batch.add(-most, -(2 ** 31), -1e300, 0, "", [], []);
  batch.add(2 ** 32, 0, 0, 0, "x".repeat(5_000), [7, 1], [7, 1]);
  batch.close();
  assert.equal(await rows(), [
    [most, 2 ** 31 - 1, 0.1, true, "Grüße 🙂, \u0000 too", [0, 65_535], [2 ** 32, most]],
    [-most, -(2 ** 31), -1e300, false, "", [], []],
    [2 ** 32, 0, 0, false, "x".repeat(5_000), [7], [1]],
  ]);
});

test("rows of many chunks come out as they went in, each with its own lists", async () => {
  const batch = await batchOf([integer, indexes, counts], ["INTEGER", "USMALLINT[]", "BIGINT[]"]);
  const expected = Array.from({ length: 5_000 }, (_, at) => {
    const pairs = Array.from({ length: at % 4 }, (_pair, of) => [of * 500 + (at % 500), at * 2 ** 30 + of]);
    batch.add(at, pairs.flat(), pairs.flat());
    return [at, pairs.map(([index]) => index), pairs.map(([, count]) => count)];
  });
  batch.close();
  assert.equal(await rows(), expected);
});

test("a number that is none of its column's is refused, and nothing of the batch is written", async () => {
  const none: readonly [Column, string, Cell][] = [
    [bigint, "BIGINT", 0.5],
    [bigint, "BIGINT", 2 ** 53],
    [bigint, "BIGINT", NaN],
    [integer, "INTEGER", 2 ** 31],
    [indexes, "USMALLINT[]", [65_536, 1]],
    [counts, "BIGINT[]", [1, 1.5]],
  ];
  for (const [column, type, cell] of none) {
    const batch = await batchOf([column], [type]);
    assert.throws(() => batch.add(cell), /column of the history|history can keep/, `${type} ${String(cell)}`);
    batch.discard();
    assert.equal(await rows(), []);
    await connection.run("DROP TABLE t");
  }
});

test.run();
