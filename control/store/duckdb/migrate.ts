import type { DuckDBConnection } from "@duckdb/node-api";
import { listPartitions } from "./partitions.ts";
import { ALERT_EVENTS, CREATE_LEVELS_SQL, CREATE_PODS_SQL, partitionName } from "./schema.ts";
import { Session } from "./session.ts";
import type { Transaction } from "./session.ts";

/** What brings a history from a version to the next one, by the version that it has. Each is one transaction. */
const STEPS: Readonly<Record<number, (tx: Transaction) => Promise<void>>> = {
  1: addLevels,
  // Version 2 knew no pods: their history begins now.
  2: (tx) => tx.run(CREATE_PODS_SQL),
  3: addCauses,
};

/** Brings a history to the version of schema.ts. Killed in between, it is at the version that it last came to. */
export async function migrate(connection: DuckDBConnection, version: number): Promise<void> {
  const session = new Session(connection);
  for (let at = version; STEPS[at]; at++) {
    await session.transaction(async (tx) => {
      await STEPS[at]!(tx);
      await tx.run(`UPDATE format SET version = ${at + 1}`);
    });
  }
}

/** Version 3 did not keep what incidents were put down to; of what it has that stays unknown. */
async function addCauses(tx: Transaction): Promise<void> {
  for (const partition of await listPartitions(tx, ALERT_EVENTS)) {
    await tx.run(`ALTER TABLE ${partitionName(ALERT_EVENTS, partition)} ADD COLUMN cause VARCHAR DEFAULT ''`);
  }
}

/** Version 1 had slots of 10 s as its coarsest: they become the first batch of theirs, which is to be rolled up yet. */
async function addLevels(tx: Transaction): Promise<void> {
  await tx.run(CREATE_LEVELS_SQL);
  const tables = await tx.rows(
    "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND starts_with(table_name, 'rows_')",
  );
  const longest: string[] = [];
  for (const row of tables) {
    const name = row["table_name"] as string;
    longest.push(`SELECT max(duration_ms) AS longest FROM ${name}`);
    if (name.startsWith("rows_10s_")) await tx.run(`ALTER TABLE ${name} ADD COLUMN batch BIGINT DEFAULT 1`);
  }
  const longestMs =
    longest.length === 0 ? "0" : `(SELECT coalesce(max(longest), 0) FROM (${longest.join(" UNION ALL ")}))`;
  await tx.run(`
    UPDATE levels SET longest_ms = greatest(longest_ms, ${longestMs});
    UPDATE levels SET last_number = (SELECT last_window FROM state),
      expired_before_ms = (SELECT expired_before_ms FROM state) WHERE name = '1s';
    UPDATE levels SET last_number = 1, taken = (SELECT rolled_window FROM state) WHERE name = '10s';
    ALTER TABLE state DROP COLUMN last_window;
    ALTER TABLE state DROP COLUMN rolled_window;
    ALTER TABLE state DROP COLUMN expired_before_ms;`);
}
