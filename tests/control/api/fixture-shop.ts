/** A small shop as reporters would state it: what a real World is filled with in the tests of the APIs and the CLI. */
import type { NodeIdentity, NodeKind } from "../../../control/identity/node.ts";
import type { Observation, Outcome, PodTraffic, ReportedWindow } from "../../../control/identity/observation.ts";
import { unknownPod } from "../../../control/identity/pod-end.ts";
import type { PodEnd } from "../../../control/identity/pod-end.ts";
import { bucketsOf } from "../../../control/world/histogram.ts";

export function identity(id: string, kind: NodeKind = "workload"): NodeIdentity {
  const [namespace = "", name = ""] = id.split("/");
  const isInside = kind === "workload" || kind === "store";
  return {
    id,
    kind,
    namespace: isInside ? namespace : "",
    name,
    workloadKind: isInside ? "Deployment" : "",
    service: isInside ? name : "",
    reason: kind === "unresolved" ? name : "",
  };
}

export const shopNodes: readonly NodeIdentity[] = [
  identity("external/internet", "external"),
  identity("shop/front-end"),
  identity("shop/orders"),
  identity("shop/user"),
  identity("shop/user-db", "store"),
];

interface Asked {
  readonly client: string;
  readonly server: string;
  readonly method?: string;
  readonly route?: string;
  readonly count: number;
  readonly outcome?: Outcome;
  readonly status?: number;
  readonly latencyMs?: number;
}

/** What the server's own sidecar says of some requests, all of the same latency. */
export function served(asked: Asked): Observation {
  const { client, server, method = "GET", route = "/", count, outcome = "success", latencyMs = 5 } = asked;
  const micros = Array.from({ length: count }, () => latencyMs * 1000);
  return {
    side: "destination",
    client,
    server,
    protocol: "http",
    method,
    route,
    outcome,
    status: asked.status ?? 200,
    count,
    buckets: bucketsOf(micros),
    requestBytes: 0,
    responseBytes: 0,
    active: 0,
  };
}

/** A second of connections to a store, as the client's sidecar counts them; one closed that was opened 90 minutes before. */
export function connected(
  client: string,
  server: string,
  { opened, open }: { opened: number; open: number },
): Observation {
  const observation = served({ client, server, method: "", route: "", count: opened, status: 0 });
  const buckets = bucketsOf([90 * 60 * 1e6]);
  const moved = { requestBytes: 8_750, responseBytes: 31_250 };
  return { ...observation, side: "source", protocol: "tcp", buckets, active: open, ...moved };
}

/** Each workload but the store has a pod, `user` one for either caller; the second one is newer. */
function inPods(observation: Observation): PodTraffic {
  const { side, client, server, protocol, outcome, count, buckets, requestBytes, responseBytes } = observation;
  const isSecond = server === "shop/user" && client === "shop/orders";
  const ends = { client: podOf(client), server: podOf(server, isSecond ? "1" : "0") };
  return { side, ...ends, protocol, outcome, count, buckets, requestBytes, responseBytes };
}

function podOf(workload: string, number = "0"): PodEnd {
  if (!workload.startsWith("shop/") || workload === "shop/user-db") return unknownPod(workload);
  return { workload, pod: `${workload}-${number}`, node: `worker-${number}`, version: number === "0" ? "v1" : "v2" };
}

export function windowOf(reporter: string, startMs: number, observations: readonly Observation[]): ReportedWindow {
  return {
    reporter,
    instance: Buffer.from(reporter).toString("hex").padEnd(32, "0").slice(0, 32),
    startMs,
    durationMs: 1000,
    nodes: shopNodes,
    observations,
    pods: observations.map(inPods),
    losses: [],
    exemplars: [],
  };
}

/** One second of the shop, with the cards of `user` failing. */
export function shopSecond(startMs: number): ReportedWindow[] {
  const user = "shop/user";
  return [
    windowOf("shop/front-end", startMs, [
      served({ client: "external/internet", server: "shop/front-end", count: 40, latencyMs: 12 }),
    ]),
    windowOf(user, startMs, [
      served({ client: "shop/front-end", server: user, route: "/cards/{id}", count: 6, latencyMs: 10 }),
      served({
        client: "shop/front-end",
        server: user,
        route: "/cards/{id}",
        count: 4,
        outcome: "serverError",
        status: 500,
        latencyMs: 30,
      }),
      served({ client: "shop/orders", server: user, route: "/cards/{id}", count: 10, latencyMs: 100 }),
      served({ client: "shop/orders", server: user, route: "/addresses/{id}", count: 20, latencyMs: 8 }),
      connected(user, "shop/user-db", { opened: 1, open: 7 }),
    ]),
  ];
}
