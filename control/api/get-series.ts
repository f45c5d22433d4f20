/** GetSeries: the question out of its message, and the answer in the words of stats.proto. */
import * as proto from "#proto/stats.ts";
import {
  DEFAULT_PERCENTILES,
  DEFAULT_TOP,
  MAX_PERCENTILES,
  MAX_POINTS,
  MAX_SLOWER_MS,
  MAX_TOP,
} from "../store/questions.ts";
import type { Measure, Series, SeriesPoint, TimeRange } from "../store/store.ts";
import { SERIES } from "../world/counted.ts";
import type { Grouping } from "../world/counted.ts";
import { FilterError } from "../world/filters.ts";
import type { HistoryReader } from "./history-reader.ts";
import { DEFAULT_SPAN_MS, MAX_TIME_MS } from "./queries.ts";
import { MAX_GROUPINGS, checkGroupings, seriesOf, stepFor } from "./series-answers.ts";
import type { SeriesTold, SeriesWish } from "./series-answers.ts";
import { attributeOf, filtersOf, wrong } from "./topology-requests.ts";

const measures = new Map<proto.Measure, Measure>([
  [proto.Measure.MEASURE_UNSPECIFIED, "requests"],
  [proto.Measure.MEASURE_REQUESTS, "requests"],
  [proto.Measure.MEASURE_ERRORS, "errors"],
  [proto.Measure.MEASURE_ERROR_SHARE, "errorShare"],
  [proto.Measure.MEASURE_LATENCY, "latency"],
  [proto.Measure.MEASURE_BYTES, "bytes"],
]);

/** Answers GetSeries out of the store. `signal` is aborted when the caller is gone. */
export function getSeries(
  history: HistoryReader,
): (request: proto.GetSeriesRequest, signal: AbortSignal) => Promise<proto.GetSeriesResponse> {
  return async (request, signal) => toSeriesResponse(await seriesOf(history, seriesWish(request, Date.now()), signal));
}

/** @throws HttpError 400 that names the field at fault */
export function seriesWish(request: proto.GetSeriesRequest, nowMs: number): SeriesWish {
  const { filters, groupBy, top, rankBy, percentiles } = request;
  const range = rangeOf(request, nowMs);
  const measure = measures.get(rankBy);
  if (!measure) throw wrong("rank_by", `is ${rankBy}, which is not known to this version`);
  if (top > MAX_TOP) throw wrong("top", `is ${top}; ${MAX_TOP} is the limit`);
  return {
    range,
    stepMs: stepOf(request, range),
    selection: {},
    filters: filtersOf(filters, SERIES),
    groupBy: groupingsOf(groupBy),
    top: top === 0 ? DEFAULT_TOP : top,
    rankBy: measure,
    percentiles: percentilesOf(percentiles),
    slowerThanMs: slowerThanOf(request),
  };
}

export function toSeriesResponse(told: SeriesTold): proto.GetSeriesResponse {
  const { fromMs, toMs, stepMs, percentiles, series, groupCount } = told;
  const step = { seconds: Math.floor(stepMs / 1_000), nanos: (stepMs % 1_000) * 1_000_000 };
  return {
    from: new Date(fromMs),
    to: new Date(toMs),
    step,
    percentiles: [...percentiles],
    series: series.map(toSeries),
    groupCount,
  };
}

function toSeries({ labels, isRest, total, points }: Series): proto.Series {
  return { labels: [...labels], isRest, total: toPoint(total), points: points.map(toPoint) };
}

function toPoint({ atMs, outcomes, requestBytes, responseBytes, latencyMs, slow }: SeriesPoint): proto.SeriesPoint {
  const { success, clientError, serverError, notReached, noAnswer } = outcomes;
  return {
    at: new Date(atMs),
    requests: success + clientError + serverError + notReached + noAnswer,
    clientErrors: clientError,
    serverErrors: serverError,
    notReached,
    noAnswer,
    requestBytes,
    responseBytes,
    latencySeconds: latencyMs.map((ms) => ms / 1_000),
    timed: slow?.timed ?? 0,
    slower: slow?.slower ?? 0,
  };
}

function rangeOf({ from, to }: proto.GetSeriesRequest, nowMs: number): TimeRange {
  const begin = instantOf("from", from);
  const toMs = instantOf("to", to) ?? Math.max(nowMs, begin ?? 0);
  const fromMs = begin ?? Math.max(0, toMs - DEFAULT_SPAN_MS);
  if (fromMs >= toMs) throw wrong("from", `must lie before "to"`);
  return { fromMs, toMs };
}

function instantOf(field: string, time: Date | undefined): number | undefined {
  const ms = time?.getTime();
  if (ms !== undefined && !(ms >= 0 && ms <= MAX_TIME_MS)) throw wrong(field, "is no time since the epoch");
  return ms;
}

function stepOf({ step }: proto.GetSeriesRequest, range: TimeRange): number {
  if (!step) return stepFor(range);
  const { seconds, nanos } = step;
  if (nanos !== 0 || !Number.isSafeInteger(seconds * 1_000) || seconds < 1) {
    throw wrong("step", "must be whole seconds from 1, the finest resolution of the store");
  }
  const span = range.toMs - range.fromMs;
  const points = Math.ceil(span / (seconds * 1_000));
  if (points <= MAX_POINTS) return seconds * 1_000;
  const least = Math.ceil(span / MAX_POINTS / 1_000);
  throw wrong("step", `would make ${points} points, and ${MAX_POINTS} is the limit; use ${least} s or more`);
}

function groupingsOf(groupBy: readonly proto.Grouping[]): readonly Grouping[] {
  if (groupBy.length > MAX_GROUPINGS) throw wrong("group_by", `has ${groupBy.length}; ${MAX_GROUPINGS} is the limit`);
  try {
    return checkGroupings(groupBy.map((grouping, index) => attributeOf(grouping, index)));
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause;
    throw wrong(`group_by[${cause.index}].${cause.part}`, cause.message, cause);
  }
}

function percentilesOf(percentiles: readonly number[]): readonly number[] {
  if (percentiles.length === 0) return DEFAULT_PERCENTILES;
  if (percentiles.length > MAX_PERCENTILES) {
    throw wrong("percentiles", `has ${percentiles.length}; ${MAX_PERCENTILES} is the limit`);
  }
  const at = percentiles.findIndex((share) => !(share > 0 && share < 1));
  if (at >= 0) throw wrong(`percentiles[${at}]`, `is ${percentiles[at]}; it must be above 0 and below 1`);
  return percentiles;
}

function slowerThanOf({ slowerThan }: proto.GetSeriesRequest): number | undefined {
  if (!slowerThan) return undefined;
  const ms = slowerThan.seconds * 1_000 + slowerThan.nanos / 1_000_000;
  if (ms > 0 && ms <= MAX_SLOWER_MS) return ms;
  throw wrong("slower_than", "must be above 0 and at most a day");
}
