import { partitionName } from "./schema.ts";
import type { Partitioned } from "./schema.ts";
import type { Transaction } from "./session.ts";

/** A table of a kind: of one stretch of time. */
export interface Place {
  readonly table: Partitioned;
  readonly partition: number;
}

/** Creates the table of a partition, if it is not there. */
export async function createPartition(tx: Transaction, table: Partitioned, partition: number): Promise<string> {
  await createPartitions(tx, [{ table, partition }]);
  return partitionName(table, partition);
}

/** Creates those that are not there, all with one answer of the engine. */
export async function createPartitions(tx: Transaction, places: readonly Place[]): Promise<void> {
  const creates = places.map(({ table, partition }) => {
    return `CREATE TABLE IF NOT EXISTS ${partitionName(table, partition)} (${table.columns}\n)`;
  });
  if (creates.length > 0) await tx.run(creates.join(";\n"));
}

/** The partitions that there are, oldest first, as this transaction sees them. */
export async function listPartitions(tx: Transaction, table: Partitioned): Promise<number[]> {
  return (await Partitions.read(tx)).of(table);
}

/** Drops the partitions in which everything ended before an instant; returns how many. */
export async function dropPartitions(tx: Transaction, table: Partitioned, beforeMs: number): Promise<number> {
  const old = endedBefore(await listPartitions(tx, table), table, beforeMs);
  for (const partition of old) {
    const name = partitionName(table, partition);
    await tx.run(`DROP TABLE ${name}`);
    tx.lastNumbers.forget(name);
  }
  return old.length;
}

/** Of some partitions those in which everything ended before an instant. */
export function endedBefore(partitions: readonly number[], table: Partitioned, beforeMs: number): number[] {
  return partitions.filter((partition) => (partition + 1) * table.lengthMs <= beforeMs);
}

/** What is to be read of a kind of table. */
export interface Selected {
  readonly columns: string;
  readonly where?: string;
  /** Only what ended after this instant. */
  readonly afterMs: number;
  /** Only what ended before this one. Partitions are by end, and a window may have begun long before it ended. */
  readonly untilMs?: number;
  /** Only tables that this says may have any of it. */
  readonly mayHave?: (table: string) => boolean;
}

/** SQL for some columns of all partitions that may hold what is selected. */
export async function selectFrom(tx: Transaction, table: Partitioned, selected: Selected): Promise<string> {
  const selects = (await Partitions.read(tx)).select(table, selected);
  if (selects.length > 0) return selects.join("\nUNION ALL ");
  return `SELECT ${selected.columns} FROM ${await createNone(tx, table)}`;
}

/** The partitions of all kinds, as one transaction sees them at one moment. */
export class Partitions {
  readonly #names: readonly string[];

  private constructor(names: readonly string[]) {
    this.#names = names;
  }

  static async read(tx: Transaction): Promise<Partitions> {
    const rows = await tx.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'");
    return new Partitions(rows.map((row) => row["table_name"] as string));
  }

  /** Oldest first. */
  of({ prefix }: Partitioned): number[] {
    const names = this.#names.filter((name) => name.startsWith(prefix));
    return names.map((name) => Number(name.slice(prefix.length))).sort((a, b) => a - b);
  }

  /** SQL for each partition that may hold what is selected. */
  select(table: Partitioned, selected: Selected): string[] {
    const { columns, where, afterMs, untilMs = Infinity, mayHave = () => true } = selected;
    const { lengthMs } = table;
    const within = this.of(table).filter(
      (partition) => (partition + 1) * lengthMs > afterMs && partition * lengthMs < untilMs,
    );
    const wanted = within.map((partition) => partitionName(table, partition)).filter(mayHave);
    const condition = where === undefined ? "" : ` WHERE ${where}`;
    return wanted.map((name) => `SELECT ${columns} FROM ${name}${condition}`);
  }
}

/** An empty table of the same columns, to select from where no partition is. */
export async function createNone(tx: Transaction, table: Partitioned): Promise<string> {
  const name = `${table.prefix}none`;
  await tx.run(`CREATE TEMP TABLE IF NOT EXISTS ${name} (${table.columns}\n)`);
  return `temp.${name}`;
}
