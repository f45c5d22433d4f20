import type { TimeRange } from "../store.ts";
import type { LastNumbers } from "./last-numbers.ts";
import { readLevels } from "./levels.ts";
import type { LevelState } from "./levels.ts";
import { Partitions, createNone } from "./partitions.ts";
import { piecesOf } from "../pieces.ts";
import type { Piece, Steps } from "../pieces.ts";
import { LEVELS } from "./schema.ts";
import type { Level } from "./schema.ts";
import type { Transaction } from "./session.ts";
import type { Stretch } from "./spread.ts";

const COLUMNS = "key_id, start_ms, duration_ms, count, request_bytes, response_bytes, bucket_indexes, bucket_counts";

/** What of a row of `countersSql` counts: the stretch that it was read for. */
export const CLIP: Stretch = { from: "clip_from", to: "clip_to" };

/**
 * SQL for the counters that overlap a range, at the resolutions that fit (pieces.ts), each with the stretch of time
 * (`clip_from`, `clip_to`) that it counts for: what of it lies outside is read from another resolution.
 *
 * @param steps what it is to be divided into; undefined where it is not
 */
export function countersSql(tx: Transaction, range: TimeRange, steps?: Steps): Promise<string> {
  return countersOf(LEVELS, tx, range, steps);
}

/** The same of the counters of some levels. */
export function countersOf(all: readonly Level[], tx: Transaction, range: TimeRange, steps?: Steps): Promise<string> {
  return piecesSql(
    tx,
    { all, range, steps },
    ({ fromMs, toMs }) => `${COLUMNS}, ${fromMs} AS clip_from, ${toMs} AS clip_to`,
  );
}

/** SQL for the keys (`key_id`, some more than once) of the counters that overlap a range, which the reporter rule asks for. */
export function presentSql(tx: Transaction, range: TimeRange): Promise<string> {
  return piecesSql(tx, { all: LEVELS, range }, () => "key_id");
}

/** Counters of which levels, and of when. */
interface Asked {
  readonly all: readonly Level[];
  readonly range: TimeRange;
  readonly steps?: Steps | undefined;
}

async function piecesSql(
  tx: Transaction,
  { all, range, steps }: Asked,
  columnsOf: (piece: Piece) => string,
): Promise<string> {
  const [levels, partitions] = [await readLevels(tx, all), await Partitions.read(tx)];
  const tables = { levels, partitions, lastNumbers: tx.lastNumbers };
  const selects = piecesOf(range, levels, steps).flatMap((piece) => pieceSql(piece, tables, columnsOf(piece)));
  if (selects.length > 0) return selects.join("\nUNION ALL ");
  return `SELECT ${columnsOf({ fromMs: 0, toMs: 0, level: 0 })} FROM ${await createNone(tx, all[0]!.table)}`;
}

/** What is known of the tables. */
interface Tables {
  readonly levels: readonly LevelState[];
  readonly partitions: Partitions;
  readonly lastNumbers: LastNumbers;
}

/** A level's own rows, and of finer ones what is not rolled up yet. */
function pieceSql(
  { fromMs, toMs, level }: Piece,
  { levels, partitions, lastNumbers }: Tables,
  columns: string,
): string[] {
  return levels.slice(0, level + 1).flatMap(({ table, number, longestMs }, at) => {
    const taken = at < level ? levels[at + 1]!.taken : undefined;
    const isFresh = taken === undefined ? "" : ` AND ${number} > ${taken}`;
    return partitions.select(table, {
      columns,
      where: `start_ms < ${toMs} AND start_ms > ${fromMs - longestMs} AND start_ms + duration_ms > ${fromMs}${isFresh}`,
      afterMs: fromMs,
      untilMs: toMs + longestMs,
      mayHave: (name) => taken === undefined || lastNumbers.mayBePast(name, taken),
    });
  });
}
