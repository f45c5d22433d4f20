/**
 * From access log entries to the same figures that Sidelight's filter counts. Everything that does not change from one
 * request to the next is looked up, not worked out: a request of a known client and path costs three look-ups.
 */
import { Outcome } from "./aggregate.ts";
import type { Aggregate, Cell } from "./aggregate.ts";
import type { LogEntry } from "./log-entry.ts";

/** envoy.config.core.v3.RequestMethod. */
const METHODS = ["", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
/** Paths remembered with their templates; then it starts again. */
const MAX_PATHS = 4096;

/** Fields of ResponseFlags: no_healthy_upstream, upstream_connection_failure, upstream_overflow, no_route_found, ... */
const NOT_REACHED = bits(2, 6, 8, 9, 25, 27);
/** upstream_request_timeout, local_reset, upstream_remote_reset, upstream_connection_termination, ... */
const NO_ANSWER = bits(3, 4, 5, 7, 17, 23, 24);
const CLIENT_GONE = bits(15);
/** Codes of gRPC that tell the caller something of its request (wasm-filter/envoy/outcome.ts). */
const CLIENT_STATUSES = bits(1, 3, 5, 6, 7, 9, 10, 11, 16);

/** Cells of one edge and endpoint, by outcome and status. */
type Endpoint = Map<number, Cell>;

export class LogAggregator {
  readonly #aggregate: Aggregate;
  readonly #edges = new Map<string, Map<string, Endpoint>>();
  readonly #routes = new Map<string, string>();

  constructor(aggregate: Aggregate) {
    this.#aggregate = aggregate;
  }

  add(entry: LogEntry): void {
    const isRpc = entry.grpcStatus >= 0;
    const status = isRpc ? entry.grpcStatus : entry.status;
    const outcome = isRpc ? rpcOutcome(status, entry.flags) : httpOutcome(status, entry.flags);
    const edge = edgeOf(entry);
    let endpoints = this.#edges.get(edge);
    if (!endpoints) this.#edges.set(edge, (endpoints = new Map<string, Endpoint>()));
    const method = isRpc ? "" : (METHODS[entry.method] ?? "");
    const endpoint = `${method} ${isRpc ? entry.path : this.#route(entry.path)}`;
    let cells = endpoints.get(endpoint);
    if (!cells) endpoints.set(endpoint, (cells = new Map<number, Cell>()));
    const result = outcome * 1024 + status;
    let cell = cells.get(result);
    if (!cell) cells.set(result, (cell = this.#aggregate.cell(`${edge} ${endpoint} ${outcome} ${status}`)));
    this.#aggregate.addOne(cell, entry.micros);
  }

  #route(path: string): string {
    let route = this.#routes.get(path);
    if (route === undefined) {
      if (this.#routes.size === MAX_PATHS) this.#routes.clear();
      route = routeOf(path);
      this.#routes.set(path, route);
    }
    return route;
  }
}

/** Inbound the client, outbound the host and cluster. Clusters of the inbound side have Istio's name. */
function edgeOf({ cluster, upstream, client, principal }: LogEntry): string {
  if (!cluster.startsWith("inbound|")) return `${upstream},${cluster}`;
  return principal === "" ? client : `${client},${principal}`;
}

/** A path's template: numbers, UUIDs and long hexadecimal segments are ids. */
export function routeOf(path: string): string {
  const end = path.search(/[?#]/);
  const plain = end < 0 ? path : path.slice(0, end);
  if (!/\d/.test(plain)) return plain;
  return plain.replaceAll(/(?<=\/)(?:\d+|[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=\/|$)/gi, "{id}");
}

function httpOutcome(status: number, flags: number): number {
  if (flags & NOT_REACHED) return Outcome.notReached;
  if (flags & NO_ANSWER || status === 0 || (status === 499 && flags & CLIENT_GONE)) return Outcome.noAnswer;
  if (status < 400) return Outcome.success;
  return status < 500 ? Outcome.clientError : Outcome.serverError;
}

function rpcOutcome(status: number, flags: number): number {
  if (status === 0) return Outcome.success;
  if (flags & NOT_REACHED) return Outcome.notReached;
  if (flags & (NO_ANSWER | CLIENT_GONE)) return Outcome.noAnswer;
  return (CLIENT_STATUSES >> status) & 1 ? Outcome.clientError : Outcome.serverError;
}

function bits(...numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all | (1 << number), 0);
}
