/**
 * Where what is unusual begins: past so many times what is usual, and outside of what hours differ by anyway. By Iglewicz and Hoaglin
 * ("How to Detect and Handle Outliers", 1993) a value is one where it lies more than 3.5 deviations from the median, by the MAD.
 */
import type { Usual } from "./usual.ts";

const DEVIATIONS = 3.5;
/** Hours that happen to be all the same are taken to differ by this much of their value: few samples tell little of it. */
const LEAST_SPREAD = 0.1;
/** Slower by less than this is of no interest, milliseconds; nor is one more failure in a hundred. */
const LEAST_MS = 10;
export const LEAST_SHARE = 0.01;

/** Milliseconds. */
export function latencyLimit({ value, spread }: Usual, factor: number): number {
  const noise = Math.max(spread, LEAST_SPREAD * value);
  return Math.max(factor * value, value + DEVIATIONS * noise, value + LEAST_MS);
}

/** A share. @param requests of the window: of few, some more fail by chance */
export function errorsLimit({ value, spread }: Usual, factor: number, requests: number): number {
  const noise = Math.hypot(spread, byChance(value, requests));
  return Math.max(factor * value, value + DEVIATIONS * noise, value + LEAST_SHARE);
}

/**
 * The share of a window's requests that may take longer than the limit: half as many again as usually take longer than what is usual, or
 * more where so few requests do by chance.
 * @param usually the share that is usually slower than what is usual
 */
export function slowShareLimit(usually: number, requests: number): number {
  return usually + Math.max(usually / 2, DEVIATIONS * byChance(usually, requests));
}

/** Requests a second. `below` is 0 where hours differ too much for a rate to be too low. */
export function throughputLimits(
  { value, spread }: Usual,
  factor: number,
  windowMs: number,
): { readonly above: number; readonly below: number } {
  const seconds = windowMs / 1_000;
  const noise = Math.hypot(Math.max(spread, LEAST_SPREAD * value), Math.sqrt(value * seconds) / seconds);
  return {
    above: Math.max(factor * value, value + DEVIATIONS * noise),
    below: Math.max(0, Math.min(value / factor, value - DEVIATIONS * noise)),
  };
}

/** The standard deviation of a share, of so many. */
function byChance(share: number, requests: number): number {
  return Math.sqrt((share * (1 - share)) / requests);
}
