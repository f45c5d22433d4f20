/**
 * The cluster whose reports the benchmark sends: workloads, their sidecars, and what each has to say of a window. The
 * same rows go to Sidelight as batches and to VictoriaMetrics as lines.
 */
import { Batch, Outcome, Side } from "#proto/ingest.ts";
import { batchOf } from "../../tests/control/batches.ts";
import type { CounterWords } from "../../tests/control/batches.ts";

/** Workloads; the sidecars are spread evenly over them. */
const WORKLOADS = 200;
/** Endpoints that one caller asks of one workload. */
const ENDPOINTS_A_CALLER = 5;
const OUTCOMES = [
  { outcome: Outcome.OUTCOME_SUCCESS, status: 200 },
  { outcome: Outcome.OUTCOME_CLIENT_ERROR, status: 404 },
  { outcome: Outcome.OUTCOME_SERVER_ERROR, status: 500 },
];

/** Requests that a row counts. */
export const REQUESTS_A_ROW = 20;

/** Name of a sidecar's workload; its address is that of `addressOf`. */
export function workloadOf(reporter: number): string {
  return `workload-${reporter % WORKLOADS}`;
}

function addressOf(workload: number): string {
  return `10.1.${workload >> 8}.${workload & 255}`;
}

/** An inventory of these workloads and the database of each, as YAML (JSON is YAML). */
export function inventory(): string {
  const entries = Array.from({ length: WORKLOADS }, (_, at) => [
    { namespace: "bench", name: `workload-${at}`, addresses: [addressOf(at)] },
    { namespace: "bench", name: `database-${at}`, role: "store", addresses: [`10.2.${at >> 8}.${at & 255}`] },
  ]);
  return JSON.stringify({ clusterCidrs: ["10.0.0.0/8"], workloads: entries.flat() });
}

/**
 * What a sidecar counted in a window: four rows of five from callers, whose endpoints come in three outcomes, and one of
 * five to the workload's database. Nothing is said twice, so what the history shows is the sum of all rows.
 */
export function rowsOf(reporter: number, rows: number): CounterWords[] {
  const own = reporter % WORKLOADS;
  return Array.from({ length: rows }, (_, row): CounterWords => {
    const bucket = 200 + ((reporter * 31 + row * 7) % 300);
    const numbers = { count: REQUESTS_A_ROW, buckets: [bucket, 12, bucket + 30, 7, bucket + 120, 1] };
    const kind = row % 5;
    const at = Math.floor(row / 5) * 4 + kind;
    const outcome = OUTCOMES[Math.floor(at / ENDPOINTS_A_CALLER) % OUTCOMES.length]!;
    const endpoint = { method: "GET", route: `/resource-${at % ENDPOINTS_A_CALLER}/{id}` };
    if (kind === 4) {
      const peer = { address: `10.2.${own >> 8}.${own & 255}:5432`, cluster: "database" };
      return { ...numbers, side: Side.SIDE_OUTBOUND, method: "POST", route: `/query-${row}`, peer };
    }
    const caller = (own + 1 + Math.floor(at / (ENDPOINTS_A_CALLER * OUTCOMES.length))) % WORKLOADS;
    return { ...numbers, ...endpoint, ...outcome, peer: { address: addressOf(caller) } };
  });
}

/** A batch of these rows without its first fields, which differ from window to window. */
export function batchTail(rows: readonly CounterWords[]): Buffer {
  const { strings, peers, counters, losses, exemplars } = batchOf(rows);
  const empty = { sequence: 0, startSeconds: 0, startMillis: 0, durationMillis: 0 };
  return Buffer.from(Batch.encode({ ...empty, strings, peers, counters, losses, exemplars }).finish());
}

/** How rows are told to VictoriaMetrics: with a value for each bucket of a row's histogram, or the count alone. */
export type LineForm = "with buckets" | "counts alone";

/** The same rows as line protocol, each without its time. */
export function linesOf(reporter: number, rows: readonly CounterWords[], form: LineForm): string[] {
  const own = `reporter=${reporter},workload=${workloadOf(reporter)}`;
  return rows.map(({ side, peer, method, route, status, outcome, count, buckets = [] }) => {
    const labels = [
      ...[own, `side=${side ?? Side.SIDE_INBOUND}`, `peer=${peer?.address}`, `method=${method}`, `route=${route}`],
      `status=${status ?? 200},outcome=${outcome ?? Outcome.OUTCOME_SUCCESS}`,
    ];
    const pairs = buckets.flatMap((value, at) => (at % 2 === 0 ? [`b${value}=${buckets[at + 1]}`] : []));
    const fields = form === "with buckets" ? [`count=${count}`, ...pairs] : [`count=${count}`];
    return `requests,${labels.join(",")} ${fields.join(",")}`;
  });
}
