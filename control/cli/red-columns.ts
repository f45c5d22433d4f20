/** What the tables of edges and endpoints have in common: health, rate, errors, duration, and sorting by them. */
import type { Health, Red } from "#proto/stats.ts";
import { healthMark } from "./style.ts";
import type { Column } from "./table.ts";
import { formatDuration, formatRate, formatShare, unknown } from "./units.ts";

export interface Measured {
  readonly health: Health;
  readonly red?: Red | undefined;
}

export function healthColumn<Row extends Measured>(): Column<Row> {
  return {
    title: "HEALTH",
    align: "left",
    optional: 0,
    cell: ({ health }) => healthMark(health),
  };
}

/** Rate and errors stay in the narrowest terminal, then p99. */
export function redColumns<Row extends Measured>(): Column<Row>[] {
  return [
    { title: "RATE", align: "right", optional: 0, cell: ({ red }) => ({ text: formatRate(red?.rate ?? 0) }) },
    { title: "ERRORS", align: "right", optional: 0, cell: errorCell },
    { title: "P50", align: "right", optional: 3, cell: ({ red }) => ({ text: formatDuration(red?.p50Seconds) }) },
    { title: "P95", align: "right", optional: 2, cell: ({ red }) => ({ text: formatDuration(red?.p95Seconds) }) },
    { title: "P99", align: "right", optional: 1, cell: ({ red }) => ({ text: formatDuration(red?.p99Seconds) }) },
  ];
}

function errorCell({ health, red }: Measured): { text: string; colour: "red" | "yellow" | "none" } {
  if (!red || red.requests === 0) return { text: unknown, colour: "none" };
  const { colour } = healthMark(health);
  const isHurt = red.errorShare > 0 && (colour === "red" || colour === "yellow");
  return { text: formatShare(red.errorShare), colour: isHurt ? colour : "none" };
}

export const sortKeys = ["health", "rate", "errors", "p50", "p95", "p99", "name"] as const;
export type SortKey = (typeof sortKeys)[number];

/** Worst or largest first; equals by name, so that lines keep their places from one refresh to the next. */
export function sorted<Row extends Measured>(rows: readonly Row[], key: SortKey, name: (row: Row) => string): Row[] {
  const weigh = weights[key];
  return [...rows].sort((a, b) => {
    const [left, right] = [weigh(a), weigh(b)];
    const position = left.findIndex((value, index) => value !== right[index]);
    if (position >= 0) return right[position]! - left[position]!;
    return name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0;
  });
}

const weights: Readonly<Record<SortKey, (row: Measured) => readonly number[]>> = {
  health: ({ health, red }) => [-healthMark(health).rank, red?.rate ?? 0],
  rate: ({ red }) => [red?.rate ?? 0],
  errors: ({ red }) => [red?.errorShare ?? 0, red?.rate ?? 0],
  p50: ({ red }) => [red?.p50Seconds ?? -1],
  p95: ({ red }) => [red?.p95Seconds ?? -1],
  p99: ({ red }) => [red?.p99Seconds ?? -1],
  name: () => [],
};

/** RED figures for programs: null where nothing was timed, durations in seconds. */
export function redJson(red: Red = noRequests): Record<string, number | null> {
  const { requests, rate, clientErrors, serverErrors, notReached, errorShare } = red;
  const { p50Seconds = null, p95Seconds = null, p99Seconds = null } = red;
  const counts = { requests, rate, clientErrors, serverErrors, notReached, errorShare };
  return { ...counts, p50Seconds, p95Seconds, p99Seconds };
}

const noRequests: Red = { requests: 0, rate: 0, clientErrors: 0, serverErrors: 0, notReached: 0, errorShare: 0 };
