import { RESOLUTIONS } from "../resolutions.ts";
import type { ResolutionName } from "../resolutions.ts";

/**
 * The history database: one DuckDB file, made of these tables.
 *
 *     format          version of this layout, and whose it is
 *     state           one row: the inbox cursor
 *     levels          one row a resolution: the number of its last row, how far its roll-up and its expiry have come
 *     nodes           identities, one row each time one changed
 *     keys            what a counter counts, once: side, client, server, protocol, method, route, outcome, status
 *     pod_keys        what is counted of two pods, once: side, both ends with pod, node and version, protocol, outcome
 *     windows_H       one row a window: number, reporter, instance, start, duration
 *     rows_1s_H       one row a counter: number of its window, start, duration, key, counts, latency buckets
 *     rows_10s_D      the same, merged to slots of 10 s on whole 10 s; the counters of windows longer than that as they are
 *     rows_1m_D       the same, merged to minutes, out of the slots of 10 s
 *     rows_1h_M       the same, merged to hours, out of the minutes
 *     pods_1s_H, pods_10s_D, pods_1m_D
 *                     what pods said to each other: the counters of a window summed over endpoints and statuses; rolled up
 *                     like rows, and kept as long, but not in hours
 *     losses_D        what was given up, by window
 *     minute_losses_M what was given up, by kind and minute, of days whose losses by window have expired
 *     exemplars_hour_H, exemplars_day_D
 *                     requests by name, as they came and, when their hour has expired, the most telling ones
 *     alert_events_M  each change of an alert's state, as it was told
 *
 * H is the hour, D the day and M the stretch of 30 days (all since the epoch, UTC) in which a window *ended*. Expiry
 * drops whole tables, since a DELETE in DuckDB gives no space back; so a resolution keeps up to one table more than it
 * promises.
 *
 * A roll-up follows the order in which rows came and not their time: rows are numbered, those of 1 s by their window and
 * coarser ones by the roll-up that wrote them (`batch`), and it takes those after the last number that it took. A
 * window that comes hours late is rolled up like any other, as one more row for its slot. Rows of a slot are added
 * wherever they are read, so nothing is ever updated in place; and what is not rolled up yet is read from the finer table.
 *
 * Latency buckets are two lists of equal length, indexes (ascending) and counts: DuckDB unnests and adds them without
 * leaving SQL, and its own compression (bit packing, run lengths) is close to what a packed blob would need.
 */

/** Version of the layout above. A file with a higher one is refused. */
export const FORMAT_VERSION = 4;

/** Marks a database as this product's. */
export const FORMAT_OWNER = "sidelight-history";

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const MONTH_MS = 30 * DAY_MS;

/** A kind of table of which there is one for each stretch of time. */
export interface Partitioned {
  readonly prefix: string;
  /** The stretch that one table covers. */
  readonly lengthMs: number;
  /** Column definitions, one a line. */
  readonly columns: string;
}

const COUNTER_COLUMNS = `
  start_ms BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  key_id INTEGER NOT NULL,
  count BIGINT NOT NULL,
  request_bytes BIGINT NOT NULL,
  response_bytes BIGINT NOT NULL,
  bucket_indexes USMALLINT[] NOT NULL,
  bucket_counts BIGINT[] NOT NULL`;

export const WINDOWS: Partitioned = {
  prefix: "windows_",
  lengthMs: HOUR_MS,
  columns: `
  window_id BIGINT NOT NULL,
  reporter VARCHAR NOT NULL,
  instance VARCHAR NOT NULL,
  start_ms BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL`,
};

const ROWS_1S: Partitioned = {
  prefix: "rows_1s_",
  lengthMs: HOUR_MS,
  columns: `
  window_id BIGINT NOT NULL,${COUNTER_COLUMNS},
  active BIGINT NOT NULL`,
};

/** The table of a coarser resolution. */
function rolledUp(name: ResolutionName, lengthMs: number): Partitioned {
  return {
    prefix: `rows_${name}_`,
    lengthMs,
    columns: `
  batch BIGINT NOT NULL,${COUNTER_COLUMNS}`,
  };
}

/** A resolution as it is stored. */
export interface Level {
  readonly name: ResolutionName;
  /** Its row in `levels`. */
  readonly id: string;
  readonly slotMs: number;
  readonly table: Partitioned;
  /** The column that numbers its rows in the order in which they came. */
  readonly number: "window_id" | "batch";
}

const TABLES: Readonly<Record<ResolutionName, Partitioned>> = {
  "1s": ROWS_1S,
  "10s": rolledUp("10s", DAY_MS),
  "1m": rolledUp("1m", DAY_MS),
  "1h": rolledUp("1h", MONTH_MS),
};

/** Finest first; each is made of the one before it. A table covers whole slots of every level. */
export const LEVELS: readonly Level[] = RESOLUTIONS.map(({ name, slotMs }, at) => ({
  name,
  id: name,
  slotMs,
  table: TABLES[name],
  number: at === 0 ? "window_id" : "batch",
}));

const POD_TABLES: readonly Partitioned[] = [
  {
    prefix: "pods_1s_",
    lengthMs: HOUR_MS,
    columns: `
  window_id BIGINT NOT NULL,${COUNTER_COLUMNS}`,
  },
  { ...TABLES["10s"], prefix: "pods_10s_" },
  { ...TABLES["1m"], prefix: "pods_1m_" },
];

/** The same of what pods said: no hours, since pods come and go. Their keys are those of `pod_keys`. */
export const POD_LEVELS: readonly Level[] = POD_TABLES.map((table, at) => ({
  ...LEVELS[at]!,
  id: `pods_${LEVELS[at]!.name}`,
  table,
}));

/** What windows are appended to. */
export const FINEST = LEVELS[0]!;

export const LOSSES: Partitioned = {
  prefix: "losses_",
  lengthMs: DAY_MS,
  columns: `
  window_id BIGINT NOT NULL,
  start_ms BIGINT NOT NULL,
  kind VARCHAR NOT NULL,
  count BIGINT NOT NULL`,
};

export const LOSSES_BY_MINUTE: Partitioned = {
  prefix: "minute_losses_",
  lengthMs: MONTH_MS,
  columns: `
  start_ms BIGINT NOT NULL,
  kind VARCHAR NOT NULL,
  count BIGINT NOT NULL`,
};

/** Names are written out and not keys of `keys`: they outlive the counters, and the engine stores each text once. */
const EXEMPLAR_COLUMNS = `
  at_ms BIGINT NOT NULL,
  reason VARCHAR NOT NULL,
  side VARCHAR NOT NULL,
  client VARCHAR NOT NULL,
  server VARCHAR NOT NULL,
  protocol VARCHAR NOT NULL,
  method VARCHAR NOT NULL,
  route VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL,
  status INTEGER NOT NULL,
  path VARCHAR NOT NULL,
  duration_ms DOUBLE NOT NULL,
  flags BIGINT NOT NULL,
  request_id VARCHAR NOT NULL,
  trace_id VARCHAR NOT NULL`;

export const EXEMPLARS: Partitioned = { prefix: "exemplars_hour_", lengthMs: HOUR_MS, columns: EXEMPLAR_COLUMNS };

export const EXEMPLARS_TELLING: Partitioned = {
  prefix: "exemplars_day_",
  lengthMs: DAY_MS,
  columns: EXEMPLAR_COLUMNS,
};

/** Threshold is what alerts call their limit, a word of SQL; labels and cause are JSON. */
export const ALERT_EVENTS: Partitioned = {
  prefix: "alert_events_",
  lengthMs: MONTH_MS,
  columns: `
  at_ms BIGINT NOT NULL,
  alert_id VARCHAR NOT NULL,
  fingerprint VARCHAR NOT NULL,
  incident VARCHAR NOT NULL,
  rule VARCHAR NOT NULL,
  severity VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  labels VARCHAR NOT NULL,
  summary VARCHAR NOT NULL,
  value DOUBLE NOT NULL,
  threshold DOUBLE NOT NULL,
  usual DOUBLE,
  requests DOUBLE NOT NULL,
  bad DOUBLE NOT NULL,
  cause VARCHAR NOT NULL DEFAULT ''`,
};

/**
 * taken: the last number of the finer level that was rolled up. last_number: the last one of this level. reached_ms: the
 * start of the latest window when it was last rolled up. expired_before_ms: what ended before may have been dropped.
 * longest_ms: no row is longer.
 */
export const CREATE_LEVELS_SQL = `
CREATE TABLE levels (
  name VARCHAR NOT NULL,
  taken BIGINT NOT NULL,
  last_number BIGINT NOT NULL,
  reached_ms BIGINT NOT NULL,
  expired_before_ms BIGINT NOT NULL,
  longest_ms BIGINT NOT NULL
);
${insertLevels(LEVELS)}`;

/** What a history of pods needs beside the levels. */
export const CREATE_PODS_SQL = `
${insertLevels(POD_LEVELS)}
CREATE TABLE pod_keys (
  key_id INTEGER NOT NULL,
  side VARCHAR NOT NULL,
  client VARCHAR NOT NULL,
  client_pod VARCHAR NOT NULL,
  client_node VARCHAR NOT NULL,
  client_version VARCHAR NOT NULL,
  server VARCHAR NOT NULL,
  server_pod VARCHAR NOT NULL,
  server_node VARCHAR NOT NULL,
  server_version VARCHAR NOT NULL,
  protocol VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL
);`;

function insertLevels(levels: readonly Level[]): string {
  const rows = levels.map(({ id, slotMs }) => `('${id}', 0, 0, 0, 0, ${slotMs})`);
  return `INSERT INTO levels VALUES ${rows.join(", ")};`;
}

/** The tables of which there is one, and the SQL that makes an empty history. */
export const CREATE_SQL = `
CREATE TABLE format (owner VARCHAR NOT NULL, version INTEGER NOT NULL);
INSERT INTO format VALUES ('${FORMAT_OWNER}', ${FORMAT_VERSION});
CREATE TABLE state (cursor BIGINT NOT NULL);
INSERT INTO state VALUES (0);
${CREATE_LEVELS_SQL}
${CREATE_PODS_SQL}
CREATE TABLE nodes (
  node_id VARCHAR NOT NULL,
  since_ms BIGINT NOT NULL,
  kind VARCHAR NOT NULL,
  namespace VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  workload_kind VARCHAR NOT NULL,
  service VARCHAR NOT NULL,
  reason VARCHAR NOT NULL
);
CREATE TABLE keys (
  key_id INTEGER NOT NULL,
  side VARCHAR NOT NULL,
  client VARCHAR NOT NULL,
  server VARCHAR NOT NULL,
  protocol VARCHAR NOT NULL,
  method VARCHAR NOT NULL,
  route VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL,
  status INTEGER NOT NULL
);`;

/** The partition that something belongs to which ended at `endMs` (exclusive). */
export function partitionOf(table: Partitioned, endMs: number): number {
  return Math.floor((endMs - 1) / table.lengthMs);
}

export function partitionName(table: Partitioned, partition: number): string {
  return `${table.prefix}${partition}`;
}
