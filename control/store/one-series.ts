import type { CounterKey, CounterRow } from "./counter-row.ts";
import type { CheckedSeries } from "./questions.ts";
import { planAll } from "./series-groups.ts";
import { SeriesSums } from "./series-sums.ts";
import { Shown } from "./shown.ts";
import type { Series } from "./store.ts";

/** Rows that may wait until it is known whether they are shown. */
const MAX_WAITING = 10_000;

/**
 * One series of all that is selected, in one reading: what is read mostly says by itself what of it is shown. Rows of which that
 * is not sure yet wait for it.
 */
export class OneSeries<R extends CounterRow> {
  readonly #sums: SeriesSums;
  readonly #bucketsOf: (row: R) => readonly number[];
  readonly #isSelected: (key: CounterKey) => boolean;
  #shown = new Shown();
  #isKnown = false;
  #waiting: R[] = [];
  #last: { readonly key: CounterKey; readonly isCounted: boolean } | undefined;

  /** @param isSelected whether a key that was read is what was asked for */
  constructor(
    question: CheckedSeries,
    bucketsOf: (row: R) => readonly number[],
    isSelected: (key: CounterKey) => boolean = () => true,
  ) {
    this.#sums = new SeriesSums(planAll(question, [[]]).series[0]!, question);
    this.#bucketsOf = bucketsOf;
    this.#isSelected = isSelected;
  }

  take(rows: readonly R[]): void {
    for (const { key } of rows) this.#shown.note(key);
    for (const row of rows) {
      if (this.#isKnown || this.#shown.isSettled(row.key)) this.#add(row);
      else this.#waiting.push(row);
    }
  }

  /** Too many wait: `know` is to be called before more is taken. */
  get isCrowded(): boolean {
    return this.#waiting.length > MAX_WAITING;
  }

  /** Keys of which it is not sure whether they are shown, some more than once; what is said of their nodes is to be told by `know`. */
  get open(): CounterKey[] {
    return this.#waiting.flatMap(({ key }) => (this.#shown.isSettled(key) ? [] : [key]));
  }

  /** Says all that was reported of the nodes of what is selected. */
  know(shown: Shown): void {
    this.#shown = shown;
    this.#isKnown = true;
    for (const row of this.#waiting) this.#add(row);
    this.#waiting = [];
  }

  /** The series, once nothing is open any more. */
  series(): Series {
    this.know(this.#shown);
    return this.#sums.series();
  }

  #add(row: R): void {
    // Rows of one key mostly come together.
    if (this.#last?.key !== row.key) {
      this.#last = { key: row.key, isCounted: this.#isSelected(row.key) && this.#shown.has(row.key) };
    }
    if (this.#last.isCounted) this.#sums.add(row, this.#bucketsOf);
  }
}
