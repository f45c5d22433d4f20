import type { DuckDBDataChunk, DuckDBListVector, DuckDBVector } from "@duckdb/node-api";
import type { StepRow } from "../step-sums.ts";

const NUMBERS = [
  ...["key_id", "start_ms", "duration_ms", "count", "request_bytes", "response_bytes"],
  ...["clip_from", "clip_to"],
];

/** What of counters is read, as SQL: whole numbers of 64 bits would come as BigInt. */
export const COUNTER_COLUMNS = `${NUMBERS.map((column) => `${column}::DOUBLE`).join(", ")}, bucket_indexes, bucket_counts::DOUBLE[]`;

/**
 * One row of a chunk after the other, read where the engine has it: a value for each number of each histogram costs more
 * than all else of reading it.
 */
export class ChunkRow implements StepRow {
  at = 0;
  readonly #numbers: readonly DuckDBVector<number>[];
  readonly #indexes: DuckDBListVector;
  readonly #counts: DuckDBListVector;

  /** @param chunk of COUNTER_COLUMNS */
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
    return this.bucketsAt(this.at);
  }

  /** Of another row of the chunk. */
  bucketsAt(row: number): number[] {
    const length = this.#indexes.getEntryLength(row);
    const [index, count] = [this.#indexes.getEntryOffset(row), this.#counts.getEntryOffset(row)];
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
