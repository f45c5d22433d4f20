/**
 * The history database: one DuckDB file, made of these tables.
 *
 *     format          version of this layout, and whose it is
 *     state           one row: the inbox cursor, the last window's number, how far the roll-up and the expiry have come
 *     nodes           identities, one row each time one changed
 *     keys            what a counter counts, once: side, client, server, protocol, method, route, outcome, status
 *     windows_H       one row a window: number, reporter, instance, start, duration
 *     rows_1s_H       one row a counter: number of its window, start, duration, key, counts, latency buckets
 *     rows_10s_D      the same, merged to slots of 10 s on whole 10 s; the counters of windows longer than that as they are
 *     losses_D        what was given up, by window
 *     exemplars_hour_H, exemplars_day_D
 *                     requests by name, as they came and, when their hour has expired, the most telling ones
 *
 * H is the hour and D the day (both since the epoch, UTC) in which a window *ended*. Expiry drops whole tables, since a
 * DELETE in DuckDB gives no space back; so a resolution keeps up to one table more than it promises.
 *
 * The roll-up follows the numbers of the windows and not their time: it takes the windows after the last one that it
 * took. A window that comes hours late is rolled up like any other, as one more row for its slot. Rows of a slot are
 * added wherever they are read, so nothing is ever updated in place.
 *
 * Latency buckets are two lists of equal length, indexes (ascending) and counts: DuckDB unnests and adds them without
 * leaving SQL, and its own compression (bit packing, run lengths) is close to what a packed blob would need.
 */

/** Version of the layout above. A file with a higher one is refused. */
export const FORMAT_VERSION = 1;

/** Marks a database as this product's. */
export const FORMAT_OWNER = "sidelight-history";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Length of a slot of the coarser resolution. */
export const SLOT_MS = 10_000;

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

export const ROWS_1S: Partitioned = {
  prefix: "rows_1s_",
  lengthMs: HOUR_MS,
  columns: `
  window_id BIGINT NOT NULL,${COUNTER_COLUMNS},
  active BIGINT NOT NULL`,
};

export const ROWS_10S: Partitioned = { prefix: "rows_10s_", lengthMs: DAY_MS, columns: COUNTER_COLUMNS };

export const LOSSES: Partitioned = {
  prefix: "losses_",
  lengthMs: DAY_MS,
  columns: `
  window_id BIGINT NOT NULL,
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

export const ALL_PARTITIONED: readonly Partitioned[] = [
  WINDOWS,
  ROWS_1S,
  ROWS_10S,
  LOSSES,
  EXEMPLARS,
  EXEMPLARS_TELLING,
];

/** The tables of which there is one, and the SQL that makes an empty history. */
export const CREATE_SQL = `
CREATE TABLE format (owner VARCHAR NOT NULL, version INTEGER NOT NULL);
INSERT INTO format VALUES ('${FORMAT_OWNER}', ${FORMAT_VERSION});
CREATE TABLE state (
  cursor BIGINT NOT NULL,
  last_window BIGINT NOT NULL,
  rolled_window BIGINT NOT NULL,
  expired_before_ms BIGINT NOT NULL
);
INSERT INTO state VALUES (0, 0, 0, 0);
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
