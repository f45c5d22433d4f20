import { createPartition, selectFrom } from "./partitions.ts";
import { ROWS_10S, ROWS_1S, SLOT_MS } from "./schema.ts";
import type { Transaction } from "./session.ts";
import { shareOf, shareOfBucket } from "./spread.ts";

/**
 * Merges the counters of the windows that were not yet taken into slots of 10 s: counts are added, and latencies bucket
 * by bucket. A window across two slots is cut with the formula that reads it, so both resolutions give the same sums.
 * Windows longer than a slot (after an outage) are copied as they are: cut, they would be as many rows as the outage
 * had slots.
 */
export async function rollUp(tx: Transaction): Promise<void> {
  const fresh = await selectFrom(tx, ROWS_1S, { columns: "*", afterMs: 0 });
  await tx.run(`CREATE OR REPLACE TEMP TABLE fresh AS
    SELECT * FROM (${fresh}) WHERE window_id > (SELECT rolled_window FROM state)`);
  await tx.run(`CREATE OR REPLACE TEMP TABLE rolled AS ${ROLLED_SQL}`);
  const endMs = "start_ms + duration_ms";
  const partitions = await tx.rows(
    `SELECT DISTINCT ((${endMs} - 1) // ${ROWS_10S.lengthMs})::INTEGER AS partition FROM rolled`,
  );
  for (const row of partitions) {
    const partition = row["partition"] as number;
    const table = await createPartition(tx, ROWS_10S, partition);
    await tx.run(`INSERT INTO ${table} BY NAME
      SELECT * FROM rolled WHERE (${endMs} - 1) // ${ROWS_10S.lengthMs} = ${partition} ORDER BY start_ms, key_id`);
  }
  await tx.run("DROP TABLE temp.fresh; DROP TABLE temp.rolled; UPDATE state SET rolled_window = last_window");
}

const SLOT = { from: `(slot * ${SLOT_MS})`, to: `((slot + 1) * ${SLOT_MS})` };

const ROLLED_SQL = `WITH
  cut AS (
    SELECT *, unnest(range(start_ms // ${SLOT_MS}, (start_ms + duration_ms - 1) // ${SLOT_MS} + 1)) AS slot
    FROM temp.fresh WHERE duration_ms <= ${SLOT_MS}
  ),
  counts AS (
    SELECT slot, key_id, ${["count", "request_bytes", "response_bytes"]
      .map((column) => `sum(${shareOf(column, SLOT)})::BIGINT AS ${column}`)
      .join(", ")}
    FROM cut GROUP BY slot, key_id
  ),
  bucket AS (
    SELECT slot, key_id, start_ms, duration_ms,
      unnest(bucket_indexes) AS bucket_index, unnest(bucket_counts) AS bucket_count
    FROM cut
  ),
  merged AS (SELECT slot, key_id, bucket_index, sum(${shareOfBucket(SLOT)})::BIGINT AS timed FROM bucket GROUP BY ALL),
  histograms AS (
    SELECT slot, key_id,
      list(bucket_index ORDER BY bucket_index) AS bucket_indexes, list(timed ORDER BY bucket_index) AS bucket_counts
    FROM merged WHERE timed > 0 GROUP BY slot, key_id
  )
  SELECT slot * ${SLOT_MS} AS start_ms, ${SLOT_MS} AS duration_ms, key_id, count, request_bytes, response_bytes,
    coalesce(bucket_indexes, []) AS bucket_indexes, coalesce(bucket_counts, []) AS bucket_counts
  FROM counts LEFT JOIN histograms USING (slot, key_id)
  WHERE count > 0 OR bucket_indexes IS NOT NULL OR request_bytes > 0 OR response_bytes > 0
  UNION ALL
  SELECT start_ms, duration_ms, key_id, count, request_bytes, response_bytes, bucket_indexes, bucket_counts
  FROM temp.fresh WHERE duration_ms > ${SLOT_MS}`;
