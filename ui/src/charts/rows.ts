/** What the charts draw of a series, a row of values for each line; null is a gap. Pure. */
import type { Series } from "../data/api.ts";

type Point = Series["points"][number];
export type Row = (number | null)[];

export function requestsOf({ outcomes }: Point): number {
  return outcomes.success + outcomes.clientError + outcomes.serverError + outcomes.notReached + outcomes.noAnswer;
}

/** Errors as health counts them. */
export function errorsOf({ outcomes }: Point): number {
  return outcomes.serverError + outcomes.notReached + outcomes.noAnswer;
}

/** All requests, and errors, a second. */
export function rateRows(series: Series): [Row, Row] {
  return [perSecond(series, requestsOf), perSecond(series, errorsOf)];
}

/** The share of errors of each step; a step without requests has none. */
export function errorShareRow({ points }: Series): Row {
  return points.map((point) => (requestsOf(point) === 0 ? null : errorsOf(point) / requestsOf(point)));
}

/** Connections opened, and those that were not reached, a second. */
export function openedRows(series: Series): [Row, Row] {
  return [perSecond(series, requestsOf), perSecond(series, ({ outcomes }) => outcomes.notReached)];
}

/** Bytes to the server and from it, a second. */
export function bytesRows(series: Series): [Row, Row] {
  return [
    perSecond(series, ({ requestBytes }) => requestBytes),
    perSecond(series, ({ responseBytes }) => responseBytes),
  ];
}

/** p50, p95 and p99 in milliseconds; gaps where nothing was timed. */
export function latencyRows({ points }: Series): [Row, Row, Row] {
  const row = (percentile: number): Row => points.map(({ latencyMs }) => latencyMs[percentile] ?? null);
  return [row(0), row(1), row(2)];
}

/** Whether the range holds any request, or byte of a connection, at all. */
export function isSilent({ points }: Series): boolean {
  return firstHeard(points) === points.length;
}

/** Values without a neighbour, which no line would show: they are drawn as points. */
export function lonely(row: ArrayLike<number | null | undefined>): number[] {
  const has = (at: number): boolean => row[at] !== null && row[at] !== undefined;
  return Array.from(row, (_, at) => at).filter((at) => has(at) && !has(at - 1) && !has(at + 1));
}

/** A level stretch of zeros is a gap, but for its ends: a red line along the ground would cry wolf. */
export function withoutBaseline(row: Row): Row {
  const isUp = (at: number): boolean => (row[at] ?? 0) > 0;
  return row.map((value, at) => (value === 0 && !isUp(at - 1) && !isUp(at + 1) ? null : value));
}

/**
 * Something that is counted, a second. Before the first request of the range nobody knows whether there was silence or
 * nobody who counted, so nothing is drawn; a silence after it is a true zero.
 */
function perSecond({ points, stepMs }: Series, count: (point: Point) => number): Row {
  const first = firstHeard(points);
  return points.map((point, at) => (at < first ? null : count(point) / (stepMs / 1000)));
}

function firstHeard(points: readonly Point[]): number {
  const first = points.findIndex((point) => requestsOf(point) + point.requestBytes + point.responseBytes > 0);
  return first < 0 ? points.length : first;
}
