import { Measure } from "../../client/index.ts";
import type { GetSeriesResponse, Series, SeriesPoint } from "../../client/index.ts";
import type { Cell, Column } from "./table.ts";
import { formatBytesRate, formatCount, formatDuration, formatRate, formatShare, unknown } from "./units.ts";
import { spanText, tablePage, timeText, type View } from "./view.ts";

/** Characters of the course of a series. */
const COURSE_WIDTH = 40;
const LEVELS = "▁▂▃▄▅▆▇█";

/** What a point says of a measure; undefined where it says nothing. */
type Reading = (point: SeriesPoint) => number | undefined;

const errorsOf = ({ serverErrors, notReached }: SeriesPoint): number => serverErrors + notReached;

const READINGS: Readonly<Partial<Record<Measure, Reading>>> = {
  [Measure.MEASURE_ERRORS]: errorsOf,
  [Measure.MEASURE_ERROR_SHARE]: (point) => (point.requests > 0 ? errorsOf(point) / point.requests : undefined),
  [Measure.MEASURE_LATENCY]: ({ latencySeconds }) =>
    latencySeconds.length > 0 ? Math.max(...latencySeconds) : undefined,
  [Measure.MEASURE_BYTES]: ({ requestBytes, responseBytes }) => requestBytes + responseBytes,
};

/** A line a series: its sums over the range, and the course of the measure that they are ranked by. */
export function seriesView(rankBy: Measure): View<GetSeriesResponse> {
  return {
    lines(answer, page) {
      const { from = new Date(0), to = new Date(0), step, series, groupCount } = answer;
      const seconds = (to.getTime() - from.getTime()) / 1_000;
      const parts = [
        `${timeText(from, new Date())} to ${timeText(to, from)}`,
        `a point each ${spanText(step?.seconds ?? 1)}`,
        groupCount > series.length ? `${formatCount(groupCount)} groups` : "",
      ];
      const empty = "Nothing was counted in that time, or nothing of it matches the filters.";
      const rows = series.filter(({ total }) => total !== undefined && isSomething(total));
      return tablePage(
        {
          headline: parts.filter((part) => part !== "").join("  "),
          columns: columnsFor(answer, seconds, READINGS[rankBy] ?? (({ requests }) => requests)),
          rows,
          empty,
        },
        page,
      );
    },
    json: ({ from, to, step, percentiles, series, groupCount }) => ({
      from: from?.toISOString() ?? null,
      to: to?.toISOString() ?? null,
      stepSeconds: step?.seconds ?? null,
      percentiles,
      groupCount,
      series: series.map(({ labels, isRest, total, points }) => ({
        labels,
        isRest,
        total: total ? pointJson(total) : null,
        points: points.map(pointJson),
      })),
    }),
  };
}

function columnsFor({ series, percentiles }: GetSeriesResponse, seconds: number, reading: Reading): Column<Series>[] {
  const figure = (title: string, optional: number, cell: (total: SeriesPoint) => Cell): Column<Series> => {
    return { title, align: "right", optional, cell: ({ total }) => (total ? cell(total) : { text: unknown }) };
  };
  const hasBytes = series.some(({ total }) => total && total.requestBytes + total.responseBytes > 0);
  const bytes = figure("BYTES", 3, ({ requestBytes, responseBytes }) => ({
    text: formatBytesRate((requestBytes + responseBytes) / seconds),
  }));
  return [
    { title: "GROUP", align: "left", optional: 0, shrinks: true, cell: (row) => ({ text: groupText(row) }) },
    figure("REQUESTS", 4, ({ requests }) => ({ text: formatCount(requests) })),
    figure("RATE", 0, ({ requests }) => ({ text: formatRate(requests / seconds) })),
    figure("ERRORS", 0, errorCell),
    ...percentiles.map((share, at) =>
      figure(
        `P${Number((share * 100).toPrecision(12))}`,
        at === percentiles.length - 1 ? 1 : 2,
        ({ latencySeconds }) => ({
          text: formatDuration(latencySeconds[at]),
        }),
      ),
    ),
    ...(hasBytes ? [bytes] : []),
    { title: "COURSE", align: "left", optional: 1, cell: ({ points }) => ({ text: courseOf(points.map(reading)) }) },
  ];
}

function groupText({ labels, isRest }: Series): string {
  if (isRest) return "the rest";
  return labels.length === 0 ? "all" : labels.map((label) => label || unknown).join("  ");
}

function errorCell(total: SeriesPoint): Cell {
  if (total.requests === 0) return { text: unknown };
  const share = errorsOf(total) / total.requests;
  return { text: formatShare(share), colour: share > 0 ? "yellow" : "none" };
}

function isSomething({ requests, requestBytes, responseBytes }: SeriesPoint): boolean {
  return requests > 0 || requestBytes + responseBytes > 0;
}

/** A line of bars from 0 to the highest, several points in one where there are many: the highest of them. */
export function courseOf(values: readonly (number | undefined)[]): string {
  const width = Math.min(COURSE_WIDTH, values.length);
  const bars = Array.from({ length: width }, (_, at) => {
    const part = values.slice(Math.floor((at * values.length) / width), Math.floor(((at + 1) * values.length) / width));
    const known = part.filter((value) => value !== undefined);
    return known.length > 0 ? Math.max(...known) : undefined;
  });
  const highest = Math.max(0, ...bars.filter((bar) => bar !== undefined));
  return bars
    .map((bar) => {
      if (bar === undefined || bar === 0) return " ";
      return LEVELS[Math.ceil((bar / highest) * LEVELS.length) - 1];
    })
    .join("");
}

function pointJson({ at, latencySeconds, ...counts }: SeriesPoint): Record<string, unknown> {
  return {
    at: at?.toISOString() ?? null,
    ...counts,
    latencySeconds: latencySeconds.length > 0 ? latencySeconds : null,
  };
}
