/** Rules are evaluated each ten seconds, at times that are whole multiples of it, so the same history gives the same alerts. */
export const SLOT_MS = 10_000;

/** The number of the slot that an instant (milliseconds since the epoch) lies in. */
export function slotOf(atMs: number): number {
  return Math.floor(atMs / SLOT_MS);
}
