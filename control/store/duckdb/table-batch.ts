import { BIGINT, BOOLEAN, DOUBLE, DuckDBDataChunk, INTEGER, LIST, USMALLINT, VARCHAR } from "@duckdb/node-api";
import type { DuckDBAppender, DuckDBType } from "@duckdb/node-api";
import { BigintCells, ListCells, NumberCells, TextCells } from "./cells.ts";
import type { Cell, Cells } from "./cells.ts";

export type { Cell } from "./cells.ts";

/** Rows that the engine takes in one chunk. */
const CHUNK_ROWS = 2_048;

/** How a column is filled: its type, and where its cells gather. */
export interface Column {
  readonly type: DuckDBType;
  readonly cells: () => Cells;
}

/**
 * Columns by the types that tables here have. Whole numbers up to 2^53 go into BIGINT. `indexes` and `counts` are given the
 * same (index, count) pairs, and each takes its own half.
 */
export const COLUMN = {
  text: { type: VARCHAR, cells: () => new TextCells() },
  /** NaN stands for what is not known. */
  double: { type: DOUBLE, cells: () => new NumberCells(Float64Array) },
  integer: { type: INTEGER, cells: () => new NumberCells(Int32Array) },
  truth: { type: BOOLEAN, cells: () => new NumberCells(Uint8Array) },
  bigint: { type: BIGINT, cells: () => new BigintCells() },
  indexes: { type: LIST(USMALLINT), cells: () => new ListCells(0, new NumberCells(Uint16Array)) },
  counts: { type: LIST(BIGINT), cells: () => new ListCells(1, new BigintCells()) },
} as const satisfies Record<string, Column>;

/** Rows on their way into one table, handed to the engine column by column. */
export class TableBatch {
  readonly #appender: DuckDBAppender;
  readonly #types: readonly DuckDBType[];
  readonly #cells: readonly Cells[];
  #rows = 0;

  constructor(appender: DuckDBAppender, columns: readonly Column[]) {
    this.#appender = appender;
    this.#types = columns.map(({ type }) => type);
    this.#cells = columns.map(({ cells }) => cells());
  }

  /** Adds a row: a cell for each column, in their order. Throws a RangeError where a number is none of its column's. */
  add(...row: readonly Cell[]): void {
    for (let at = 0; at < row.length; at++) this.#cells[at]!.set(this.#rows, row[at]!);
    this.#rows += 1;
    if (this.#rows === CHUNK_ROWS) this.#flush();
  }

  /** Hands over the rest; they are in the table when the transaction of the appender is committed. */
  close(): void {
    this.#flush();
    this.#appender.closeSync();
  }

  /** Gives up what was not handed over. */
  discard(): void {
    this.#appender.clear();
    this.#appender.closeSync();
  }

  #flush(): void {
    if (this.#rows === 0) return;
    const chunk = DuckDBDataChunk.create(this.#types, this.#rows);
    this.#cells.forEach((cells, at) => cells.handOver(chunk, at, this.#rows));
    this.#rows = 0;
    this.#appender.appendDataChunk(chunk);
  }
}
