import { condenseExemplars } from "./exemplars.ts";
import { dropPartitions, selectFrom } from "./partitions.ts";
import { DAY_MS, EXEMPLARS_TELLING, HOUR_MS, LOSSES, ROWS_10S, ROWS_1S, WINDOWS } from "./schema.ts";
import type { Transaction } from "./session.ts";

/** How long each resolution is kept, in milliseconds. */
export const KEPT = { seconds: HOUR_MS, slots: DAY_MS, exemplars: 7 * DAY_MS } as const;

/**
 * Drops the tables in which everything is older than its resolution keeps. The roll-up must have been done in the same
 * transaction. Returns the number of tables that went.
 */
export async function dropExpired(tx: Transaction, nowMs: number): Promise<number> {
  const secondsBefore = nowMs - KEPT.seconds;
  const slotsBefore = nowMs - KEPT.slots;
  const dropped =
    (await dropPartitions(tx, WINDOWS, secondsBefore)) +
    (await dropPartitions(tx, ROWS_1S, secondsBefore)) +
    (await dropPartitions(tx, ROWS_10S, slotsBefore)) +
    (await dropPartitions(tx, LOSSES, slotsBefore)) +
    (await condenseExemplars(tx, secondsBefore)) +
    (await dropPartitions(tx, EXEMPLARS_TELLING, nowMs - KEPT.exemplars));
  if (dropped === 0) return 0;
  const expiredBefore = Math.max(0, Math.floor(secondsBefore / HOUR_MS) * HOUR_MS);
  await tx.run(`UPDATE state SET expired_before_ms = greatest(expired_before_ms, ${expiredBefore})`);
  await dropUnusedNames(tx);
  return dropped;
}

/** Keys that no counter has any more, and the identities that no key names and that a later one replaced. */
async function dropUnusedNames(tx: Transaction): Promise<void> {
  const seconds = await selectFrom(tx, ROWS_1S, { columns: "key_id", afterMs: 0 });
  const slots = await selectFrom(tx, ROWS_10S, { columns: "key_id", afterMs: 0 });
  await tx.run(`DELETE FROM keys WHERE key_id NOT IN (SELECT key_id FROM (${seconds} UNION ALL ${slots}))`);
  await tx.run("DELETE FROM nodes WHERE node_id NOT IN (SELECT client FROM keys UNION SELECT server FROM keys)");
  await tx.run(`DELETE FROM nodes WHERE EXISTS (
    FROM nodes AS later, state
    WHERE later.node_id = nodes.node_id AND later.since_ms > nodes.since_ms AND later.since_ms <= expired_before_ms)`);
}
