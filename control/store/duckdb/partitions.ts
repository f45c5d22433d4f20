import { partitionName } from "./schema.ts";
import type { Partitioned } from "./schema.ts";
import type { Transaction } from "./session.ts";

/** Creates the table of a partition, if it is not there. */
export async function createPartition(tx: Transaction, table: Partitioned, partition: number): Promise<string> {
  const name = partitionName(table, partition);
  await tx.run(`CREATE TABLE IF NOT EXISTS ${name} (${table.columns}\n)`);
  return name;
}

/** The partitions that there are, oldest first, as this transaction sees them. */
export async function listPartitions(tx: Transaction, table: Partitioned): Promise<number[]> {
  const rows = await tx.rows(
    "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND starts_with(table_name, $prefix)",
    { prefix: table.prefix },
  );
  return rows.map((row) => Number((row["table_name"] as string).slice(table.prefix.length))).sort((a, b) => a - b);
}

/** Drops the partitions in which everything ended before an instant; returns how many. */
export async function dropPartitions(tx: Transaction, table: Partitioned, beforeMs: number): Promise<number> {
  const old = (await listPartitions(tx, table)).filter((partition) => (partition + 1) * table.lengthMs <= beforeMs);
  for (const partition of old) await tx.run(`DROP TABLE ${partitionName(table, partition)}`);
  return old.length;
}

/**
 * SQL for some columns of all partitions that may hold what ended after an instant. Partitions are by end, so there is
 * no latest one: a window may have begun long before it ended.
 */
export async function selectFrom(
  tx: Transaction,
  table: Partitioned,
  { columns, afterMs }: { readonly columns: string; readonly afterMs: number },
): Promise<string> {
  const partitions = await listPartitions(tx, table);
  const wanted = partitions.filter((partition) => (partition + 1) * table.lengthMs > afterMs);
  const selects = wanted.map((partition) => `SELECT ${columns} FROM ${partitionName(table, partition)}`);
  if (selects.length > 0) return selects.join("\nUNION ALL ");
  const none = await createNone(tx, table);
  return `SELECT ${columns} FROM ${none}`;
}

/** An empty table of the same columns, to select from where no partition is. */
async function createNone(tx: Transaction, table: Partitioned): Promise<string> {
  const name = `${table.prefix}none`;
  await tx.run(`CREATE TEMP TABLE IF NOT EXISTS ${name} (${table.columns}\n)`);
  return `temp.${name}`;
}
