import type { Protocol } from "../../identity/observation.ts";
import { OUTCOMES, outcomePosition, outcomesOf } from "../../world/outcomes.ts";
import type { EdgeTotal, TimeRange } from "../store.ts";
import type { Levels } from "./levels.ts";
import type { Reader } from "./reader.ts";
import { OF_EDGES } from "./rows.ts";
import type { CounterRow, EdgeKey } from "./rows.ts";
import { Cut, NEAREST } from "../shares.ts";
import { Shown } from "../shown.ts";

/** What was reported of one edge by one side with one outcome. */
interface Sum {
  readonly key: EdgeKey;
  requests: number;
  requestBytes: number;
  responseBytes: number;
}

interface Edge {
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  /** In the order of OUTCOMES. */
  readonly counts: number[];
  requestBytes: number;
  responseBytes: number;
}

/** Requests of every edge in a range by outcome, and their bytes; exact integers up to 2^53. */
export async function readTotals(
  { reader, levels }: { readonly reader: Reader; readonly levels: Levels },
  range: TimeRange,
  signal?: AbortSignal,
): Promise<EdgeTotal[]> {
  const sums = new Map<string, Sum>();
  const shown = new Shown();
  for await (const rows of reader.totals(OF_EDGES, { pieces: levels.piecesOf(range), signal })) {
    for (const row of rows) {
      shown.note(row.key);
      add(sums, row, range);
    }
  }
  return edgesOf([...sums.values()].filter(({ key }) => shown.has(key)));
}

function add(sums: Map<string, Sum>, row: CounterRow<EdgeKey>, range: TimeRange): void {
  const id = OF_EDGES.textOf(row.key);
  const sum = sums.get(id) ?? { key: row.key, requests: 0, requestBytes: 0, responseBytes: 0 };
  const cut = new Cut(row, range);
  sum.requests += cut.share(row.count, NEAREST);
  sum.requestBytes += cut.share(row.requestBytes, NEAREST);
  sum.responseBytes += cut.share(row.responseBytes, NEAREST);
  sums.set(id, sum);
}

function edgesOf(sums: readonly Sum[]): EdgeTotal[] {
  const edges = new Map<string, Edge>();
  for (const sum of sums) {
    const { client, server, protocol, outcome } = sum.key;
    const id = [client, server, protocol].join("\n");
    const nothing = { counts: OUTCOMES.map(() => 0), requestBytes: 0, responseBytes: 0 };
    const edge = edges.get(id) ?? { client, server, protocol, ...nothing };
    edge.counts[outcomePosition(outcome)]! += sum.requests;
    edge.requestBytes += sum.requestBytes;
    edge.responseBytes += sum.responseBytes;
    edges.set(id, edge);
  }
  return [...edges.values()].sort(inOrder).map(({ counts, ...edge }) => ({ ...edge, outcomes: outcomesOf(counts) }));
}

function inOrder(a: Edge, b: Edge): number {
  for (const field of ["client", "server", "protocol"] as const) {
    if (a[field] !== b[field]) return a[field] < b[field] ? -1 : 1;
  }
  return 0;
}
