import { readLevels, updateLevel } from "./levels.ts";
import type { LevelState } from "./levels.ts";
import { createPartition, selectFrom } from "./partitions.ts";
import type { Level } from "./schema.ts";
import type { Transaction } from "./session.ts";
import { shareOf, shareOfBucket } from "./spread.ts";

const COLUMNS = ["count", "request_bytes", "response_bytes"] as const;

/**
 * Merges the rows of the next finer level that were not yet taken into the slots of a level: counts are added, and
 * latencies bucket by bucket. A window across two slots is cut with the formula that reads it, so both give the same sums.
 * Windows longer than a slot (after an outage) are copied as they are: cut, they would be as many rows as the outage
 * had slots.
 *
 * @param all the levels of counters, or of pods
 * @param level its place among them, 1 or more
 * @param reachedMs the start of the latest window, where it is known
 */
export async function rollUp(tx: Transaction, all: readonly Level[], level: number, reachedMs = 0): Promise<void> {
  const levels = await readLevels(tx, all);
  const [finer, coarser] = [levels[level - 1]!, levels[level]!];
  if (finer.lastNumber > coarser.taken) await rollUpFresh(tx, finer, coarser);
  await updateLevel(tx, coarser, { taken: finer.lastNumber, reached_ms: `greatest(reached_ms, ${reachedMs})` });
}

async function rollUpFresh(tx: Transaction, finer: LevelState, coarser: LevelState): Promise<void> {
  const columns = `start_ms, duration_ms, key_id, ${COLUMNS.join(", ")}, bucket_indexes, bucket_counts`;
  const where = `${finer.number} > ${coarser.taken}`;
  const mayHave = (table: string): boolean => tx.lastNumbers.mayBePast(table, coarser.taken);
  const fresh = await selectFrom(tx, finer.table, { columns, where, afterMs: 0, mayHave });
  await tx.run(`CREATE OR REPLACE TEMP TABLE fresh AS ${fresh}`);
  await tx.run(`CREATE OR REPLACE TEMP TABLE rolled AS ${rolledSql(coarser.slotMs)}`);
  const batch = coarser.lastNumber + 1;
  const partitionSql = `(start_ms + duration_ms - 1) // ${coarser.table.lengthMs}`;
  for (const row of await tx.rows(`SELECT DISTINCT (${partitionSql})::INTEGER AS partition FROM rolled`)) {
    const partition = row["partition"] as number;
    const table = await createPartition(tx, coarser.table, partition);
    tx.lastNumbers.note(table, batch);
    await tx.run(`INSERT INTO ${table} BY NAME
      SELECT ${batch} AS batch, * FROM rolled WHERE ${partitionSql} = ${partition} ORDER BY key_id, start_ms`);
  }
  const longest = "SELECT coalesce(max(duration_ms), 0) FROM rolled";
  await updateLevel(tx, coarser, { last_number: batch, longest_ms: `greatest(longest_ms, (${longest}))` });
  await tx.run("DROP TABLE temp.fresh; DROP TABLE temp.rolled");
}

function rolledSql(slotMs: number): string {
  const slot = { from: `(slot * ${slotMs})`, to: `((slot + 1) * ${slotMs})` };
  return `WITH
  cut AS (
    SELECT *, unnest(range(start_ms // ${slotMs}, (start_ms + duration_ms - 1) // ${slotMs} + 1)) AS slot
    FROM temp.fresh WHERE duration_ms <= ${slotMs}
  ),
  counts AS (
    SELECT slot, key_id, ${COLUMNS.map((column) => `sum(${shareOf(column, slot)})::BIGINT AS ${column}`).join(", ")}
    FROM cut GROUP BY slot, key_id
  ),
  bucket AS (
    SELECT slot, key_id, start_ms, duration_ms,
      unnest(bucket_indexes) AS bucket_index, unnest(bucket_counts) AS bucket_count
    FROM cut
  ),
  merged AS (SELECT slot, key_id, bucket_index, sum(${shareOfBucket(slot)})::BIGINT AS timed FROM bucket GROUP BY ALL),
  histograms AS (
    SELECT slot, key_id,
      list(bucket_index ORDER BY bucket_index) AS bucket_indexes, list(timed ORDER BY bucket_index) AS bucket_counts
    FROM merged WHERE timed > 0 GROUP BY slot, key_id
  )
  SELECT slot * ${slotMs} AS start_ms, ${slotMs} AS duration_ms, key_id, count, request_bytes, response_bytes,
    coalesce(bucket_indexes, []) AS bucket_indexes, coalesce(bucket_counts, []) AS bucket_counts
  FROM counts LEFT JOIN histograms USING (slot, key_id)
  WHERE count > 0 OR bucket_indexes IS NOT NULL OR request_bytes > 0 OR response_bytes > 0
  UNION ALL
  SELECT * FROM temp.fresh WHERE duration_ms > ${slotMs}`;
}
