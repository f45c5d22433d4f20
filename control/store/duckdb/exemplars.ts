import type { Exemplar, Outcome, Protocol, ReporterSide } from "../../identity/observation.ts";
import type { Selection, TimeRange } from "../store.ts";
import { createPartition, dropPartitions, listPartitions, selectFrom } from "./partitions.ts";
import { DAY_MS, EXEMPLARS, EXEMPLARS_TELLING, partitionName } from "./schema.ts";
import { whereOf } from "./selecting.ts";
import type { Row, Transaction } from "./session.ts";
import { SHOWN_OF_PRESENT_SQL } from "./shown.ts";

/** What of an hour is kept when it has expired: of each endpoint, in each of these stretches of time ... */
const STRETCH_MS = 600_000;
/** ... so many of each kind, and of all of them at most so many: a week of them is half a GB at worst. */
const TELLING = { slowest: 1, failed: 3, perHour: 20_000 } as const;

/** Within a kind: the slowest by their duration, failed ones in order of time. */
const MOST_TELLING = "CASE reason WHEN 'slowest' THEN -duration_ms ELSE at_ms END";
const ENDPOINT = "side, client, server, protocol, method, route";

/** Requests by name there are already, by hour since the epoch. */
export async function countByHour(tx: Transaction): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const hour of await listPartitions(tx, EXEMPLARS)) {
    const [row] = await tx.rows(`SELECT count(*)::INTEGER AS count FROM ${partitionName(EXEMPLARS, hour)}`);
    counts.set(hour, row!["count"] as number);
  }
  return counts;
}

/** Moves the most telling requests of hours that ended before an instant to tables a day, and drops the hours. */
export async function condenseExemplars(tx: Transaction, beforeMs: number): Promise<number> {
  const { lengthMs } = EXEMPLARS;
  for (const hour of await listPartitions(tx, EXEMPLARS)) {
    if ((hour + 1) * lengthMs > beforeMs) continue;
    const day = await createPartition(tx, EXEMPLARS_TELLING, Math.floor((hour * lengthMs) / DAY_MS));
    await tx.run(`INSERT INTO ${day} BY NAME
      SELECT * FROM ${partitionName(EXEMPLARS, hour)}
      QUALIFY row_number() OVER (PARTITION BY ${ENDPOINT}, reason, at_ms // ${STRETCH_MS} ORDER BY ${MOST_TELLING})
        <= CASE reason WHEN 'slowest' THEN ${TELLING.slowest} ELSE ${TELLING.failed} END
      ORDER BY reason, ${MOST_TELLING} LIMIT ${TELLING.perHour}`);
  }
  return dropPartitions(tx, EXEMPLARS, beforeMs);
}

export interface ExemplarQuestion {
  readonly selection: Selection;
  readonly range: TimeRange;
  readonly limit: number;
}

/**
 * Failed requests, the newest first, then slow ones, the slowest first; where there are more than the limit, half of
 * either kind. By the reporter rule, so that no request of two reporters is there twice; nor is one that is both the
 * slowest and the first that failed.
 */
export async function readExemplars(tx: Transaction, question: ExemplarQuestion): Promise<Exemplar[]> {
  const { fromMs, toMs } = question.range;
  const { where, parameters } = whereOf(question.selection);
  const fresh = await selectFrom(tx, EXEMPLARS, { columns: "*", afterMs: fromMs });
  const telling = await selectFrom(tx, EXEMPLARS_TELLING, { columns: "*", afterMs: fromMs });
  const order = "CASE reason WHEN 'slowest' THEN -duration_ms ELSE -at_ms END, at_ms DESC, path, request_id";
  const rows = await tx.rows(
    `WITH
    present AS (SELECT * FROM (${fresh} UNION ALL ${telling}) WHERE at_ms >= ${fromMs} AND at_ms < ${toMs}),
    ${SHOWN_OF_PRESENT_SQL},
    wanted AS (
      SELECT * FROM shown WHERE ${where}
      QUALIFY row_number() OVER (
        PARTITION BY ${ENDPOINT}, at_ms, path, duration_ms, request_id ORDER BY reason) = 1
    ),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY reason ORDER BY ${order}) AS rank FROM wanted),
    best AS (FROM ranked ORDER BY rank, reason LIMIT ${question.limit})
    SELECT * REPLACE (at_ms::DOUBLE AS at_ms, flags::DOUBLE AS flags) FROM best ORDER BY reason, rank`,
    parameters,
  );
  return rows.map(exemplarOf);
}

function exemplarOf(row: Row): Exemplar {
  return {
    reason: row["reason"] as Exemplar["reason"],
    atMs: row["at_ms"] as number,
    side: row["side"] as ReporterSide,
    client: row["client"] as string,
    server: row["server"] as string,
    protocol: row["protocol"] as Protocol,
    method: row["method"] as string,
    route: row["route"] as string,
    outcome: row["outcome"] as Outcome,
    status: row["status"] as number,
    path: row["path"] as string,
    durationMs: row["duration_ms"] as number,
    flags: row["flags"] as number,
    requestId: row["request_id"] as string,
    traceId: row["trace_id"] as string,
  };
}
