/**
 * Sock Shop as its sidecars report it, scripted: the calls of a shopper's journey, with faults to switch on. A request
 * is reported by both ends where both have a sidecar; stores have none.
 */
import type { Observation, Outcome, ReportedWindow } from "../../../control/identity/observation.ts";
import { bucketsOf } from "../../../control/world/histogram.ts";
import { START_MS, identity } from "./fixtures.ts";

export type Fault = "none" | "cards errors" | "addresses slow";

const STORES = ["session-db", "catalogue-db", "carts-db", "orders-db", "user-db", "rabbitmq"];
const VISITORS = "external/visitors";

interface Call {
  readonly client: string;
  readonly server: string;
  /** "METHOD /route"; empty for TCP. */
  readonly endpoint: string;
  readonly perSecond: number;
  readonly outcome?: Outcome;
  readonly ms?: number;
}

/** Every call of one second. */
function callsOf(fault: Fault): Call[] {
  const noCards = fault === "cards errors";
  const slowMs = fault === "addresses slow" ? 1_400 : 0;
  const failing = noCards ? ({ outcome: "serverError" } as const) : {};
  const order = { perSecond: 3, ms: 40 + slowMs, ...failing };
  const address = { perSecond: 3, ms: 5 + slowMs };
  const http: Call[] = [
    { client: VISITORS, server: "edge-router", endpoint: "GET /catalogue", perSecond: 20 },
    { client: VISITORS, server: "edge-router", endpoint: "POST /orders", ...order },
    { client: "edge-router", server: "front-end", endpoint: "GET /catalogue", perSecond: 20 },
    { client: "edge-router", server: "front-end", endpoint: "POST /orders", ...order },
    // The front-end proxies this one and answers 200 to its caller whatever comes back.
    { client: "edge-router", server: "front-end", endpoint: "GET /card", perSecond: 5 },
    { client: "front-end", server: "catalogue", endpoint: "GET /catalogue", perSecond: 20 },
    { client: "front-end", server: "user", endpoint: "GET /cards", perSecond: 5, ...failing },
    { client: "front-end", server: "user", endpoint: "GET /customers/{id}", perSecond: 8 },
    { client: "front-end", server: "user", endpoint: "GET /customers/{id}/cards", perSecond: 3, ...failing },
    { client: "front-end", server: "user", endpoint: "GET /customers/{id}/addresses", ...address },
    { client: "front-end", server: "carts", endpoint: "GET /carts/{id}/items", perSecond: 9 },
    { client: "front-end", server: "orders", endpoint: "GET /orders/search/customerId", perSecond: 4 },
    { client: "front-end", server: "orders", endpoint: "POST /orders", ...order },
    { client: "orders", server: "user", endpoint: "GET /cards/{id}", perSecond: 3, ...failing },
    { client: "orders", server: "user", endpoint: "GET /addresses/{id}", ...address },
    { client: "orders", server: "user", endpoint: "GET /customers/{id}", perSecond: 3 },
    { client: "orders", server: "carts", endpoint: "GET /carts/{id}/items", perSecond: 3 },
    { client: "orders", server: "payment", endpoint: "POST /paymentAuth", perSecond: noCards ? 0 : 3 },
    { client: "orders", server: "shipping", endpoint: "POST /shipping", perSecond: noCards ? 0 : 3 },
  ];
  const tcp = [
    ["front-end", "session-db"],
    ["catalogue", "catalogue-db"],
    ["carts", "carts-db"],
    ["orders", "orders-db"],
    ["user", "user-db"],
    ["shipping", "rabbitmq"],
    ["queue-master", "rabbitmq"],
  ].map(([client = "", server = ""]): Call => ({ client, server, endpoint: "", perSecond: 1 }));
  return [...http, ...tcp].filter((call) => call.perSecond > 0);
}

function observe({ client, server, endpoint, perSecond, outcome = "success", ms = 8 }: Call): Observation[] {
  const isTcp = endpoint === "";
  const [method = "", route = ""] = endpoint.split(" ");
  const values = Array.from({ length: perSecond }, (_, at) => (ms + at) * 1_000);
  const status = isTcp ? 0 : outcome === "success" ? 200 : 500;
  const seen = { client, server, method, route, outcome, status, count: perSecond, active: isTcp ? 2 : 0 };
  const counted = { ...seen, protocol: isTcp ? "tcp" : "http", requestBytes: 0, responseBytes: 0 } as const;
  const buckets = isTcp ? [] : bucketsOf(values);
  const sides = [client === VISITORS ? [] : ["source"], STORES.includes(server) ? [] : ["destination"]].flat();
  return sides.map((side) => ({ ...counted, buckets, side: side as Observation["side"] }));
}

/** The windows of one second, one a sidecar. */
export function shopSecond(second: number, fault: Fault): ReportedWindow[] {
  const byReporter = new Map<string, Observation[]>();
  for (const observation of callsOf(fault).flatMap(observe)) {
    const reporter = observation.side === "source" ? observation.client : observation.server;
    byReporter.set(reporter, [...(byReporter.get(reporter) ?? []), observation]);
  }
  return [...byReporter].map(([reporter, observations]) => ({
    reporter,
    instance: `vm-of-${reporter}`,
    startMs: START_MS + second * 1_000,
    durationMs: 1_000,
    nodes: [...new Set(observations.flatMap(({ client, server }) => [client, server]))].map((id) =>
      identity(id, id === VISITORS ? "external" : STORES.includes(id) ? "store" : "workload"),
    ),
    observations,
    pods: [],
    losses: [],
    exemplars: [],
  }));
}
