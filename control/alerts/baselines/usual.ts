/**
 * What is usual at an hour: the median of the same hour of other weeks, and how far they lie apart. Where too few weeks are known it
 * is that hour of other days, then all hours of the last days, and it says which.
 *
 * The median and the median distance from it (MAD) heed no minority: of five Mondays two may have been an outage, and what is usual
 * is what the other three were.
 */
import { DAY_HOURS, WEEK_HOURS } from "./hours.ts";

/** Weeks that are looked back on. */
const WEEKS = 5;
/** Hours that are looked back on. */
export const LOOK_BACK_HOURS = WEEKS * WEEK_HOURS;
/** The hour before is left out: it is read from history once it is complete, and all must have the same of it. */
const LATEST = 2;
/** Of a normal distribution the standard deviation is so many times the MAD. */
const DEVIATION_OF_MAD = 1.4826;

/** What it was learned from, from the surest: the same hour of weeks, the same hour of days, any hour. */
export type Basis = "weeks" | "days" | "hours";

export interface Usual {
  /** In the unit of what is learned. */
  readonly value: number;
  /** How far hours lie from it, as a standard deviation. */
  readonly spread: number;
  readonly basis: Basis;
  /** From how many hours. */
  readonly samples: number;
}

/** Tried in this order; each needs so many samples at least. */
const BASES: readonly {
  readonly basis: Basis;
  readonly every: number;
  readonly back: number;
  readonly least: number;
}[] = [
  { basis: "weeks", every: WEEK_HOURS, back: LOOK_BACK_HOURS, least: 3 },
  { basis: "days", every: DAY_HOURS, back: 2 * WEEK_HOURS, least: 3 },
  { basis: "hours", every: 1, back: WEEK_HOURS, least: DAY_HOURS },
];

/** Hours of which something must be known before anything is usual. */
export const LEAST_HOURS = DAY_HOURS;

/**
 * Undefined while too little is known.
 * @param at what an hour was; NaN where that is not known
 */
export function usualAt(hour: number, at: (hour: number) => number): Usual | undefined {
  for (const { basis, every, back, least } of BASES) {
    const values: number[] = [];
    for (let ago = Math.max(every, LATEST); ago <= back; ago += every) {
      const value = at(hour - ago);
      if (!Number.isNaN(value)) values.push(value);
    }
    if (values.length < least) continue;
    const value = median(values);
    const spread = DEVIATION_OF_MAD * median(values.map((each) => Math.abs(each - value)));
    return { value, spread, basis, samples: values.length };
  }
  return undefined;
}

/** The middle one, or the mean of the two in the middle. Never of none. */
function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const upper = sorted[sorted.length >> 1]!;
  return sorted.length % 2 === 1 ? upper : (sorted[(sorted.length >> 1) - 1]! + upper) / 2;
}
