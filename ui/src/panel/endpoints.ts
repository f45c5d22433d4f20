/** Rows of the endpoint table: order, and the words that stand for an endpoint in the URL. Pure. */
import type { Red, SnapshotEndpoint } from "../../../control/world/model.ts";
import type { WindowFigures } from "../charts/specs.ts";
import type { Subject, EndpointRow } from "../data/api.ts";
import type { ConnectionFigures } from "../model/figures.ts";
import { severity } from "../model/health.ts";
import type { Fault } from "../model/trouble.ts";
import { endpointName, errorsOf } from "../model/world.ts";

export type SortColumn = "endpoint" | "rate" | "errors" | "p50" | "p95" | "p99";

/** "GET /cards" -> method and route; RPCs and routes without a method have no space. */
export function splitEndpoint(name: string): Pick<Subject, "method" | "route"> {
  if (name === "") return {};
  const space = name.indexOf(" ");
  return space < 0 ? { route: name } : { method: name.slice(0, space), route: name.slice(space + 1) };
}

/** The window's figures of what the charts show: of one endpoint, or of all where none is chosen. */
export function chartedFigures(
  rows: readonly SnapshotEndpoint[],
  endpoint: string,
  all: Red | undefined,
): WindowFigures | undefined {
  return endpoint === "" ? all : rows.find((row) => endpointName(row) === endpoint)?.red;
}

/** The window's figures of connections: their percentiles are lifetimes, where there are any. */
export function chartedConnections(
  { requests, rate, errorShare }: Pick<WindowFigures, "requests" | "rate" | "errorShare">,
  { requestBytesRate, responseBytesRate, lifetime }: ConnectionFigures,
): WindowFigures {
  return { requests, rate, errorShare, requestBytesRate, responseBytesRate, ...lifetime };
}

/** The window's figures of a fault over all of its callers; latencies of several callers cannot be merged here. */
export function faultFigures({ edges, endpoint, rate, errorShare }: Fault): WindowFigures {
  return edges.length === 1 ? endpoint.red : { requests: endpoint.red.requests, rate, errorShare };
}

/** Worst first without a column; otherwise by the column, rows without a figure last in either direction. */
export function sortRows(rows: readonly EndpointRow[], column: SortColumn | "", descending: boolean): EndpointRow[] {
  if (column === "") return [...rows].sort(worstFirst);
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    if (column === "endpoint") return sign * endpointName(a).localeCompare(endpointName(b));
    const x = valueOf(a, column);
    const y = valueOf(b, column);
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return sign * (x - y);
  });
}

export function worstFirst(a: EndpointRow, b: EndpointRow): number {
  return severity(a.health) - severity(b.health) || errorsOf(b.red) - errorsOf(a.red) || b.red.rate - a.red.rate;
}

function valueOf({ red }: EndpointRow, column: Exclude<SortColumn, "endpoint">): number | null {
  const values = { rate: red.rate, errors: red.errorShare, p50: red.p50Ms, p95: red.p95Ms, p99: red.p99Ms };
  return values[column];
}
