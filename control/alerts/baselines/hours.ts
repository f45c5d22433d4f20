/** Hours as baselines number them: those of UTC since the epoch, which no clock is put forward or back in. */
export const HOUR_MS = 3_600_000;
export const DAY_HOURS = 24;
export const WEEK_HOURS = 7 * DAY_HOURS;

/** The number of the hour that an instant (milliseconds since the epoch) lies in. */
export function hourOf(atMs: number): number {
  return Math.floor(atMs / HOUR_MS);
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** "Monday", the day that an hour is of. */
export function dayName(hour: number): string {
  return DAYS[new Date(hour * HOUR_MS).getUTCDay()]!;
}

/** "10:00" */
export function timeName(hour: number): string {
  return new Date(hour * HOUR_MS).toISOString().slice(11, 16);
}
