import { checkPods } from "../questions.ts";
import type { PodRangeSums, TimeRange } from "../store.ts";
import { identitiesAt } from "./identities.ts";
import { RowSums } from "./row-sums.ts";
import { OF_PODS } from "./rows.ts";
import type { Source } from "./series.ts";

/** What pods said in a range by what it counts, exact: adjoining ranges add up to the whole. */
export async function readPods(
  { client, reader, levels, namesBucket }: Source & { readonly namesBucket: string },
  range: TimeRange,
  signal?: AbortSignal,
): Promise<PodRangeSums> {
  const sums = new RowSums(OF_PODS);
  const pieces = levels.piecesOf(range, undefined, OF_PODS.coarsest);
  for await (const rows of reader.rowsOf(OF_PODS, { pieces, signal })) {
    for (const row of rows) sums.add(row, range);
    checkPods(sums.size);
  }
  const traffic = sums.all().map(({ key, ...sum }) => ({ ...key, ...sum }));
  const named = new Set(traffic.flatMap((pods) => [pods.client.workload, pods.server.workload]));
  const nodes = await identitiesAt(client, namesBucket, { ids: named, atMs: range.toMs - 1 });
  return { traffic, nodes };
}
