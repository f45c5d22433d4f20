import type { RangeSums, TimeRange } from "../store.ts";
import type { InfluxClient } from "./client.ts";
import { SPAN_OWN, WINDOWS } from "./layout.ts";
import { timeIn } from "./line.ts";
import { OF_ENDPOINTS } from "./rows.ts";
import { RowSums, observationsOf } from "./row-sums.ts";
import type { Source } from "./series.ts";
import { identitiesAt } from "./identities.ts";

/** Everything of a range by what it counts, exact: adjoining ranges add up to the whole. */
export async function readSums(
  { client, reader, levels, names, namesBucket }: Source & { readonly namesBucket: string },
  range: TimeRange,
  signal?: AbortSignal,
): Promise<Pick<RangeSums, "observations" | "nodes">> {
  const sums = new RowSums(OF_ENDPOINTS);
  for await (const rows of reader.rows({ pieces: levels.piecesOf(range), signal })) {
    for (const row of rows) sums.add(row, range);
  }
  // Keys whose routes have become the same are one by now.
  const observations = observationsOf(sums, (key) => ({ ...key, route: names.routeOf(key) }));
  const named = new Set(observations.flatMap(({ client, server }) => [client, server]));
  const nodes = await identitiesAt(client, namesBucket, { ids: named, atMs: range.toMs - 1 });
  return { observations, nodes };
}

/** Instances whose windows overlap a range. */
export async function countReporters(
  client: InfluxClient,
  bucket: string,
  { fromMs, toMs }: TimeRange,
  plainUpToMs: number,
): Promise<number> {
  const instances = new Set<string>();
  const plain = `${timeIn({ fromMs: fromMs - plainUpToMs, toMs })} AND span = ''`;
  const own = `time > ${fromMs}ms AND span = '${SPAN_OWN}'`;
  for (const [where, isOwn] of [
    [plain, false],
    [own, true],
  ] as const) {
    const query = `SELECT duration_ms, instance FROM ${WINDOWS} WHERE ${where}`;
    for await (const { values } of client.select(bucket, query)) {
      for (const [time, duration, instance] of values) {
        const durationMs = Number(duration);
        const startMs = Number(time) - (isOwn ? durationMs : 0);
        if (startMs < toMs && startMs + durationMs > fromMs) instances.add(String(instance));
      }
    }
  }
  return instances.size;
}
