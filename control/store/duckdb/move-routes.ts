import { listValue } from "@duckdb/node-api";
import type { Protocol } from "../../identity/observation.ts";
import type { EndpointKey, RouteOf } from "../../routes/route-of.ts";
import { listPartitions } from "./partitions.ts";
import { EXEMPLARS, EXEMPLARS_TELLING, partitionName } from "./schema.ts";
import type { Parameters, Transaction } from "./session.ts";

/** An endpoint whose route became another one. */
export interface Move {
  readonly from: EndpointKey;
  readonly route: string;
}

/**
 * Renames the keys, and the requests by name, whose route is another one by now. Rows refer to keys by number, so none of
 * them is touched; keys that have come to say the same stay as many numbers, which every read adds up.
 */
export async function moveRoutes(tx: Transaction, routeOf: RouteOf, servers?: ReadonlySet<string>): Promise<Move[]> {
  const tables = ["keys"];
  for (const kind of [EXEMPLARS, EXEMPLARS_TELLING]) {
    for (const partition of await listPartitions(tx, kind)) tables.push(partitionName(kind, partition));
  }
  const moves: Move[] = [];
  for (const from of await endpoints(tx, tables, servers)) {
    const route = routeOf(from);
    if (route !== from.route) moves.push({ from, route });
  }
  if (moves.length > 0) for (const table of tables) await rename(tx, table, moves);
  return moves;
}

async function endpoints(
  tx: Transaction,
  tables: readonly string[],
  servers: ReadonlySet<string> | undefined,
): Promise<EndpointKey[]> {
  const all = tables.map((table) => `SELECT server, protocol, method, route FROM ${table}`).join(" UNION ALL ");
  const where = servers ? "WHERE list_contains($servers, server)" : "";
  const parameters: Parameters = servers ? { servers: listValue([...servers]) } : {};
  const rows = await tx.rows(`SELECT DISTINCT * FROM (${all}) ${where}`, parameters);
  return rows.map((row) => ({
    server: row["server"] as string,
    protocol: row["protocol"] as Protocol,
    method: row["method"] as string,
    route: row["route"] as string,
  }));
}

async function rename(tx: Transaction, table: string, moves: readonly Move[]): Promise<void> {
  const column = (value: (move: Move) => string): ReturnType<typeof listValue> => listValue(moves.map(value));
  await tx.run(
    `UPDATE ${table} AS endpoints SET route = moves.target
    FROM (
      SELECT unnest($server) AS server, unnest($protocol) AS protocol, unnest($method) AS method,
        unnest($route) AS route, unnest($target) AS target
    ) AS moves
    WHERE endpoints.server = moves.server AND endpoints.protocol = moves.protocol
      AND endpoints.method = moves.method AND endpoints.route = moves.route`,
    {
      server: column(({ from }) => from.server),
      protocol: column(({ from }) => from.protocol),
      method: column(({ from }) => from.method),
      route: column(({ from }) => from.route),
      target: column(({ route }) => route),
    },
  );
}
