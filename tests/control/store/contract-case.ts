import type { ReportedWindow } from "../../../control/identity/observation.ts";
import type { Selection, SeriesPoint, Store, TimeRange } from "../../../control/store/store.ts";
import { START_MS } from "../world/fixtures.ts";

/** One case: what must be true of a store that begins empty. `reopen` closes it and opens the same history again. */
export type Contract = (name: string, work: (store: Store, reopen: () => Promise<Store>) => Promise<void>) => void;

export const SECOND = 1_000;
export const HOUR = 3_600_000;
export const MINUTE_OF_TEST: TimeRange = { fromMs: START_MS, toMs: START_MS + 60 * SECOND };

export function requests(point: SeriesPoint): number {
  return sum(Object.values(point.outcomes));
}

/** The points of the one series of a selection. */
export async function pointsOf(
  store: Store,
  selection: Selection,
  range: TimeRange,
  stepMs: number,
): Promise<readonly SeriesPoint[]> {
  const { series, groupCount } = await store.series({ selection, range, stepMs });
  if (series.length !== 1 || groupCount !== 1) throw new Error(`Asked for one series, got ${series.length}`);
  return series[0]!.points;
}

export async function total(store: Store, range: TimeRange = MINUTE_OF_TEST): Promise<number> {
  return sum((await store.totals(range)).flatMap(({ outcomes }) => Object.values(outcomes)));
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export function shifted(window: ReportedWindow, byMs: number): ReportedWindow {
  return { ...window, startMs: window.startMs + byMs };
}

export function byId<T extends { readonly id: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
