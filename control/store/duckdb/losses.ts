import type { Loss, LossKind } from "../../identity/observation.ts";
import type { TimeRange } from "../store.ts";
import { createPartition, endedBefore, listPartitions, selectFrom } from "./partitions.ts";
import { LOSSES, LOSSES_BY_MINUTE, partitionName } from "./schema.ts";
import type { Transaction } from "./session.ts";

const MINUTE_MS = 60_000;

/** Losses stated in windows that began in a range, by kind; of days long past in minutes that began in it. */
export async function readLosses(tx: Transaction, { fromMs, toMs }: TimeRange): Promise<Loss[]> {
  const selected = {
    columns: "kind, count",
    where: `start_ms >= ${fromMs} AND start_ms < ${toMs}`,
    afterMs: fromMs,
  };
  const [byWindow, byMinute] = [
    await selectFrom(tx, LOSSES, selected),
    await selectFrom(tx, LOSSES_BY_MINUTE, selected),
  ];
  const rows = await tx.rows(`
    SELECT kind, sum(count)::DOUBLE AS count FROM (${byWindow} UNION ALL ${byMinute}) GROUP BY kind ORDER BY kind`);
  return rows.map((row) => ({ kind: row["kind"] as LossKind, count: row["count"] as number }));
}

/** Losses of windows that began before an instant, by the number of the window. */
export async function readLossesByWindow(tx: Transaction, { fromMs, toMs }: TimeRange): Promise<Map<number, Loss[]>> {
  const losses = await selectFrom(tx, LOSSES, { columns: "*, rowid AS position", afterMs: fromMs });
  const rows = await tx.rows(`
    SELECT window_id::DOUBLE AS window_id, kind, count::DOUBLE AS count FROM (${losses})
    WHERE start_ms < ${toMs} ORDER BY window_id, position`);
  const byWindow = new Map<number, Loss[]>();
  for (const row of rows) {
    const id = row["window_id"] as number;
    const loss = { kind: row["kind"] as LossKind, count: row["count"] as number };
    byWindow.set(id, [...(byWindow.get(id) ?? []), loss]);
  }
  return byWindow;
}

/** Adds the losses of days that ended before an instant up by minute, and drops the days. Returns their number. */
export async function condenseLosses(tx: Transaction, beforeMs: number): Promise<number> {
  const days = endedBefore(await listPartitions(tx, LOSSES), LOSSES, beforeMs);
  for (const day of days) {
    const month = Math.floor((day * LOSSES.lengthMs) / LOSSES_BY_MINUTE.lengthMs);
    await tx.run(`INSERT INTO ${await createPartition(tx, LOSSES_BY_MINUTE, month)} BY NAME
      SELECT start_ms // ${MINUTE_MS} * ${MINUTE_MS} AS start_ms, kind, sum(count)::BIGINT AS count
      FROM ${partitionName(LOSSES, day)} GROUP BY ALL ORDER BY ALL`);
    await tx.run(`DROP TABLE ${partitionName(LOSSES, day)}`);
  }
  return days.length;
}
