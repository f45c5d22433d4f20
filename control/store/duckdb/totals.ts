import type { Outcome, Protocol } from "../../identity/observation.ts";
import { OUTCOMES, outcomePosition, outcomesOf } from "../../world/outcomes.ts";
import type { EdgeTotal, TimeRange } from "../store.ts";
import { CLIP, CounterTables } from "./counters.ts";
import type { Transaction } from "./session.ts";
import { shownSql } from "./shown.ts";
import { shareOf } from "./spread.ts";

/** Requests of every edge in a range by outcome, and their bytes; exact integers up to 2^53. */
export async function readTotals(tx: Transaction, range: TimeRange): Promise<EdgeTotal[]> {
  const tables = await CounterTables.read(tx);
  const counters = await tables.counters(range);
  const share = (column: string): string => `sum(${shareOf(column, CLIP)})`;
  const rows = await tx.rows(`WITH
    counters AS (${counters}),
    ${shownSql("SELECT key_id FROM counters")}
    SELECT client, server, protocol, outcome,
      ${share("count")} AS requests, ${share("request_bytes")} AS request_bytes, ${share("response_bytes")} AS response_bytes
    FROM counters JOIN shown USING (key_id)
    GROUP BY ALL ORDER BY ALL`);
  const edges = new Map<string, Sum>();
  for (const row of rows) {
    const client = row["client"] as string;
    const server = row["server"] as string;
    const protocol = row["protocol"] as Protocol;
    const id = `${client}>${server}/${protocol}`;
    const nothing = { counts: OUTCOMES.map(() => 0), requestBytes: 0, responseBytes: 0 };
    const edge = edges.get(id) ?? { client, server, protocol, ...nothing };
    edge.counts[outcomePosition(row["outcome"] as Outcome)] = row["requests"] as number;
    edge.requestBytes += row["request_bytes"] as number;
    edge.responseBytes += row["response_bytes"] as number;
    edges.set(id, edge);
  }
  return [...edges.values()].map(({ counts, ...edge }) => ({ ...edge, outcomes: outcomesOf(counts) }));
}

interface Sum {
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  /** In the order of OUTCOMES. */
  readonly counts: number[];
  requestBytes: number;
  responseBytes: number;
}
