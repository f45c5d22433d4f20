/** The question for series, out of the parameters of the HTTP API. */
import { z } from "zod";
import {
  DEFAULT_PERCENTILES,
  DEFAULT_TOP,
  MAX_PERCENTILES,
  MAX_POINTS,
  MAX_SLOWER_MS,
  MAX_TOP,
} from "../store/questions.ts";
import { MEASURES } from "../store/store.ts";
import type { TimeRange } from "../store/store.ts";
import { SERIES } from "../world/counted.ts";
import type { Grouping } from "../world/counted.ts";
import { FilterError } from "../world/filters.ts";
import { parseAttribute } from "../world/filter-text.ts";
import { parseFilters } from "./filter-query.ts";
import { invalid, parseQuery, rangeFields, selectionFields, toRange, withoutUndefined } from "./queries.ts";
import type { RawQuery } from "./queries.ts";
import { MAX_GROUPINGS, MIN_STEP_MS, checkGroupings, stepFor } from "./series-answers.ts";
import type { SeriesWish } from "./series-answers.ts";

const step = z
  .string()
  .regex(/^\d{1,12}$/, "must be whole milliseconds, like 10000")
  .transform(Number)
  .refine((value) => value >= MIN_STEP_MS, `must be ${MIN_STEP_MS} or more, the finest resolution of the store`);
const top = z
  .string()
  .regex(/^\d{1,9}$/, "must be a whole number")
  .transform(Number)
  .refine((value) => value >= 1 && value <= MAX_TOP, `must be from 1 to ${MAX_TOP}`);
const rankBy = z.enum(MEASURES, `must be ${MEASURES.slice(0, -1).join(", ")} or ${MEASURES.at(-1)}`);
const slowerThan = z
  .string()
  .regex(/^\d{1,8}(\.\d{1,3})?$/, "must be milliseconds, like 300 or 0.5")
  .transform(Number)
  .refine((ms) => ms > 0 && ms <= MAX_SLOWER_MS, `must be above 0 and at most ${MAX_SLOWER_MS}, a day`);
const several = z.string().optional();
const seriesQuery = z.strictObject({
  ...selectionFields,
  ...rangeFields,
  step: step.optional(),
  filter: several,
  groupBy: several,
  top: top.optional(),
  rankBy: rankBy.optional(),
  percentile: several,
  slowerThan: slowerThan.optional(),
});

/** @throws HttpError 400 that names the parameter at fault */
export function parseSeriesQuery(raw: RawQuery, nowMs: number): SeriesWish {
  const { filter = [], groupBy = [], percentile = [], ...once } = raw;
  const {
    from,
    to,
    step: givenStep,
    top: asked,
    rankBy: measure,
    slowerThan: slowerThanMs,
    ...selection
  } = parseQuery(seriesQuery, once);
  const range = toRange(from, to, nowMs);
  return {
    range,
    stepMs: checkStep(range, givenStep ?? stepFor(range)),
    selection: withoutUndefined(selection),
    filters: parseFilters(filter, SERIES),
    groupBy: parseGroupings(groupBy.filter((text) => text !== "")),
    top: asked ?? DEFAULT_TOP,
    rankBy: measure ?? "requests",
    percentiles: parsePercentiles(percentile.filter((text) => text !== "")),
    slowerThanMs,
  };
}

function checkStep({ fromMs, toMs }: TimeRange, stepMs: number): number {
  const points = Math.ceil((toMs - fromMs) / stepMs);
  if (points <= MAX_POINTS) return stepMs;
  const least = Math.ceil((toMs - fromMs) / MAX_POINTS);
  throw invalid("step", `would make ${points} points, and ${MAX_POINTS} is the limit; use ${least} or more`);
}

function parseGroupings(texts: readonly string[]): readonly Grouping[] {
  if (texts.length > MAX_GROUPINGS) {
    throw invalid("groupBy", `was given ${texts.length} times; ${MAX_GROUPINGS} is the limit`);
  }
  try {
    return checkGroupings(texts.map((text, index) => parseAttribute(text, index)));
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause;
    throw invalid("groupBy", `"${texts[cause.index ?? 0]?.slice(0, 128)}": ${cause.message}`);
  }
}

function parsePercentiles(texts: readonly string[]): readonly number[] {
  if (texts.length === 0) return DEFAULT_PERCENTILES;
  if (texts.length > MAX_PERCENTILES) {
    throw invalid("percentile", `was given ${texts.length} times; ${MAX_PERCENTILES} is the limit`);
  }
  return texts.map((text) => {
    const share = /^\d?\.\d{1,9}$/.test(text) ? Number(text) : 0;
    if (share > 0 && share < 1) return share;
    throw invalid("percentile", "must be a share above 0 and below 1, like 0.99");
  });
}
