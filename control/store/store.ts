import type { NodeIdentity } from "../identity/node.ts";
import type { Exemplar, Loss, Outcome, Protocol, ReportedWindow } from "../identity/observation.ts";
import type { RouteOf } from "../routes/route-of.ts";
import type { Counted } from "../world/counted.ts";
import type { RangeSums } from "../world/picture.ts";
import type { PodRangeSums } from "../world/pod-picture.ts";
import type { AlertEvent, AlertSelection } from "./alert-event.ts";
import type { HistoryStep, StepsQuestion } from "./history-step.ts";
import type { TimeRange } from "./time-range.ts";

export type { TimeRange } from "./time-range.ts";
export type { RangeSums } from "../world/picture.ts";
export type { PodRangeSums } from "../world/pod-picture.ts";

/** What a series or a sum is taken over. Empty fields match everything. */
export interface Selection {
  readonly client?: string;
  readonly server?: string;
  readonly protocol?: Protocol;
  readonly method?: string;
  readonly route?: string;
}

/** One step of a series, or all of it. Counts by outcome. */
export interface SeriesPoint {
  readonly atMs: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Bytes that went to the server and came from it in the step (TCP only). */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Milliseconds, in the order of the percentiles that were asked for; empty where nothing was timed. */
  readonly latencyMs: readonly number[];
  /** Where it was asked for. */
  readonly slow?: SlowCount;
}

/** How many were timed, and how many of those took longer than a limit; of the same as percentiles. */
export interface SlowCount {
  readonly timed: number;
  readonly slower: number;
}

/** What series are ranked by: requests, errors (server errors, not reached, no answer), their share, latency, bytes. */
export const MEASURES = ["requests", "errors", "errorShare", "latency", "bytes"] as const;

export type Measure = (typeof MEASURES)[number];

/** What series are asked for. */
export interface SeriesQuestion {
  readonly range: TimeRange;
  /** From one point to the next, in milliseconds. At most 2,000 of them. */
  readonly stepMs: number;
  /** Where the first step begins, less than a step before the range, which is where it does if left out. */
  readonly firstMs?: number;
  readonly selection?: Selection;
  /** What of the selection counts; all of it, where left out. Asked once for each thing that is counted. */
  readonly matches?: (counted: Counted) => boolean;
  /** One series for each list of labels that there is; one in all, without labels, where left out. */
  readonly labelsOf?: (counted: Counted) => readonly string[];
  /** Series at most (10, at most 100), the first by `rankBy` (requests) over the whole range. What is left is one more. */
  readonly top?: number;
  /** By latency: the highest of the percentiles. */
  readonly rankBy?: Measure;
  /** Above 0 and below 1, at most 8; 0.5, 0.95 and 0.99 where left out. */
  readonly percentiles?: readonly number[];
  /** The limit of `slow`, milliseconds above 0; that is not told where left out. */
  readonly slowerThanMs?: number;
  /**
   * Whether a series of these labels is of TCP alone; none, where left out, unless the selection is. Its percentiles are
   * how long connections lived that closed, those of others are latencies of requests alone.
   */
  readonly isOfTcp?: (labels: readonly string[]) => boolean;
}

export interface Series {
  readonly labels: readonly string[];
  /** Whether it is all that found no place among the first. */
  readonly isRest: boolean;
  /** The whole range, percentiles out of all its histograms. */
  readonly total: SeriesPoint;
  /** One each step, gaps as zeros. */
  readonly points: readonly SeriesPoint[];
}

export interface SeriesAnswer {
  /** By rank, the rest last. */
  readonly series: readonly Series[];
  /** Groups that there are, with those in the rest. */
  readonly groupCount: number;
}

/** Requests and bytes of one edge in a range, by the reporter rule. */
export interface EdgeTotal {
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** TCP only. */
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/**
 * History. Two engines will implement it (DuckDB embedded, InfluxDB 2); one contract suite proves both.
 *
 * Reads apply the reporter rule (see world/reporter-rule.ts), so what they return is what a snapshot would show; `sums`
 * and `windows` tell what was reported, as it was. A read that is given a signal ends when that is aborted, and leaves
 * nothing under way in the engine.
 */
export interface Store {
  /**
   * Writes windows and the inbox cursor that they were read up to, in one transaction. Windows up to a cursor that
   * was applied before are not written again.
   */
  append(windows: readonly ReportedWindow[], cursor: number): Promise<void>;
  /**
   * Gives what is stored the routes that its endpoints have by now: the counts of those whose routes have become the same
   * are read as one. Again, it changes nothing.
   * @param servers the servers whose routes may have changed; all, where not given
   */
  moveRoutes(routeOf: RouteOf, servers?: ReadonlySet<string>): Promise<void>;
  /** The cursor of the last append, 0 if there was none. */
  cursor(): Promise<number>;
  /** Series over time, by group. Throws TooMuchWork past 10,000 groups or 25,000 points in all. */
  series(question: SeriesQuestion, signal?: AbortSignal): Promise<SeriesAnswer>;
  /**
   * History in steps, oldest first, as alert rules are filled with after a start and tried on the past: those steps in which
   * something was counted. However long the range, little of it is in memory. While it is read it stays as it was at the
   * beginning, and DuckDB keeps what is written meanwhile in its log: read on.
   */
  steps(question: StepsQuestion, signal?: AbortSignal): AsyncIterable<HistoryStep>;
  /** Exact sums a range. */
  totals(range: TimeRange, signal?: AbortSignal): Promise<EdgeTotal[]>;
  /** Everything of a range, added up by what it counts. */
  sums(range: TimeRange, signal?: AbortSignal): Promise<RangeSums>;
  /**
   * What pods said in a range, added up by what it counts: for 30 days, and no reporter rule applied. Throws TooMuchWork
   * where that is more than 50,000 things.
   */
  pods(range: TimeRange, signal?: AbortSignal): Promise<PodRangeSums>;
  /** Losses that reporters stated in a range. */
  losses(range: TimeRange): Promise<Loss[]>;
  /**
   * Slow and failed requests of a range by name, at most `limit` of them: failed ones, the newest first, then slow ones,
   * the slowest first; half of either kind where there are more. The newest hour at least has of each endpoint and minute
   * the slowest and the first ten that failed; a week, of each ten minutes, the slowest and the first three that failed.
   */
  exemplars(selection: Selection, range: TimeRange, limit: number): Promise<Exemplar[]>;
  /** Writes what became of alerts. What is there already, by alert and state, is not written again. */
  recordAlerts(events: readonly AlertEvent[]): Promise<void>;
  /**
   * What became of alerts in a range, at most `limit` events (of 1,000): the newest first, of one instant what was recorded
   * last. Kept as long as hours are.
   */
  alertEvents(range: TimeRange, limit: number, selection?: AlertSelection): Promise<AlertEvent[]>;
  /** The windows of a range as they were appended, but for requests by name, in order of time: what a restarted world is filled from. */
  windows(range: TimeRange): AsyncIterable<ReportedWindow>;
  /** Every node ever named, with its last identity. */
  nodes(): Promise<NodeIdentity[]>;
  /** Drops what is older than each resolution keeps. */
  expire(nowMs: number): Promise<void>;
  close(): Promise<void>;
}
