import type { NodeIdentity, NodeKind } from "../../../control/identity/node.ts";
import type { Exemplar, Observation, ReportedWindow } from "../../../control/identity/observation.ts";
import { bucketsOf } from "../../../control/world/histogram.ts";
import type { Snapshot, SnapshotEdge } from "../../../control/world/model.ts";

/** A whole second, so that windows that begin here fill whole slots. */
export const START_MS = 1_700_000_000_000;

export function identity(id: string, kind: NodeKind = "workload"): NodeIdentity {
  const [namespace = "", name = id] = id.includes("/") ? id.split("/") : ["", id];
  return { id, kind, namespace, name, workloadKind: "Deployment", service: name, reason: "" };
}

/** Requests from "a" to "b" as the server's sidecar counts them, unless said otherwise. */
export function observation(differing: Partial<Observation> = {}): Observation {
  return {
    side: "destination",
    client: "a",
    server: "b",
    protocol: "http",
    method: "GET",
    route: "/",
    outcome: "success",
    status: 200,
    count: 1,
    buckets: [],
    requestBytes: 0,
    responseBytes: 0,
    active: 0,
    ...differing,
  };
}

/** `count` requests that took `ms` each. */
export function timed(count: number, ms: number, differing: Partial<Observation> = {}): Observation {
  const buckets = bucketsOf([ms * 1_000]);
  return observation({ count, buckets: [buckets[0]!, count], ...differing });
}

/** A slow request from "a" to "b" half a second into START_MS, unless said otherwise. */
export function exemplar(differing: Partial<Exemplar> = {}): Exemplar {
  const { side, client, server, protocol, method, route, outcome, status } = observation();
  return {
    reason: "slowest",
    atMs: START_MS + 500,
    ...{ side, client, server, protocol, method, route, outcome, status },
    path: "/",
    durationMs: 10,
    flags: 0,
    requestId: "",
    traceId: "",
    ...differing,
  };
}

/** Connections from "a" to "b" as the client's sidecar counts them, unless said otherwise. */
export function connections(differing: Partial<Observation> = {}): Observation {
  return observation({ side: "source", protocol: "tcp", method: "", route: "", status: 0, ...differing });
}

/** One second of a reporter at START_MS, unless said otherwise. */
export function windowOf(
  observations: readonly Observation[],
  differing: Partial<ReportedWindow> = {},
): ReportedWindow {
  const named = new Set(observations.flatMap(({ client, server }) => [client, server]));
  return {
    reporter: "b",
    instance: "instance-b",
    startMs: START_MS,
    durationMs: 1_000,
    nodes: [...named].map((id) => identity(id, id.startsWith("external/") ? "external" : "workload")),
    observations,
    pods: [],
    losses: [],
    exemplars: [],
    ...differing,
  };
}

/** The edge of this id; fails the test if the snapshot has none. */
export function edgeIn(snapshot: Snapshot, id: string): SnapshotEdge {
  const edge = snapshot.edges.find((candidate) => candidate.id === id);
  if (!edge) throw new Error(`no edge ${id} among ${snapshot.edges.map((other) => other.id).join(", ")}`);
  return edge;
}

/** Every endpoint and edge of these healths, as "edge METHOD route". */
export function endpointsThatAre(snapshot: Snapshot, health: string): string[] {
  return snapshot.edges
    .flatMap((edge) =>
      edge.endpoints
        .filter((endpoint) => endpoint.health === health)
        .map((endpoint) => `${edge.client}>${edge.server} ${endpoint.method} ${endpoint.route}`.trim()),
    )
    .sort();
}
