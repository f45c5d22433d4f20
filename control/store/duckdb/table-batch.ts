import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  LIST,
  USMALLINT,
  VARCHAR,
  listValue,
} from "@duckdb/node-api";
import type { DuckDBAppender, DuckDBType, DuckDBValue } from "@duckdb/node-api";

/** Rows that the engine takes in one chunk. */
const CHUNK_ROWS = 2_048;

/** How a column is filled: its type, and what makes its value of a cell. */
export interface Column {
  readonly type: DuckDBType;
  readonly value: (cell: Cell) => DuckDBValue;
}

export type Cell = number | string | null | readonly number[];

/**
 * Columns by the types that tables here have. Whole numbers up to 2^53 go into BIGINT. `indexes` and `counts` are given the
 * same (index, count) pairs, and each takes its own half.
 */
export const COLUMN = {
  text: { type: VARCHAR, value: (cell) => cell as string },
  double: { type: DOUBLE, value: (cell) => cell as number | null },
  integer: { type: INTEGER, value: (cell) => cell as number },
  truth: { type: BOOLEAN, value: (cell) => cell === 1 },
  bigint: { type: BIGINT, value: (cell) => BigInt(cell as number) },
  indexes: { type: LIST(USMALLINT), value: (cell) => listValue(halfOf(cell, 0)) },
  counts: { type: LIST(BIGINT), value: (cell) => listValue(halfOf(cell, 1).map(BigInt)) },
} as const satisfies Record<string, Column>;

/** Every second number of pairs, from the first or the second on. */
function halfOf(cell: Cell, from: 0 | 1): number[] {
  const pairs = cell as readonly number[];
  const half = new Array<number>(pairs.length >> 1);
  for (let at = 0; at < half.length; at++) half[at] = pairs[2 * at + from]!;
  return half;
}

/**
 * Rows on their way into one table, handed to the engine column by column: per row a tenth of the time that it takes
 * value by value. What the engine wants in place of a cell is made when it is handed over, so that it never grows old.
 */
export class TableBatch {
  readonly #appender: DuckDBAppender;
  readonly #columns: readonly Column[];
  readonly #cells: Cell[][];

  constructor(appender: DuckDBAppender, columns: readonly Column[]) {
    this.#appender = appender;
    this.#columns = columns;
    this.#cells = columns.map(() => []);
  }

  /** Adds a row: a cell for each column, in their order. */
  add(...row: readonly Cell[]): void {
    for (let at = 0; at < row.length; at++) this.#cells[at]!.push(row[at]!);
    if (this.#cells[0]!.length === CHUNK_ROWS) this.#flush();
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
    const rows = this.#cells[0]!.length;
    if (rows === 0) return;
    const chunk = DuckDBDataChunk.create(
      this.#columns.map((column) => column.type),
      rows,
    );
    this.#cells.forEach((cells, at) => {
      chunk.setColumnValues(at, cells.map(this.#columns[at]!.value));
      cells.length = 0;
    });
    this.#appender.appendDataChunk(chunk);
  }
}
