import type { PodRangeSums, TimeRange } from "../store.ts";
import { MAX_POD_SUMS, checkPods } from "../questions.ts";
import { bucketsOf } from "./bucket-lists.ts";
import { CounterTables } from "./counters.ts";
import { identityAt, readIdentities } from "./identities.ts";
import { podKeyOf } from "./pod-names.ts";
import { POD_LEVELS } from "./schema.ts";
import type { Transaction } from "./session.ts";
import { sumsSql } from "./sums.ts";

/** What pods said in a range by what it counts, exact: adjoining ranges add up to the whole. */
export async function readPods(tx: Transaction, range: TimeRange): Promise<PodRangeSums> {
  const tables = await CounterTables.read(tx, POD_LEVELS);
  const sql = sumsSql("pod_keys", await tables.counters(range));
  // No more than it takes to see that there are too many.
  const rows = await tx.rows(`${sql} LIMIT ${MAX_POD_SUMS + 1}`);
  checkPods(rows.length);
  const traffic = rows.map((row) => ({
    ...podKeyOf(row),
    count: row["count"] as number,
    buckets: bucketsOf(row),
    requestBytes: row["request_bytes"] as number,
    responseBytes: row["response_bytes"] as number,
  }));
  const identities = await readIdentities(tx);
  const named = new Set(traffic.flatMap(({ client, server }) => [client.workload, server.workload]));
  return { traffic, nodes: [...named].flatMap((id) => identityAt(identities, id, range.toMs - 1) ?? []) };
}
