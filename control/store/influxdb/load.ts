/** What a control must know of the history before it writes: fetched once, when InfluxDB is first reached. */
import { HOUR_MS } from "./limits.ts";
import type { Protocol } from "../../identity/observation.ts";
import type { InfluxClient, Series } from "./client.ts";
import { millisecondsOf } from "./exemplars.ts";
import { readIdentities } from "./identities.ts";
import { EXEMPLARS, MOVES, PODS, REQUESTS, bucketName, namesBucket } from "./layout.ts";
import type { Levels } from "./levels.ts";
import { original, quoted } from "./line.ts";
import { Additions } from "./names.ts";
import type { Names } from "./names.ts";
import { OF_PODS, keyOf, podKeyOf } from "./rows.ts";

export interface HistoryPlace {
  readonly client: InfluxClient;
  readonly levels: Levels;
  readonly prefix: string;
  readonly replica: string;
}

/** Fills the names: the series of this control, every identity and move. Returns the instant of the last move. */
export async function loadNames({ client, levels, prefix, replica }: HistoryPlace, names: Names): Promise<number> {
  const additions = new Additions();
  for (const [level, resolution] of levels.all.entries()) {
    const lastOf = async (measurement: string, note: (tags: Series["tags"], endMs: number) => void): Promise<void> => {
      const query = `SELECT last("count") FROM ${measurement} WHERE replica = ${quoted(replica)} GROUP BY *`;
      const longestMs = level === 0 ? levels.plainUpToMs : resolution.slotMs;
      for await (const { tags, values } of client.select(bucketName(prefix, resolution), query)) {
        for (const [time] of values) note(tags, Number(time) + longestMs);
      }
    };
    await lastOf(REQUESTS, (tags, endMs) => names.noteSeries(keyOf(tags), endMs, additions));
    if (level > OF_PODS.coarsest) continue;
    await lastOf(PODS, (tags, endMs) => names.pods.note(podKeyOf(tags), endMs, additions.pods));
  }
  for (const [id, versions] of await readIdentities(client, namesBucket(prefix))) {
    const { identity, sinceMs } = versions.at(-1)!;
    additions.identities.set(id, { identity, atMs: sinceMs });
  }
  names.keep(additions);
  return await loadMoves(client, namesBucket(prefix), names);
}

async function loadMoves(client: InfluxClient, bucket: string, names: Names): Promise<number> {
  const moves: { time: string; move: Parameters<Names["move"]>[0] }[] = [];
  const query = `SELECT "method", "from", "to" FROM ${MOVES} GROUP BY *`;
  for await (const { tags = {}, values } of client.select(bucket, query, "text")) {
    const [server, protocol] = [original(tags["server"] ?? ""), original(tags["protocol"] ?? "") as Protocol];
    for (const [time, ...words] of values) {
      const [method, from, to] = words.map((word) => original(String(word)));
      const move = { from: { server, protocol, method: method!, route: from! }, route: to! };
      moves.push({ time: String(time), move });
    }
  }
  moves.sort((a, b) => millisecondsOf(a.time) - millisecondsOf(b.time) || (a.time < b.time ? -1 : 1));
  for (const { move } of moves) names.move(move);
  return moves.length === 0 ? 0 : millisecondsOf(moves.at(-1)!.time);
}

/** How many requests by name there are of this control, by hour since the epoch. */
export async function countExemplars({ client, levels, prefix, replica }: HistoryPlace): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  const bucket = bucketName(prefix, levels.at(Math.min(1, levels.coarsest)));
  const fromMs = Math.max(0, levels.expiredBeforeMs(0));
  const where = `time >= ${fromMs}ms AND replica = ${quoted(replica)}`;
  const query = `SELECT count(status) FROM ${EXEMPLARS} WHERE ${where} GROUP BY time(1h) fill(none)`;
  for await (const { values } of client.select(bucket, query)) {
    for (const [at, count] of values) counts.set(Number(at) / HOUR_MS, Number(count));
  }
  return counts;
}
