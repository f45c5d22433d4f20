import type { Loss, LossKind } from "../../identity/observation.ts";
import type { TimeRange } from "../store.ts";
import type { InfluxClient } from "./client.ts";
import { LOSSES, LOSSES_BY_MINUTE } from "./layout.ts";
import type { Level, Levels } from "./levels.ts";
import { HOUR_MS } from "./limits.ts";
import { timeIn } from "./line.ts";

const MINUTE_MS = 60_000;

/** The level whose bucket holds losses as they came. Windows that are too late for it put theirs into a coarser one. */
export const LOSS_LEVEL: Level = 1;

interface Source {
  readonly client: InfluxClient;
  readonly levels: Levels;
  readonly bucketOf: (level: Level) => string;
}

/** Losses stated in windows that began in a range, by kind; of days long past in minutes that began in it. */
export async function readLosses({ client, levels, bucketOf }: Source, range: TimeRange): Promise<Loss[]> {
  const counts = new Map<string, number>();
  const read = async (level: Level, measurement: string, { fromMs, toMs }: TimeRange): Promise<void> => {
    const within = { fromMs: Math.max(fromMs, levels.expiredBeforeMs(level)), toMs };
    if (within.fromMs >= within.toMs) return;
    const query = `SELECT sum("count") FROM ${measurement} WHERE ${timeIn(within)} GROUP BY kind`;
    for await (const { tags = {}, values } of client.select(bucketOf(level), query)) {
      for (const [, count] of values) counts.set(tags["kind"]!, (counts.get(tags["kind"]!) ?? 0) + Number(count));
    }
  };
  for (const level of levels.all.keys()) await read(level, LOSSES, range);
  const toMs = Math.min(range.toMs, levels.expiredBeforeMs(LOSS_LEVEL));
  await read(levels.coarsest, LOSSES_BY_MINUTE, { fromMs: range.fromMs, toMs });
  return [...counts].sort().map(([kind, count]) => ({ kind: kind as LossKind, count }));
}

/** Losses of one kind in a minute. */
export interface MinuteLoss extends Loss {
  readonly atMs: number;
}

/**
 * One control's losses by minute of the hours that will have expired an hour from an instant, as far as all of them are
 * there for sure.
 */
export async function lossesByMinute(
  { client, levels, bucketOf }: Source,
  replica: string,
  nowMs: number,
): Promise<MinuteLoss[]> {
  const fromMs = Math.max(0, Math.ceil(levels.completeFromMs(LOSS_LEVEL) / MINUTE_MS) * MINUTE_MS);
  const toMs = Math.floor((nowMs - levels.at(LOSS_LEVEL).keptMs) / HOUR_MS + 1) * HOUR_MS;
  if (fromMs >= toMs) return [];
  const where = `${timeIn({ fromMs, toMs })} AND replica = '${replica}'`;
  const query = `SELECT sum("count") FROM ${LOSSES} WHERE ${where} GROUP BY time(1m), kind fill(none)`;
  const losses: MinuteLoss[] = [];
  for await (const { tags = {}, values } of client.select(bucketOf(LOSS_LEVEL), query)) {
    for (const [atMs, count] of values) {
      losses.push({ atMs: Number(atMs), kind: tags["kind"] as LossKind, count: Number(count) });
    }
  }
  return losses;
}
