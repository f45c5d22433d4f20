/**
 * The cells of a column on their way to the engine, in the form in which its vectors lie in memory
 * (https://duckdb.org/docs/stable/clients/c/vector), so that a chunk is copied as a whole. Made as JavaScript values
 * first, a number each, the rows of a window took longer than all else that is done with them.
 */
import duckdb from "@duckdb/node-bindings";
import type { Vector } from "@duckdb/node-bindings";
import type { DuckDBDataChunk } from "@duckdb/node-api";

export type Cell = number | string | readonly number[];

/** The cells of a chunk, one after the other; they may be set again when they were handed over. */
export interface Cells {
  /** Throws a RangeError for a number that the column's type does not have. */
  set(row: number, cell: Cell): void;
  /** Puts the first `rows` of them into a column of a chunk of so many rows. */
  handOver(chunk: DuckDBDataChunk, column: number, rows: number): void;
}

type Numbers = Float64Array | Int32Array | Uint16Array | Uint8Array | Uint32Array;

/** Places that there is room for at first: most tables get few rows at a time. */
const FIRST_ROOM = 64;

function vectorOf({ chunk }: DuckDBDataChunk, column: number): Vector {
  return duckdb.data_chunk_get_vector(chunk, column);
}

function copy(vector: Vector, numbers: Numbers, length: number): void {
  const { buffer, byteOffset, BYTES_PER_ELEMENT } = numbers;
  duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, length * BYTES_PER_ELEMENT);
}

/** The same numbers with room for one more at a place. */
function roomAt<T extends Numbers>(numbers: T, place: number): T {
  if (place < numbers.length) return numbers;
  const larger = new (numbers.constructor as new (length: number) => T)(numbers.length * 2);
  larger.set(numbers);
  return larger;
}

/** Numbers that can be copied into a vector, its own or that of what lists hold. */
interface NumberColumn extends Cells {
  copyTo(vector: Vector, length: number): void;
}

/** Numbers of at most 53 bits, in the engine's own width. */
export class NumberCells implements NumberColumn {
  #numbers: Float64Array | Int32Array | Uint16Array | Uint8Array;

  constructor(Type: new (length: number) => Float64Array | Int32Array | Uint16Array | Uint8Array) {
    this.#numbers = new Type(FIRST_ROOM);
  }

  set(place: number, cell: number): void {
    this.#numbers = roomAt(this.#numbers, place);
    this.#numbers[place] = cell;
    const kept = this.#numbers[place];
    // NaN is no number that equals itself; a column of whole numbers keeps none.
    if (kept !== cell && !(Number.isNaN(kept) && Number.isNaN(cell)))
      throw new RangeError(`${cell} does not fit into its column of the history`);
  }

  copyTo(vector: Vector, length: number): void {
    copy(vector, this.#numbers, length);
  }

  handOver(chunk: DuckDBDataChunk, column: number, rows: number): void {
    this.copyTo(vectorOf(chunk, column), rows);
  }
}

/** Whole numbers as 64 bits: two words of 32, the lower one first, as on every processor that the engine is built for. */
export class BigintCells implements NumberColumn {
  #words = new Uint32Array(2 * FIRST_ROOM);

  set(place: number, cell: number): void {
    if (!Number.isSafeInteger(cell)) throw new RangeError(`${cell} is no whole number that the history can keep`);
    const at = 2 * place;
    this.#words = roomAt(this.#words, at);
    this.#words[at] = cell;
    this.#words[at + 1] = Math.floor(cell / 2 ** 32);
  }

  copyTo(vector: Vector, length: number): void {
    copy(vector, this.#words, 2 * length);
  }

  handOver(chunk: DuckDBDataChunk, column: number, rows: number): void {
    this.copyTo(vectorOf(chunk, column), rows);
  }
}

/** Lists: where the first or the second of each of a cell's pairs begin among all of them, and how many they are. */
export class ListCells implements Cells {
  readonly #half: 0 | 1;
  readonly #items: NumberColumn;
  readonly #places = new BigintCells();
  #length = 0;

  constructor(half: 0 | 1, items: NumberColumn) {
    this.#half = half;
    this.#items = items;
  }

  set(row: number, cell: readonly number[]): void {
    this.#places.set(2 * row, this.#length);
    this.#places.set(2 * row + 1, cell.length >> 1);
    for (let at = this.#half; at < cell.length; at += 2) this.#items.set(this.#length++, cell[at]!);
  }

  handOver(chunk: DuckDBDataChunk, column: number, rows: number): void {
    const vector = vectorOf(chunk, column);
    duckdb.list_vector_reserve(vector, this.#length);
    duckdb.list_vector_set_size(vector, this.#length);
    // Reserving moves them, so where they lie is asked for afterwards.
    this.#items.copyTo(duckdb.list_vector_get_child(vector), this.#length);
    this.#places.copyTo(vector, 2 * rows);
    this.#length = 0;
  }
}

export class TextCells implements Cells {
  readonly #texts: string[] = [];

  set(row: number, cell: string): void {
    this.#texts[row] = cell;
  }

  handOver(chunk: DuckDBDataChunk, column: number, rows: number): void {
    const vector = vectorOf(chunk, column);
    for (let row = 0; row < rows; row++) duckdb.vector_assign_string_element(vector, row, this.#texts[row]!);
  }
}
