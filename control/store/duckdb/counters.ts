import type { TimeRange } from "../store.ts";
import { readLevels } from "./levels.ts";
import type { LevelState } from "./levels.ts";
import { Partitions, createNone } from "./partitions.ts";
import { piecesOf } from "./pieces.ts";
import type { Piece } from "./pieces.ts";
import { FINEST } from "./schema.ts";
import type { Transaction } from "./session.ts";
import type { Stretch } from "./spread.ts";

const COLUMNS = "key_id, start_ms, duration_ms, count, request_bytes, response_bytes, bucket_indexes, bucket_counts";

/** What of a row of `countersSql` counts: the stretch that it was read for. */
export const CLIP: Stretch = { from: "clip_from", to: "clip_to" };

/**
 * SQL for the counters that overlap a range, at the resolutions that fit (pieces.ts), each with the stretch of time
 * (`clip_from`, `clip_to`) that it counts for: what of it lies outside is read from another resolution.
 *
 * @param stepMs the steps, counted from the range's start, that it is to be divided into; undefined where it is not
 */
export async function countersSql(tx: Transaction, range: TimeRange, stepMs?: number): Promise<string> {
  const [levels, partitions] = [await readLevels(tx), await Partitions.read(tx)];
  const selects = piecesOf(range, levels, stepMs).flatMap((piece) => pieceSql(piece, levels, partitions));
  if (selects.length > 0) return selects.join("\nUNION ALL ");
  return `SELECT ${COLUMNS}, start_ms AS clip_from, start_ms AS clip_to FROM ${await createNone(tx, FINEST.table)}`;
}

/** A level's own rows, and of finer ones what is not rolled up yet. */
function pieceSql({ fromMs, toMs, level }: Piece, levels: readonly LevelState[], partitions: Partitions): string[] {
  return levels.slice(0, level + 1).flatMap(({ table, number, longestMs }, at) => {
    const isFresh = at < level ? ` AND ${number} > ${levels[at + 1]!.taken}` : "";
    return partitions.select(table, {
      columns: `${COLUMNS}, ${fromMs} AS clip_from, ${toMs} AS clip_to`,
      where: `start_ms < ${toMs} AND start_ms > ${fromMs - longestMs} AND start_ms + duration_ms > ${fromMs}${isFresh}`,
      afterMs: fromMs,
      untilMs: toMs + longestMs,
    });
  });
}
