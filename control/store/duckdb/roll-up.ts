import { readLevels, updateLevel } from "./levels.ts";
import type { LevelState } from "./levels.ts";
import { createPartition, selectFrom } from "./partitions.ts";
import type { Level } from "./schema.ts";
import type { Transaction } from "./session.ts";
import { shareOf, shareOfBucket } from "./spread.ts";

const COLUMNS = ["count", "request_bytes", "response_bytes"] as const;
/** Rows that are merged at once: what a minute of thousands of pods takes at once is a quarter of a gigabyte. */
const ROWS_AT_ONCE = 50_000;

export interface RollUpOptions {
  /** The start of the latest window, where it is known. */
  readonly reachedMs?: number;
  readonly rowsAtOnce?: number;
}

/**
 * Merges the rows of the next finer level that were not yet taken into the slots of a level: counts are added, and
 * latencies bucket by bucket. A window across two slots is cut with the formula that reads it, so both give the same sums.
 * Windows longer than a slot (after an outage) are copied as they are: cut, they would be as many rows as the outage
 * had slots.
 *
 * @param all the levels of counters, or of pods
 * @param level its place among them, 1 or more
 */
export async function rollUp(
  tx: Transaction,
  all: readonly Level[],
  level: number,
  { reachedMs = 0, rowsAtOnce = ROWS_AT_ONCE }: RollUpOptions = {},
): Promise<void> {
  const levels = await readLevels(tx, all);
  const [finer, coarser] = [levels[level - 1]!, levels[level]!];
  if (finer.lastNumber > coarser.taken) await rollUpFresh(tx, finer, coarser, rowsAtOnce);
  await updateLevel(tx, coarser, { taken: finer.lastNumber, reached_ms: `greatest(reached_ms, ${reachedMs})` });
}

async function rollUpFresh(tx: Transaction, finer: LevelState, coarser: LevelState, rowsAtOnce: number): Promise<void> {
  const columns = `start_ms, duration_ms, key_id, ${COLUMNS.join(", ")}, bucket_indexes, bucket_counts`;
  const where = `${finer.number} > ${coarser.taken}`;
  const mayHave = (table: string): boolean => tx.lastNumbers.mayBePast(table, coarser.taken);
  const fresh = await selectFrom(tx, finer.table, { columns, where, afterMs: 0, mayHave });
  const batch = coarser.lastNumber + 1;
  const partitionSql = `(start_ms + duration_ms - 1) // ${coarser.table.lengthMs}`;
  for (const piece of await piecesOf(tx, { fresh, slotMs: coarser.slotMs, rowsAtOnce })) {
    await tx.run(`CREATE OR REPLACE TEMP TABLE rolled AS ${rolledSql(fresh, coarser.slotMs, piece)}`);
    for (const row of await tx.rows(`SELECT DISTINCT (${partitionSql})::INTEGER AS partition FROM rolled`)) {
      const partition = row["partition"] as number;
      const table = await createPartition(tx, coarser.table, partition);
      tx.lastNumbers.note(table, batch);
      await tx.run(`INSERT INTO ${table} BY NAME
        SELECT ${batch} AS batch, * FROM rolled WHERE ${partitionSql} = ${partition} ORDER BY key_id, start_ms`);
    }
    const longest = "SELECT coalesce(max(duration_ms), 0) FROM rolled";
    await updateLevel(tx, coarser, { last_number: batch, longest_ms: `greatest(longest_ms, (${longest}))` });
    await tx.run("DROP TABLE temp.rolled");
  }
}

/** Before all slots, and behind: of the longest slots too their times fit in 64 bits. */
const NO_SLOT = 2 ** 40;

/** What is rolled up at once: slots of a level from the first to the last, and one of so many parts of the keys. */
interface Piece {
  readonly first: number;
  readonly last: number;
  readonly part: number;
  readonly parts: number;
}

/** All slots and keys, in pieces of about so many rows. */
async function piecesOf(
  tx: Transaction,
  { fresh, slotMs, rowsAtOnce }: { readonly fresh: string; readonly slotMs: number; readonly rowsAtOnce: number },
): Promise<Piece[]> {
  const counts = await tx.rows(`SELECT (start_ms // ${slotMs})::DOUBLE AS slot, count(*)::DOUBLE AS count
    FROM (${fresh}) GROUP BY ALL ORDER BY ALL`);
  const stretches: { first: number; last: number; rows: number }[] = [];
  for (const row of counts) {
    const [slot, count] = [row["slot"] as number, row["count"] as number];
    const before = stretches.at(-1);
    if (before && before.rows + count <= rowsAtOnce) before.rows += count;
    else {
      if (before) before.last = slot - 1;
      stretches.push({ first: before ? slot : -NO_SLOT, last: NO_SLOT, rows: count });
    }
  }
  return stretches.flatMap(({ first, last, rows }) => {
    const parts = Math.max(1, Math.ceil(rows / rowsAtOnce));
    return Array.from({ length: parts }, (_, part) => ({ first, last, part, parts }));
  });
}

function rolledSql(fresh: string, slotMs: number, { first, last, part, parts }: Piece): string {
  const slot = { from: `(slot * ${slotMs})`, to: `((slot + 1) * ${slotMs})` };
  const within = `BETWEEN ${first} AND ${last}`;
  // In this form the engine passes over whole blocks of windows that have no part in the stretch.
  const overlaps = `start_ms > ${(first - 1) * slotMs} AND start_ms < ${(last + 1) * slotMs}`;
  return `WITH
  fresh AS (SELECT * FROM (${fresh})${parts > 1 ? ` WHERE key_id % ${parts} = ${part}` : ""}),
  cut AS (
    SELECT * FROM (
      SELECT *, unnest(range(start_ms // ${slotMs}, (start_ms + duration_ms - 1) // ${slotMs} + 1)) AS slot
      FROM fresh WHERE duration_ms <= ${slotMs} AND ${overlaps}
    ) WHERE slot ${within}
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
  SELECT * FROM fresh WHERE duration_ms > ${slotMs} AND start_ms // ${slotMs} ${within}`;
}
