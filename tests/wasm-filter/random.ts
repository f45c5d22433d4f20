/**
 * Seeded values for tests, so that a failure can be had again.
 */

/** A generator (mulberry32) of whole numbers from 0 to below its argument. */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** A name without digits, so that it is no id. */
export function word(n: number): string {
  return [...String(n)].map((digit) => "abcdefghij"[+digit]).join("");
}
