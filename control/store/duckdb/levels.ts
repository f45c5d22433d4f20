import { LEVELS } from "./schema.ts";
import type { Level } from "./schema.ts";
import type { Transaction } from "./session.ts";

/** A level and how far it has come; schema.ts explains each column. */
export interface LevelState extends Level {
  readonly taken: number;
  readonly lastNumber: number;
  readonly reachedMs: number;
  readonly expiredBeforeMs: number;
  readonly longestMs: number;
}

/** All levels, finest first. */
export async function readLevels(tx: Transaction): Promise<LevelState[]> {
  const rows = await tx.rows(`SELECT name, taken::DOUBLE AS taken, last_number::DOUBLE AS last_number,
    reached_ms::DOUBLE AS reached_ms, expired_before_ms::DOUBLE AS expired_before_ms, longest_ms::DOUBLE AS longest_ms
    FROM levels`);
  const byName = new Map(rows.map((row) => [row["name"], row]));
  return LEVELS.map((level) => {
    const row = byName.get(level.name);
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
export async function updateLevel(
  tx: Transaction,
  { name }: Level,
  columns: Readonly<Record<string, string | number>>,
): Promise<void> {
  const changes = Object.entries(columns).map(([column, value]) => `${column} = ${value}`);
  await tx.run(`UPDATE levels SET ${changes.join(", ")} WHERE name = '${name}'`);
}
