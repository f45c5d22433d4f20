/** The three charts of RED as data: which lines, how they look and what they say. Pure; drawing is in red-plots.ts. */
import type { Series } from "../data/api.ts";
import { formatLatency, formatRate, formatShare, NO_FIGURE } from "../model/format.ts";
import { errorShareRow, latencyRows, rateRows, type Row } from "./rows.ts";

export type PlotKind = "rate" | "errors" | "latency";

/** A figure for each line of a chart; no value where it is not known. */
export type Reading = readonly { readonly name: string; readonly value: string; readonly style: string }[];

/** Figures of the window that health is judged by. Latencies are left out where they cannot be merged. */
export interface WindowFigures {
  readonly requests: number;
  readonly rate: number;
  readonly errorShare: number;
  readonly p50Ms?: number | null;
  readonly p95Ms?: number | null;
  readonly p99Ms?: number | null;
}

export interface PlotSpec {
  /** Axis and tooltip text of a value. */
  readonly format: (value: number | null) => string;
  readonly lines: readonly {
    readonly name: string;
    readonly stroke: string;
    readonly fill?: string;
    readonly dash?: number[];
    readonly width?: number;
    /** Whether level zeros are left out. */
    readonly noBaseline?: boolean;
  }[];
  /** One row per line, over the series' points. */
  readonly rows: (series: Series) => Row[];
  /** One value per line for the window; undefined where it is not known. */
  readonly now: (figures: WindowFigures) => readonly (number | null | undefined)[];
  readonly least: number;
}

const rate = (value: number | null): string => (value === null ? NO_FIGURE : formatRate(value));
const share = (value: number | null): string => (value === null ? NO_FIGURE : formatShare(value));

export const PLOTS: Readonly<Record<PlotKind, PlotSpec>> = {
  rate: {
    format: rate,
    lines: [
      { name: "all", stroke: "--series-rate", fill: "--series-rate", width: 1.25 },
      { name: "errors", stroke: "--bad-fill", fill: "--bad-fill", width: 1.25, noBaseline: true },
    ],
    rows: rateRows,
    now: ({ rate, errorShare }) => [rate, rate * errorShare],
    least: 1,
  },
  errors: {
    format: share,
    lines: [{ name: "errors", stroke: "--bad-fill", fill: "--bad-fill", noBaseline: true }],
    rows: (series) => [errorShareRow(series)],
    now: ({ requests, errorShare }) => [requests === 0 ? null : errorShare],
    least: 0.02,
  },
  latency: {
    format: formatLatency,
    lines: [
      { name: "p50", stroke: "--series-p50", width: 1.25, dash: [2, 3] },
      { name: "p95", stroke: "--series-p95", width: 1.25, dash: [6, 3] },
      { name: "p99", stroke: "--series-p99", width: 1.5 },
    ],
    rows: latencyRows,
    now: ({ p50Ms, p95Ms, p99Ms }) => [p50Ms, p95Ms, p99Ms],
    least: 1,
  },
};

/** Values in words, line by line. */
export function readingOf({ lines, format }: PlotSpec, values: readonly (number | null | undefined)[]): Reading {
  return lines.map(({ name, stroke }, line) => {
    const value = values[line];
    return { name, style: stroke, value: value === undefined ? "" : format(value) };
  });
}
