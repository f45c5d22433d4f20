import { LEVELS, POD_LEVELS, partitionName } from "./schema.ts";
import type { Level } from "./schema.ts";
import { Partitions } from "./partitions.ts";
import type { Transaction } from "./session.ts";

/** A level and how far it has come; schema.ts explains each column. */
export interface LevelState extends Level {
  readonly taken: number;
  readonly lastNumber: number;
  readonly reachedMs: number;
  readonly expiredBeforeMs: number;
  readonly longestMs: number;
}

/** Columns of a level that change, with what they become, in SQL. */
export type LevelColumns = Readonly<Record<string, string | number>>;

/** All levels of counters, or of pods, finest first. */
export async function readLevels(tx: Transaction, all: readonly Level[] = LEVELS): Promise<LevelState[]> {
  const rows = await tx.rows(`SELECT name, taken::DOUBLE AS taken, last_number::DOUBLE AS last_number,
    reached_ms::DOUBLE AS reached_ms, expired_before_ms::DOUBLE AS expired_before_ms, longest_ms::DOUBLE AS longest_ms
    FROM levels`);
  const byName = new Map(rows.map((row) => [row["name"], row]));
  return all.map((level) => {
    const row = byName.get(level.id);
    const column = (name: string): number => row?.[name] as number;
    return {
      ...level,
      taken: column("taken"),
      lastNumber: column("last_number"),
      reachedMs: column("reached_ms"),
      expiredBeforeMs: column("expired_before_ms"),
      longestMs: column("longest_ms"),
    };
  });
}

/** Changes some columns of one level; values are SQL. */
export async function updateLevel(tx: Transaction, level: Level, columns: LevelColumns): Promise<void> {
  await tx.run(updateLevelSql(level, columns));
}

/** The same as a statement, to be run together with others. */
export function updateLevelSql({ id }: Level, columns: LevelColumns): string {
  const changes = Object.entries(columns).map(([column, value]) => `${column} = ${value}`);
  return `UPDATE levels SET ${changes.join(", ")} WHERE name = '${id}'`;
}

/** Looks up the last number of each table whose rows a coarser level takes. */
export async function noteLastNumbers(tx: Transaction): Promise<void> {
  const partitions = await Partitions.read(tx);
  const taken = [LEVELS, POD_LEVELS].flatMap((all) => all.slice(0, -1));
  const lasts = taken.flatMap(({ table, number }) =>
    partitions.of(table).map((partition) => {
      const name = partitionName(table, partition);
      return `SELECT '${name}' AS name, max(${number})::DOUBLE AS last FROM ${name}`;
    }),
  );
  if (lasts.length === 0) return;
  for (const { name, last } of await tx.rows(lasts.join(" UNION ALL "))) {
    tx.lastNumbers.note(name as string, (last as number | null) ?? 0);
  }
}
