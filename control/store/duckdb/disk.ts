/** What the history takes on disk, and what goes first when that is too much. */
import { stat } from "node:fs/promises";
import { condenseExemplars } from "./exemplars.ts";
import { dropLevel } from "./expire.ts";
import type { Dropped } from "./expire.ts";
import { dropPartitions, listPartitions } from "./partitions.ts";
import { EXEMPLARS, EXEMPLARS_TELLING, LEVELS, POD_LEVELS } from "./schema.ts";
import type { Level, Partitioned } from "./schema.ts";
import type { Session, Transaction } from "./session.ts";

export interface DiskUse {
  /** The files as they lie there. */
  readonly bytes: number;
  /** What of them is in use; DuckDB fills the rest before the file grows again. */
  readonly usedBytes: number;
}

/** The size of a database and its write-ahead log, bytes. */
export async function diskUse(session: Session, path: string): Promise<DiskUse> {
  const [row] = await session.transaction((tx) =>
    tx.rows("SELECT (block_size * used_blocks)::DOUBLE AS used FROM pragma_database_size()"),
  );
  const [file, log] = [await sizeOf(path), await sizeOf(`${path}.wal`)];
  return { bytes: file + log, usedBytes: (row!["used"] as number) + log };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** A kind of table and how all of it that ended before an instant is dropped, what is coarser having taken it. */
interface Droppable {
  readonly what: string;
  readonly table: Partitioned;
  readonly drop: (tx: Transaction, beforeMs: number) => Promise<number>;
}

/** In the order in which they go: the finest first. */
const DROPPABLE: readonly Droppable[] = LEVELS.flatMap((_, level): Droppable[] => {
  const own = [LEVELS, POD_LEVELS].flatMap((all) => (all[level] ? [droppable(all, all[level], level)] : []));
  if (level === 0) return [...own, { what: "exemplars", table: EXEMPLARS, drop: condenseExemplars }];
  if (level > 1) return own;
  const drop = (tx: Transaction, beforeMs: number): Promise<number> => dropPartitions(tx, EXEMPLARS_TELLING, beforeMs);
  return [...own, { what: "exemplars", table: EXEMPLARS_TELLING, drop }];
});

function droppable(all: readonly Level[], { id, table }: Level, level: number): Droppable {
  return { what: id, table, drop: (tx, beforeMs) => dropLevel(tx, all, level, beforeMs) };
}

/**
 * Drops the oldest table of the finest resolution that has more than its newest one, which is still being written.
 *
 * @returns what went; undefined where only newest ones are left
 */
export async function dropOldest(tx: Transaction): Promise<Dropped | undefined> {
  for (const { what, table, drop } of DROPPABLE) {
    const [oldest, next] = await listPartitions(tx, table);
    if (oldest === undefined || next === undefined) continue;
    return { what, tables: await drop(tx, (oldest + 1) * table.lengthMs) };
  }
  return undefined;
}
