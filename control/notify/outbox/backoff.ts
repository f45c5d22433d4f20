const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
/** A receiver that asks for more is asked again after this. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * How long to wait after a failure: twice as long each time, from a second to five minutes, of which a random half is left out, so
 * that what failed together does not come back together.
 * @param tries failed ones, at least 1
 * @param random from 0 up to 1
 */
export function backoffMs(tries: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 20));
  return Math.round(whole * (0.5 + random / 2));
}
