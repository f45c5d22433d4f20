/** The charts of RED, and those of connections, as data: which lines, how they look and what they say. Pure; drawing is in red-plots.ts. */
import type { Series } from "../data/api.ts";
import { formatBytesRate, formatLatency, formatRate, formatShare, NO_FIGURE } from "../model/format.ts";
import { bytesRows, errorShareRow, isSilent, latencyRows, openedRows, rateRows, type Row } from "./rows.ts";

export type PlotKind = "rate" | "errors" | "latency" | "bytes" | "opened" | "lifetime";

/** A figure for each line of a chart; no value where it is not known. */
export type Reading = readonly { readonly name: string; readonly value: string; readonly style: string }[];

/**
 * Figures of the window that health is judged by. Latencies are left out where they cannot be merged; of connections they
 * are how long those lived that closed.
 */
export interface WindowFigures {
  readonly requests: number;
  readonly rate: number;
  readonly errorShare: number;
  readonly p50Ms?: number | null;
  readonly p95Ms?: number | null;
  readonly p99Ms?: number | null;
  readonly requestBytesRate?: number;
  readonly responseBytesRate?: number;
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
  /** Steps that the axis may go by, where tens are not what people count in. */
  readonly steps?: number[];
  /** Why nothing is drawn, where nothing is; empty where that says itself. */
  readonly none: (series: Series) => string;
}

const rate = (value: number | null): string => (value === null ? NO_FIGURE : formatRate(value));
const bytes = (value: number | null): string => (value === null ? NO_FIGURE : formatBytesRate(value));
const share = (value: number | null): string => (value === null ? NO_FIGURE : formatShare(value));

const DURATION: Omit<PlotSpec, "none"> = {
  format: formatLatency,
  lines: [
    { name: "p50", stroke: "--series-p50", width: 1.25, dash: [2, 3] },
    { name: "p95", stroke: "--series-p95", width: 1.25, dash: [6, 3] },
    { name: "p99", stroke: "--series-p99", width: 1.5 },
  ],
  rows: latencyRows,
  now: ({ p50Ms, p95Ms, p99Ms }) => [p50Ms, p95Ms, p99Ms],
  least: 1,
};

/** Milliseconds: tens below ten seconds, then as on clocks and calendars. */
const LIFETIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 3, 6, 12, 24, 48, 120, 240, 480].map((hours) => hours * 3_600_000),
];

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
    none: () => "No request in this range",
  },
  errors: {
    format: share,
    lines: [{ name: "errors", stroke: "--bad-fill", fill: "--bad-fill", noBaseline: true }],
    rows: (series) => [errorShareRow(series)],
    now: ({ requests, errorShare }) => [requests === 0 ? null : errorShare],
    least: 0.02,
    none: () => "",
  },
  latency: { ...DURATION, none: (series) => (isSilent(series) ? "" : "Nothing was timed") },
  bytes: {
    format: bytes,
    lines: [
      { name: "to", stroke: "--series-p95", width: 1.25, dash: [6, 3] },
      { name: "from", stroke: "--series-p99", width: 1.5 },
    ],
    rows: bytesRows,
    now: ({ requestBytesRate, responseBytesRate }) => [requestBytesRate, responseBytesRate],
    least: 1000,
    none: () => "No byte moved in this range",
  },
  opened: {
    format: rate,
    lines: [
      { name: "opened", stroke: "--series-rate", fill: "--series-rate", width: 1.25 },
      { name: "failed", stroke: "--bad-fill", fill: "--bad-fill", width: 1.25, noBaseline: true },
    ],
    rows: openedRows,
    now: ({ rate, errorShare }) => [rate, rate * errorShare],
    least: 1,
    none: () => "No connection in this range",
  },
  lifetime: {
    ...DURATION,
    steps: LIFETIME_STEPS,
    none: (series) => (isSilent(series) ? "" : "No connection closed in this range"),
  },
};

/** Values in words, line by line. */
export function readingOf({ lines, format }: PlotSpec, values: readonly (number | null | undefined)[]): Reading {
  return lines.map(({ name, stroke }, line) => {
    const value = values[line];
    return { name, style: stroke, value: value === undefined ? "" : format(value) };
  });
}
