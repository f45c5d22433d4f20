import { mergeObservations } from "../../identity/merge-observations.ts";
import type { Observation } from "../../identity/observation.ts";
import type { TimeRange } from "../store.ts";
import { unpack } from "./packed.ts";
import type { CounterRow, Key, Measured } from "./rows.ts";
import { Cut, NEAREST, addShares, sorted } from "../shares.ts";

/** What was counted of one key. */
export interface Sum<K> {
  readonly key: K;
  readonly count: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly buckets: readonly number[];
}

interface Summed<K> extends Omit<Sum<K>, "buckets"> {
  count: number;
  requestBytes: number;
  responseBytes: number;
  readonly buckets: Map<number, number>;
}

/** Counters of a stretch of time, added up by what they count. */
export class RowSums<K> {
  readonly #textOf: (key: K) => string;
  readonly #sums = new Map<string, Summed<K>>();
  #last: { readonly key: K; readonly sum: Summed<K> } | undefined;

  constructor({ textOf }: Pick<Measured<K>, "textOf">) {
    this.#textOf = textOf;
  }

  /** Things that were counted. */
  get size(): number {
    return this.#sums.size;
  }

  /** Adds what of a row falls into the stretch. */
  add(row: CounterRow<K>, stretch: TimeRange): void {
    // Rows of one key mostly come together.
    if (this.#last?.key !== row.key) this.#last = { key: row.key, sum: this.#sumOf(row.key) };
    const { sum } = this.#last;
    const cut = new Cut(row, stretch);
    sum.count += cut.share(row.count, NEAREST);
    sum.requestBytes += cut.share(row.requestBytes, NEAREST);
    sum.responseBytes += cut.share(row.responseBytes, NEAREST);
    addShares(sum.buckets, unpack(row.buckets), cut);
  }

  #sumOf(key: K): Summed<K> {
    const text = this.#textOf(key);
    const known = this.#sums.get(text);
    if (known) return known;
    const sum = { key, count: 0, requestBytes: 0, responseBytes: 0, buckets: new Map<number, number>() };
    this.#sums.set(text, sum);
    return sum;
  }

  /** One for each thing that was counted. */
  all(): Sum<K>[] {
    return [...this.#sums.values()].map((sum) => ({ ...sum, buckets: sorted(sum.buckets) }));
  }
}

/** Sums as observations, by the key that `named` makes of each one's own. */
export function observationsOf(sums: RowSums<Key>, named: (key: Key) => Key): readonly Observation[] {
  return mergeObservations(sums.all().map(({ key, ...sum }) => ({ ...named(key), ...sum, active: 0 })));
}
