/** Snapshots by hand, for what is tested apart from the world: fresh copies on each call. */
import type {
  Health,
  Red,
  Snapshot,
  SnapshotEdge,
  SnapshotEndpoint,
  SnapshotNode,
} from "../../../control/world/model.ts";

export function red(requests: number, given: Partial<Red> = {}): Red {
  return {
    requests,
    rate: requests / 30,
    clientErrors: 0,
    serverErrors: 0,
    notReached: 0,
    errorShare: 0,
    p50Ms: requests > 0 ? 5 : null,
    p95Ms: requests > 0 ? 20 : null,
    p99Ms: requests > 0 ? 50 : null,
    ...given,
  };
}

export function node(id: string, given: Partial<SnapshotNode> = {}): SnapshotNode {
  const [namespace = "", name = ""] = id.split("/");
  return {
    id,
    kind: "workload",
    namespace,
    name,
    workloadKind: "Deployment",
    service: name,
    reason: "",
    health: "healthy",
    inbound: red(0),
    lastSeenMs: 0,
    ...given,
  };
}

export function endpoint(
  method: string,
  route: string,
  requests: number,
  given: Partial<SnapshotEndpoint> = {},
): SnapshotEndpoint {
  const statuses = [{ status: 200, count: requests }];
  return { protocol: "http", method, route, health: "healthy", findings: [], red: red(requests), statuses, ...given };
}

export function edge(
  client: string,
  server: string,
  endpoints: SnapshotEndpoint[],
  given: Partial<SnapshotEdge> = {},
): SnapshotEdge {
  const requests = endpoints.reduce((sum, each) => sum + each.red.requests, 0);
  const health: Health = endpoints.some((each) => each.health === "failing") ? "failing" : "healthy";
  return {
    id: `${client}>${server}/http`,
    client,
    server,
    protocol: "http",
    health,
    findings: [],
    red: red(requests),
    shownFrom: "destination",
    total: requests,
    active: 0,
    requestBytesRate: 0,
    responseBytesRate: 0,
    lifetime: { p50Ms: null, p95Ms: null, p99Ms: null },
    lastSeenMs: 0,
    endpoints,
    endpointsCut: 0,
    ...given,
  };
}

export function snapshot(given: Partial<Snapshot> = {}): Snapshot {
  return {
    atMs: 1_767_225_600_000,
    windowSeconds: 30,
    nodes: [],
    edges: [],
    troublePath: [],
    losses: [],
    reporters: 0,
    ...given,
  };
}
