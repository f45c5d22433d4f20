/** From the words of the world model to those of stats.proto: milliseconds become seconds, null becomes absent. */
import * as proto from "#proto/stats.ts";
import type { NodeKind } from "../identity/node.ts";
import type { Health, Red, WireFacts } from "../world/model.ts";
import type { PodFigures } from "../world/pod-figures.ts";
import type { TopologyEdge, TopologyNode } from "../world/topology.ts";
import type { ServedEndpoint } from "./served-endpoints.ts";
import type { RouteRuleStatus } from "./sources.ts";
import type { Page } from "./pages.ts";
import type { PathsAnswer } from "./path-answers.ts";
import type { TopologyAnswer, Window } from "./topology-answers.ts";

const nodeKinds: Readonly<Record<NodeKind, proto.NodeKind>> = {
  workload: proto.NodeKind.NODE_KIND_WORKLOAD,
  store: proto.NodeKind.NODE_KIND_STORE,
  unmeshed: proto.NodeKind.NODE_KIND_UNMESHED,
  external: proto.NodeKind.NODE_KIND_EXTERNAL,
  unresolved: proto.NodeKind.NODE_KIND_UNRESOLVED,
};

const healths: Readonly<Record<Health, proto.Health>> = {
  idle: proto.Health.HEALTH_IDLE,
  healthy: proto.Health.HEALTH_HEALTHY,
  degraded: proto.Health.HEALTH_DEGRADED,
  failing: proto.Health.HEALTH_FAILING,
  affected: proto.Health.HEALTH_AFFECTED,
};

export function toTopology({ nodes, edges, ...window }: TopologyAnswer): proto.Topology {
  return { ...toWindow(window), nodes: nodes.map(toNode), edges: edges.map(toEdge) };
}

export function toPaths({ paths, nextPageToken, ...window }: Page<PathsAnswer>): proto.ListPathsResponse {
  const toPath = ({ nodes, edges, health }: PathsAnswer["paths"][number]): proto.Path => {
    return { nodes: [...nodes], edges: edges.map(toEdge), health: healths[health] };
  };
  return { ...toWindow(window), paths: paths.map(toPath), nextPageToken };
}

/** The window that an answer speaks of. */
export function toWindow({ atMs, windowSeconds }: Window): { at: Date; windowSeconds: number } {
  return { at: new Date(atMs), windowSeconds };
}

export function toNode(node: TopologyNode): proto.Node {
  const { id, namespace, name, workloadKind, service, reason, members = [], memberCount = 0 } = node;
  const kind = node.kind === null ? proto.NodeKind.NODE_KIND_UNSPECIFIED : nodeKinds[node.kind];
  return {
    id,
    kind,
    namespace,
    name,
    workloadKind,
    service,
    reason,
    health: healths[node.health],
    inbound: toRed(node.inbound),
    members: [...members],
    memberCount,
  };
}

export function toEndpoint({ server, protocol, method, route, health, red }: ServedEndpoint): proto.Endpoint {
  return { server, protocol, method, route, health: healths[health], red: toRed(red) };
}

export function toPod({ pod, workload, node, version, inbound, outbound, ...rates }: PodFigures): proto.Pod {
  const { inboundBytesRate, outboundBytesRate } = rates;
  const reds = { inbound: toRed(inbound), outbound: toRed(outbound) };
  return { id: pod, workload, node, version, ...reds, inboundBytesRate, outboundBytesRate };
}

export function toRouteRule({ server, rule, source, sinceMs, values }: RouteRuleStatus): proto.RouteRule {
  return { server, rule, source, since: sinceMs === null ? undefined : new Date(sinceMs), values: values ?? 0 };
}

function toEdge({ client, server, protocol, health, red, ...edge }: TopologyEdge): proto.Edge {
  const { total, active, requestBytesRate, responseBytesRate, lifetime, wire } = edge;
  return {
    client,
    server,
    protocol,
    health: healths[health],
    red: toRed(red),
    total,
    active: active ?? undefined,
    requestBytesRate,
    responseBytesRate,
    lifetimeP50Seconds: toSeconds(lifetime.p50Ms),
    lifetimeP95Seconds: toSeconds(lifetime.p95Ms),
    lifetimeP99Seconds: toSeconds(lifetime.p99Ms),
    wire: wire && toWire(wire),
  };
}

function toWire({ handshake, ...counts }: WireFacts): proto.Wire {
  return {
    ...counts,
    handshakeP50Seconds: toSeconds(handshake.p50Ms),
    handshakeP95Seconds: toSeconds(handshake.p95Ms),
    handshakeP99Seconds: toSeconds(handshake.p99Ms),
  };
}

function toRed({ p50Ms, p95Ms, p99Ms, ...counts }: Red): proto.Red {
  return { ...counts, p50Seconds: toSeconds(p50Ms), p95Seconds: toSeconds(p95Ms), p99Seconds: toSeconds(p99Ms) };
}

function toSeconds(milliseconds: number | null): number | undefined {
  return milliseconds === null ? undefined : milliseconds / 1000;
}
