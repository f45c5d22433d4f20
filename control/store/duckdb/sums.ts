import { mergeObservations } from "../../identity/merge-observations.ts";
import type { Observation } from "../../identity/observation.ts";
import type { RangeSums, TimeRange } from "../store.ts";
import { bucketsOf } from "./bucket-lists.ts";
import { CLIP, CounterTables } from "./counters.ts";
import { identityAt, readIdentities } from "./identities.ts";
import { readLevels } from "./levels.ts";
import { readLosses } from "./losses.ts";
import { keyOf } from "./names.ts";
import { selectFrom } from "./partitions.ts";
import { WINDOWS } from "./schema.ts";
import type { Row, Transaction } from "./session.ts";
import { shareOf, shareOfBucket } from "./spread.ts";

/** Everything of a range by what it counts, exact: adjoining ranges add up to the whole. */
export async function readSums(tx: Transaction, range: TimeRange): Promise<RangeSums> {
  const tables = await CounterTables.read(tx);
  const rows = await tx.rows(sumsSql("keys", await tables.counters(range)));
  // Keys whose routes have become the same are one by now.
  const observations = mergeObservations(rows.map(observationOf));
  const identities = await readIdentities(tx);
  const named = new Set(observations.flatMap(({ client, server }) => [client, server]));
  return {
    observations,
    nodes: [...named].flatMap((id) => identityAt(identities, id, range.toMs - 1) ?? []),
    losses: await readLosses(tx, range),
    reporters: await countReporters(tx, range),
  };
}

/** SQL for the sums of counters by their keys, with the columns of the table of keys. */
export function sumsSql(keys: "keys" | "pod_keys", counters: string): string {
  const sums = ["count", "request_bytes", "response_bytes"].map(
    (column) => `sum(${shareOf(column, CLIP)}) AS ${column}`,
  );
  return `WITH
  counters AS MATERIALIZED (${counters}),
  sums AS (SELECT key_id, ${sums.join(", ")} FROM counters GROUP BY key_id),
  bucket AS (
    SELECT key_id, start_ms, duration_ms, clip_from, clip_to, unnest(bucket_indexes) AS bucket_index, unnest(bucket_counts) AS bucket_count
    FROM counters
  ),
  merged AS (SELECT key_id, bucket_index, sum(${shareOfBucket(CLIP)}) AS timed FROM bucket GROUP BY ALL),
  histograms AS (
    SELECT key_id,
      list(bucket_index ORDER BY bucket_index) AS bucket_indexes, list(timed ORDER BY bucket_index) AS bucket_counts
    FROM merged WHERE timed > 0 GROUP BY key_id
  )
  SELECT ${keys}.*, sums.* EXCLUDE (key_id),
    coalesce(bucket_indexes, []) AS bucket_indexes, coalesce(bucket_counts, []) AS bucket_counts
  FROM sums JOIN ${keys} USING (key_id) LEFT JOIN histograms USING (key_id)`;
}

function observationOf(row: Row): Observation {
  return {
    ...keyOf(row),
    count: row["count"] as number,
    buckets: bucketsOf(row),
    requestBytes: row["request_bytes"] as number,
    responseBytes: row["response_bytes"] as number,
    active: 0,
  };
}

/** Null where windows of the range may have expired. */
async function countReporters(tx: Transaction, { fromMs, toMs }: TimeRange): Promise<number | null> {
  const [finest] = await readLevels(tx);
  if (fromMs < finest!.expiredBeforeMs) return null;
  const windows = await selectFrom(tx, WINDOWS, { columns: "instance, start_ms, duration_ms", afterMs: fromMs });
  const [row] = await tx.rows(`SELECT count(DISTINCT instance)::INTEGER AS reporters FROM (${windows})
    WHERE start_ms < ${toMs} AND start_ms + duration_ms > ${fromMs}`);
  return row!["reporters"] as number;
}
