import type { Kept } from "../resolutions.ts";
import { condenseExemplars } from "./exemplars.ts";
import { readLevels, updateLevel } from "./levels.ts";
import { condenseLosses } from "./losses.ts";
import { dropPartitions, endedBefore, listPartitions, selectFrom } from "./partitions.ts";
import { rollUp } from "./roll-up.ts";
import {
  ALERT_EVENTS,
  DAY_MS,
  EXEMPLARS_TELLING,
  FINEST,
  LEVELS,
  LOSSES_BY_MINUTE,
  POD_LEVELS,
  WINDOWS,
} from "./schema.ts";
import type { Level } from "./schema.ts";
import type { Transaction } from "./session.ts";

const KEPT_EXEMPLARS_MS = 7 * DAY_MS;
/** What one node was said to be: a name that is told to be two things in turn must not fill the history. */
const MAX_IDENTITIES_PER_NODE = 100;

/** Tables that went, by what they held: a resolution ("1s", "pods_1s"), or "losses", "exemplars" or "alerts". */
export interface Dropped {
  readonly what: string;
  readonly tables: number;
}

/**
 * Drops the tables in which everything is older than its resolution keeps; what the next coarser one has not taken is
 * rolled up first.
 */
export async function dropExpired(tx: Transaction, nowMs: number, kept: Kept): Promise<Dropped[]> {
  const dropped: Dropped[] = [];
  for (const all of [LEVELS, POD_LEVELS]) {
    for (const [level, { name, id }] of all.entries()) {
      dropped.push({ what: id, tables: await dropLevel(tx, all, level, nowMs - kept[name]) });
    }
  }
  const losses =
    (await condenseLosses(tx, nowMs - kept["10s"])) + (await dropPartitions(tx, LOSSES_BY_MINUTE, nowMs - kept["1h"]));
  const exemplars =
    (await condenseExemplars(tx, nowMs - kept["1s"])) +
    (await dropPartitions(tx, EXEMPLARS_TELLING, nowMs - KEPT_EXEMPLARS_MS));
  const alerts = await dropPartitions(tx, ALERT_EVENTS, nowMs - kept["1h"]);
  dropped.push(
    { what: "losses", tables: losses },
    { what: "exemplars", tables: exemplars },
    { what: "alerts", tables: alerts },
  );
  const gone = dropped.filter(({ tables }) => tables > 0);
  if (gone.length > 0) await thinIdentities(tx);
  return gone;
}

/** Drops what a level has of the time before an instant, having rolled it up. Returns the number of tables. */
export async function dropLevel(
  tx: Transaction,
  all: readonly Level[],
  level: number,
  beforeMs: number,
): Promise<number> {
  const { table } = all[level]!;
  const old = endedBefore(await listPartitions(tx, table), table, beforeMs);
  const isCoarsest = level === all.length - 1;
  if (old.length > 0 && !isCoarsest) await rollUp(tx, all, level + 1);
  const windows = table === FINEST.table ? await dropPartitions(tx, WINDOWS, beforeMs) : 0;
  const dropped = windows + (await dropPartitions(tx, table, beforeMs));
  if (dropped === 0) return 0;
  const expiredBeforeMs = Math.floor(beforeMs / table.lengthMs) * table.lengthMs;
  await updateLevel(tx, all[level]!, { expired_before_ms: `greatest(expired_before_ms, ${expiredBeforeMs})` });
  if (isCoarsest) await (all === LEVELS ? dropUnusedNames(tx) : dropUnusedKeys(tx, "pod_keys", POD_LEVELS));
  return dropped;
}

/** Whether names may have gone with these tables. */
export function wereNamesDropped(dropped: readonly Dropped[]): boolean {
  return dropped.some(({ what }) => what === LEVELS.at(-1)!.id);
}

/** Whether names of pods may have gone with these tables. */
export function werePodsDropped(dropped: readonly Dropped[]): boolean {
  return dropped.some(({ what }) => what === POD_LEVELS.at(-1)!.id);
}

async function thinIdentities(tx: Transaction): Promise<void> {
  await tx.run(`DELETE FROM nodes WHERE rowid IN (
    SELECT rowid FROM nodes
    QUALIFY row_number() OVER (PARTITION BY node_id ORDER BY since_ms DESC) > ${MAX_IDENTITIES_PER_NODE})`);
}

/** Keys that no counter has any more. */
async function dropUnusedKeys(tx: Transaction, keys: "keys" | "pod_keys", all: readonly Level[]): Promise<void> {
  const used: string[] = [];
  for (const { table } of all) used.push(await selectFrom(tx, table, { columns: "key_id", afterMs: 0 }));
  await tx.run(`DELETE FROM ${keys} WHERE key_id NOT IN (SELECT key_id FROM (${used.join("\nUNION ALL ")}))`);
}

/** Those, and the identities that no key names and that a later one replaced. */
async function dropUnusedNames(tx: Transaction): Promise<void> {
  await dropUnusedKeys(tx, "keys", LEVELS);
  const named = ["keys", "pod_keys"].map((keys) => `SELECT client FROM ${keys} UNION SELECT server FROM ${keys}`);
  await tx.run(`DELETE FROM nodes WHERE node_id NOT IN (${named.join(" UNION ")})`);
  const expiredBeforeMs = (await readLevels(tx)).at(-1)!.expiredBeforeMs;
  await tx.run(`DELETE FROM nodes WHERE EXISTS (
    FROM nodes AS later
    WHERE later.node_id = nodes.node_id AND later.since_ms > nodes.since_ms AND later.since_ms <= ${expiredBeforeMs})`);
}
