/** Series over time, by group: what both APIs answer, whichever words they use. */
import { RESOLUTIONS } from "../store/resolutions.ts";
import type { Measure, Selection, SeriesAnswer, SeriesQuestion, TimeRange } from "../store/store.ts";
import { SERIES, factsOfCounted, labelsBy } from "../world/counted.ts";
import type { Grouping } from "../world/counted.ts";
import { checkAttribute } from "../world/filters.ts";
import type { Filters } from "../world/filters.ts";
import type { HistoryReader } from "./history-reader.ts";

/** What series are told apart by at most. */
export const MAX_GROUPINGS = 4;
/** Points where no step is given: about so many. */
const DEFAULT_POINTS = 180;
/** So much longer than that a step may become, to be of whole slots of a coarser resolution. */
const LONGER = 1.5;
/** Finest resolution of the store. */
export const MIN_STEP_MS = 1_000;

export interface SeriesWish {
  readonly range: TimeRange;
  readonly stepMs: number;
  /** Ids, protocol, method and route as they are. */
  readonly selection: Selection;
  /** Of SERIES. */
  readonly filters: Filters;
  readonly groupBy: readonly Grouping[];
  readonly top: number;
  readonly rankBy: Measure;
  readonly percentiles: readonly number[];
  /** Undefined where it is not asked how much was slow. */
  readonly slowerThanMs: number | undefined;
}

/** The answer of `GET /api/v1/series`. */
export interface SeriesTold extends TimeRange, SeriesAnswer {
  readonly stepMs: number;
  readonly percentiles: readonly number[];
}

/** @param signal aborted when the asker is gone */
export async function seriesOf(history: HistoryReader, wish: SeriesWish, signal: AbortSignal): Promise<SeriesTold> {
  const question = questionOf(wish);
  const answer = await history.read(signal, (store, givenUp) => store.series(question, givenUp));
  return { ...wish.range, stepMs: wish.stepMs, percentiles: wish.percentiles, ...answer };
}

/** The step where none is given: of whole slots of a resolution, which are read at once. */
export function stepFor({ fromMs, toMs }: TimeRange): number {
  const leastMs = (toMs - fromMs) / DEFAULT_POINTS;
  const slotMs = RESOLUTIONS.findLast((one) => one.slotMs <= leastMs * LONGER)?.slotMs ?? MIN_STEP_MS;
  return Math.ceil(leastMs / slotMs) * slotMs;
}

/** Where the first step begins: on a slot of the coarsest resolution that steps can be made of, whatever `from` is. */
function firstStepMs({ fromMs }: TimeRange, stepMs: number): number {
  const slotMs = RESOLUTIONS.findLast((one) => stepMs % one.slotMs === 0)?.slotMs ?? 1;
  return Math.floor(fromMs / slotMs) * slotMs;
}

/** @throws FilterError where series cannot be told apart by one of these */
export function checkGroupings(groupings: readonly Grouping[]): readonly Grouping[] {
  for (const [index, grouping] of groupings.entries()) checkAttribute(grouping, index, SERIES);
  return groupings;
}

function questionOf({ filters, groupBy, selection: given, slowerThanMs, ...asked }: SeriesWish): SeriesQuestion {
  const { selection, left } = selected(filters, given);
  const protocolAt = groupBy.findIndex(({ attribute }) => attribute === "protocol");
  return {
    ...asked,
    firstMs: firstStepMs(asked.range, asked.stepMs),
    selection,
    ...(slowerThanMs !== undefined && { slowerThanMs }),
    ...(!left.isEmpty && { matches: (counted) => left.match(factsOfCounted(counted)) }),
    ...(groupBy.length > 0 && { labelsOf: labelsBy(groupBy), isOfTcp: (labels) => labels[protocolAt] === "tcp" }),
  };
}

/** What the engine can pick by itself, which is quicker than to look at each thing that is counted. */
function selected(filters: Filters, given: Selection): { readonly selection: Selection; readonly left: Filters } {
  const selection: Record<string, string | undefined> = { ...given };
  const left = filters.only(({ attribute, operator, value }) => {
    const isOfEndpoint = attribute === "protocol" || attribute === "method" || attribute === "route";
    if (!isOfEndpoint || operator !== "=" || value === "" || selection[attribute]) return true;
    selection[attribute] = value;
    return false;
  });
  return { selection, left };
}
