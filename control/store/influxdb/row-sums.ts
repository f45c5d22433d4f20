import { mergeObservations } from "../../identity/merge-observations.ts";
import type { Observation } from "../../identity/observation.ts";
import type { TimeRange } from "../store.ts";
import { unpack } from "./packed.ts";
import { keyText } from "./rows.ts";
import type { CounterRow, Key } from "./rows.ts";
import { Cut, NEAREST, phaseOf } from "./shares.ts";

interface Sum {
  readonly key: Key;
  count: number;
  requestBytes: number;
  responseBytes: number;
  readonly buckets: Map<number, number>;
}

/** Counters of a stretch of time, added up by what they count. */
export class RowSums {
  readonly #sums = new Map<string, Sum>();

  /** Adds what of a row falls into the stretch. */
  add(row: CounterRow, stretch: TimeRange): void {
    const text = keyText(row.key);
    let sum = this.#sums.get(text);
    if (!sum) {
      sum = { key: row.key, count: 0, requestBytes: 0, responseBytes: 0, buckets: new Map() };
      this.#sums.set(text, sum);
    }
    const cut = new Cut(row, stretch);
    sum.count += cut.share(row.count, NEAREST);
    sum.requestBytes += cut.share(row.requestBytes, NEAREST);
    sum.responseBytes += cut.share(row.responseBytes, NEAREST);
    addShares(sum.buckets, unpack(row.buckets), cut);
  }

  /** One observation for each thing that was counted, by the key that `named` makes of its own. */
  observations(named: (key: Key) => Key = (key) => key): Observation[] {
    const observations = [...this.#sums.values()].map(({ key, count, requestBytes, responseBytes, buckets }) => {
      return { ...named(key), count, buckets: sorted(buckets), requestBytes, responseBytes, active: 0 };
    });
    return mergeObservations(observations);
  }
}

/** Adds a cut of a histogram to sums by bucket. */
export function addShares(sums: Map<number, number>, buckets: readonly number[], cut: Cut): void {
  for (let at = 0; at < buckets.length; at += 2) {
    const index = buckets[at]!;
    const share = cut.share(buckets[at + 1]!, phaseOf(index));
    if (share > 0) sums.set(index, (sums.get(index) ?? 0) + share);
  }
}

/** Sums by bucket as a histogram. */
export function sorted(sums: ReadonlyMap<number, number>): number[] {
  return [...sums].sort(([a], [b]) => a - b).flat();
}
