/** What both receivers end up with: requests per edge, endpoint, outcome and status, and their latency buckets. */
import { BUCKET_COUNT, bucketIndex } from "../../control/world/histogram.ts";

export const Outcome = { success: 1, clientError: 2, serverError: 3, notReached: 4, noAnswer: 5 } as const;

export interface Cell {
  count: number;
  readonly buckets: Uint32Array;
}

/** Key "edge method route outcome status"; the histogram as pairs of index and count. */
export type Figures = Record<string, { readonly count: number; readonly buckets: readonly number[] }>;

export class Aggregate {
  total = 0;
  readonly #cells = new Map<string, Cell>();

  /** The cell of a key, which is the caller's to keep. */
  cell(key: string): Cell {
    let cell = this.#cells.get(key);
    if (!cell) this.#cells.set(key, (cell = { count: 0, buckets: new Uint32Array(BUCKET_COUNT) }));
    return cell;
  }

  /** Adds one request of so many microseconds. */
  addOne(cell: Cell, micros: number): void {
    this.total++;
    cell.count++;
    const index = bucketIndex(micros);
    cell.buckets[index] = (cell.buckets[index] ?? 0) + 1;
  }

  /** Adds a counter: its requests and, with gaps for indexes, their latencies. */
  addCounter(cell: Cell, count: number, gaps: readonly number[]): void {
    this.total += count;
    cell.count += count;
    let index = 0;
    for (let i = 0; i < gaps.length; i += 2) {
      index += gaps[i] as number;
      cell.buckets[index] = (cell.buckets[index] ?? 0) + (gaps[i + 1] as number);
    }
  }

  figures(): Figures {
    return Object.fromEntries(
      [...this.#cells].map(([key, { count, buckets }]) => {
        const pairs = [...buckets.entries()].filter(([, inBucket]) => inBucket > 0);
        return [key, { count, buckets: pairs.flat() }] as const;
      }),
    );
  }
}
