/**
 * Batches that wait for their acknowledgement, first in first out, numbered by sequence. While it is full the module goes
 * on counting into the window that is open, so an outage of control costs resolution, not counts.
 */
import type { Batch } from "#proto/ingest.ts";

/** Ten minutes at a batch a second; a batch has at most 32 KB (MAX_BATCH in wasm-filter/core/limits.ts). */
const MAX_QUEUED = 600;

export class BatchQueue {
  #batches: Batch[] = [];
  #next = 1;

  /** @param most batches that are kept; a window that needs several may go past it */
  constructor(private readonly most = MAX_QUEUED) {}

  get isFull(): boolean {
    return this.#batches.length >= this.most;
  }

  get size(): number {
    return this.#batches.length;
  }

  /** The sequence of the oldest batch that waits; that of the next one where none does. */
  get first(): number {
    return this.#next - this.#batches.length;
  }

  /** The last sequence that was given, 0 for none. */
  get last(): number {
    return this.#next - 1;
  }

  add(batch: Batch): void {
    this.#batches.push({ ...batch, sequence: this.#next });
    this.#next += 1;
  }

  /** The batch with a sequence, where it waits. */
  at(sequence: number): Batch | undefined {
    return this.#batches[sequence - this.first];
  }

  /** Drops every batch up to and including a sequence. */
  dropThrough(sequence: number): void {
    if (sequence >= this.first) this.#batches.splice(0, sequence - this.first + 1);
  }
}
