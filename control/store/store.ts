import type { NodeIdentity } from "../identity/node.ts";
import type { Exemplar, Loss, Outcome, Protocol, ReportedWindow } from "../identity/observation.ts";
import type { RouteOf } from "../routes/route-of.ts";
import type { RangeSums } from "../world/picture.ts";

export type { RangeSums } from "../world/picture.ts";

/** What a series or a sum is taken over. Empty fields match everything. */
export interface Selection {
  readonly client?: string;
  readonly server?: string;
  readonly protocol?: Protocol;
  readonly method?: string;
  readonly route?: string;
}

/** Half-open range, milliseconds since the epoch. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * One step of a series. Counts by outcome; latencies in milliseconds, null where nothing was timed. They are those of
 * requests, but for a series of TCP alone, where they are how long connections lived that closed in the step.
 */
export interface SeriesPoint {
  readonly atMs: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Bytes that went to the server and came from it in the step (TCP only). */
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
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
 * and `windows` tell what was reported, as it was.
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
  /** Points from `fromMs` to `toMs`, one each `stepMs`, gaps included as zeros. At most 2,000 points. */
  series(selection: Selection, range: TimeRange, stepMs: number): Promise<SeriesPoint[]>;
  /** Exact sums a range. */
  totals(range: TimeRange): Promise<EdgeTotal[]>;
  /** Everything of a range, added up by what it counts. */
  sums(range: TimeRange): Promise<RangeSums>;
  /** Losses that reporters stated in a range. */
  losses(range: TimeRange): Promise<Loss[]>;
  /**
   * Slow and failed requests of a range by name, at most `limit` of them: failed ones, the newest first, then slow ones,
   * the slowest first; half of either kind where there are more. The newest hour at least has of each endpoint and minute
   * the slowest and the first ten that failed; a week, of each ten minutes, the slowest and the first three that failed.
   */
  exemplars(selection: Selection, range: TimeRange, limit: number): Promise<Exemplar[]>;
  /** The windows of a range as they were appended, but for requests by name, in order of time: what a restarted world is filled from. */
  windows(range: TimeRange): AsyncIterable<ReportedWindow>;
  /** Every node ever named, with its last identity. */
  nodes(): Promise<NodeIdentity[]>;
  /** Drops what is older than each resolution keeps. */
  expire(nowMs: number): Promise<void>;
  close(): Promise<void>;
}
