/** Interleaved rounds: what is compared takes turns, so that what befalls the machine befalls all alike. */

/**
 * Measures each variant once a round. Each round begins with another variant, so that none always follows the same one.
 *
 * @param measure one variant's turn in one round, counted from 0
 * @returns what was measured, by variant, in the order of the rounds
 */
export async function interleaved<V, S>(
  variants: readonly V[],
  rounds: number,
  measure: (variant: V, round: number) => Promise<S>,
): Promise<Map<V, S[]>> {
  const samples = new Map<V, S[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < rounds; round++) {
    for (const variant of rotated(variants, round)) samples.get(variant)?.push(await measure(variant, round));
  }
  return samples;
}

/** The same list from its n-th entry on, around the end. */
export function rotated<V>(list: readonly V[], by: number): V[] {
  const start = list.length > 0 ? by % list.length : 0;
  return [...list.slice(start), ...list.slice(0, start)];
}
