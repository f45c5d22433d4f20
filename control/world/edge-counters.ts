/**
 * What was counted on one edge since control started, as sums that only ever grow.
 *
 * The reporter rule may change its mind about an edge: a server's sidecar is heard at last, falls silent, or brings late what
 * the client's sidecar told long ago. Both count the same requests, so what one has told is not added to what the other tells:
 * within an hour the larger of the two stands. After each hour it is settled and both begin anew, so that two reporters who
 * disagree, or one that came later, do not hold the sums up for ever.
 */
import type { Counts } from "./counter-sums.ts";
import { BOUND_OF, DURATION_BOUNDS } from "./duration-bounds.ts";
import { bucketMiddle } from "./histogram.ts";
import { OUTCOMES, outcomePosition } from "./outcomes.ts";
import { VIEWS } from "./reporter-rule.ts";
import type { Shown, View } from "./reporter-rule.ts";

/**
 * One array holds the sums of a view:
 *
 *     0 .. 4      5               6                7 .. 21               22
 *     outcomes    request bytes   response bytes   timed, by bound       microseconds, summed
 */
const REQUEST_BYTES = OUTCOMES.length;
const RESPONSE_BYTES = REQUEST_BYTES + 1;
const TIMED = RESPONSE_BYTES + 1;
const MICROSECONDS = TIMED + DURATION_BOUNDS.length + 1;
const SIZE = MICROSECONDS + 1;

const SETTLE_AFTER_MS = 3_600_000;

/** What an edge's counters say; bytes of TCP only, durations of anything else only. */
export interface CountedTraffic {
  /** In the order of OUTCOMES. */
  readonly outcomes: Readonly<Float64Array>;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** How many took at most so long, in the order of DURATION_BOUNDS; the last is all that were timed. */
  readonly durations: Readonly<Float64Array>;
  readonly durationSeconds: number;
}

export class EdgeCounters {
  readonly #settled = new Float64Array(SIZE);
  /** Of the hour: what was told of it, and what each view says. */
  readonly #told = new Float64Array(SIZE);
  readonly #views: (Float64Array | undefined)[] = VIEWS.map(() => undefined);
  #settledMs = -Infinity;
  #wasTold = false;

  /** Whether `read` has ever answered: whoever was told of an edge is told of it as long as it is known. */
  get wasTold(): boolean {
    return this.#wasTold;
  }

  add(view: View, counts: Counts): void {
    const sums = (this.#views[view] ??= new Float64Array(SIZE));
    sums[outcomePosition(counts.outcome)]! += counts.count;
    sums[REQUEST_BYTES]! += counts.requestBytes;
    sums[RESPONSE_BYTES]! += counts.responseBytes;
    const { buckets } = counts;
    for (let at = 0; at < buckets.length; at += 2) {
      const index = buckets[at]!;
      const count = buckets[at + 1]!;
      sums[TIMED + BOUND_OF[index]!]! += count;
      sums[MICROSECONDS]! += bucketMiddle(index) * count;
    }
  }

  /** @param shown what the reporter rule shows of the edge by now */
  read(shown: Shown): CountedTraffic {
    this.#tell(shown);
    this.#wasTold = true;
    const sums = this.#settled.slice();
    for (let at = 0; at < SIZE; at++) sums[at]! += this.#told[at]!;
    // In a histogram that is told each bucket holds those below it too.
    for (let at = TIMED + 1; at < MICROSECONDS; at++) sums[at]! += sums[at - 1]!;
    return {
      outcomes: sums.subarray(0, REQUEST_BYTES),
      requestBytes: sums[REQUEST_BYTES]!,
      responseBytes: sums[RESPONSE_BYTES]!,
      durations: sums.subarray(TIMED, MICROSECONDS),
      durationSeconds: sums[MICROSECONDS]! / 1_000_000,
    };
  }

  /** Settles the hour if it is over at `nowMs`. To be called now and then. */
  settle(shown: Shown, nowMs: number): void {
    if (this.#settledMs === -Infinity) this.#settledMs = nowMs;
    if (nowMs - this.#settledMs < SETTLE_AFTER_MS) return;
    this.#settledMs = nowMs;
    this.#tell(shown);
    this.#told.forEach((told, at) => (this.#settled[at]! += told));
    this.#told.fill(0);
    for (const view of this.#views) view?.fill(0);
  }

  #tell(shown: Shown): void {
    const [first, second] = shown.views;
    const some = this.#views[first ?? 0];
    const more = second === undefined ? undefined : this.#views[second];
    const told = this.#told;
    for (let at = 0; at < SIZE; at++) {
      const sum = (some ? some[at]! : 0) + (more ? more[at]! : 0);
      if (sum > told[at]!) told[at] = sum;
    }
  }
}
