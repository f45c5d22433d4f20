/** Medians, quantiles, and how far the luck of a few rounds can move them. */

/** A figure made of several rounds. The middle 90 % of what it could have been lie between `low` and `high`. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What was measured: a list of values a round, of which none stands for itself alone. */
export type Samples = readonly (readonly number[])[];

const RESAMPLES = 2000;
const TAIL = 0.05;

/** The q-quantile (0..1) by rank of unsorted values; NaN of none. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * A statistic over rounds with its 90 % interval by the bootstrap: rounds are drawn anew, with replacement, and the
 * statistic is worked out of each draw (Efron, "Bootstrap methods: another look at the jackknife", 1979). Everything
 * that was measured in one round stays together. The draws are the same in each run.
 *
 * @param statistic works the figure out of round numbers, of which some come several times and some not at all
 */
export function estimate(rounds: number, statistic: (rounds: readonly number[]) => number): Estimate {
  const all = Array.from({ length: rounds }, (_, round) => round);
  const random = generator(rounds);
  const draws = Array.from({ length: RESAMPLES }, () => statistic(all.map(() => Math.floor(random() * rounds))));
  return { value: statistic(all), low: quantile(draws, TAIL), high: quantile(draws, 1 - TAIL) };
}

/** The median of all values. */
export function medianOf(samples: Samples): Estimate {
  return estimate(samples.length, (rounds) => median(pick(samples, rounds)));
}

/** The ratio of two medians; both were measured in the same rounds. */
export function ratioOf(samples: Samples, others: Samples): Estimate {
  return estimate(samples.length, (rounds) => median(pick(samples, rounds)) / median(pick(others, rounds)));
}

/** Value by value, `samples` less `others`. */
export function difference(samples: Samples, others: Samples): Samples {
  return combined(samples, others, (value, other) => value - other);
}

/** Value by value, both together. */
export function sum(samples: Samples, others: Samples): Samples {
  return combined(samples, others, (value, other) => value + other);
}

/** Where there is one other value in a round, it counts for the whole round. */
function combined(samples: Samples, others: Samples, combine: (value: number, other: number) => number): Samples {
  return samples.map((values, round) => {
    const these = others[round] ?? [];
    return values.map((value, i) => combine(value, these[these.length === 1 ? 0 : i] ?? Number.NaN));
  });
}

function pick(samples: Samples, rounds: readonly number[]): number[] {
  return rounds.flatMap((round) => samples[round] ?? []);
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
