import { mergeObservations } from "../../identity/merge-observations.ts";
import type { Loss, Observation, PodTraffic, ReportedWindow } from "../../identity/observation.ts";
import type { TimeRange } from "../store.ts";
import { bucketsOf } from "./bucket-lists.ts";
import { identityAt, readIdentities } from "./identities.ts";
import type { Identities } from "./identities.ts";
import { readLossesByWindow } from "./losses.ts";
import { keyOf } from "./names.ts";
import { selectFrom } from "./partitions.ts";
import { podKeyOf } from "./pod-names.ts";
import { FINEST, POD_LEVELS, WINDOWS } from "./schema.ts";
import type { Row, Transaction } from "./session.ts";

/** The windows that overlap a range, in order of their start, as they were appended. */
export async function* readWindows(tx: Transaction, range: TimeRange): AsyncGenerator<ReportedWindow> {
  const identities = await readIdentities(tx);
  const losses = await readLossesByWindow(tx, range);
  let open: OpenWindow | undefined;
  for await (const row of tx.stream(await windowsSql(tx, range))) {
    const id = row["window_id"] as number;
    if (open?.id !== id) {
      if (open) yield open.close(identities);
      open = new OpenWindow(id, row, losses.get(id) ?? []);
    }
    open.take(row);
  }
  if (open) yield open.close(identities);
}

async function windowsSql(tx: Transaction, range: TimeRange): Promise<string> {
  const windows = await selectFrom(tx, WINDOWS, { columns: "*", afterMs: range.fromMs });
  const columns = "rowid AS position, * EXCLUDE (start_ms, duration_ms)";
  const counters = await selectFrom(tx, FINEST.table, { columns, afterMs: range.fromMs });
  const pods = await selectFrom(tx, POD_LEVELS[0]!.table, { columns, afterMs: range.fromMs });
  return `
    SELECT window_id::DOUBLE AS window_id, reporter, instance,
      start_ms::DOUBLE AS start_ms, duration_ms::DOUBLE AS duration_ms,
      counted.* EXCLUDE (window_id, key_id, position, count, bucket_counts, request_bytes, response_bytes, active),
      count::DOUBLE AS count, bucket_counts::DOUBLE[] AS bucket_counts,
      request_bytes::DOUBLE AS request_bytes, response_bytes::DOUBLE AS response_bytes, active::DOUBLE AS active
    FROM (${windows}) AS windows
    LEFT JOIN (
      SELECT *, false AS is_of_pods FROM (${counters}) JOIN keys USING (key_id)
      UNION ALL BY NAME
      SELECT *, true AS is_of_pods FROM (${pods}) JOIN pod_keys USING (key_id)
    ) AS counted USING (window_id)
    WHERE start_ms < ${range.toMs} AND start_ms + duration_ms > ${range.fromMs}
    ORDER BY windows.start_ms, windows.window_id, is_of_pods, counted.position`;
}

/** A window whose rows are still coming. */
class OpenWindow {
  readonly id: number;
  readonly #row: Row;
  readonly #losses: readonly Loss[];
  readonly #observations: Observation[] = [];
  readonly #pods: PodTraffic[] = [];

  constructor(id: number, row: Row, losses: readonly Loss[]) {
    this.id = id;
    this.#row = row;
    this.#losses = losses;
  }

  take(row: Row): void {
    if (row["side"] === null) return;
    const counted = {
      count: row["count"] as number,
      buckets: bucketsOf(row),
      requestBytes: row["request_bytes"] as number,
      responseBytes: row["response_bytes"] as number,
    };
    if (row["is_of_pods"] as boolean) this.#pods.push({ ...podKeyOf(row), ...counted });
    else this.#observations.push({ ...keyOf(row), ...counted, active: row["active"] as number });
  }

  close(identities: Identities): ReportedWindow {
    const startMs = this.#row["start_ms"] as number;
    const named = new Set(this.#observations.flatMap(({ client, server }) => [client, server]));
    return {
      reporter: this.#row["reporter"] as string,
      instance: this.#row["instance"] as string,
      startMs,
      durationMs: this.#row["duration_ms"] as number,
      nodes: [...named].flatMap((id) => identityAt(identities, id, startMs) ?? []),
      // Counters whose routes have become the same are one by now.
      observations: mergeObservations(this.#observations),
      pods: this.#pods,
      losses: this.#losses,
      exemplars: [],
    };
  }
}
