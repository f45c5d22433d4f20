/** What questions tell things apart by: the attributes of nodes, edges and endpoints. */
import { HEALTHS_WORST_FIRST } from "./health.ts";
import type { Health, SnapshotEdge, SnapshotEndpoint, SnapshotNode } from "./model.ts";
import type { NodeIdentity, NodeKind } from "../identity/node.ts";
import { PROTOCOLS } from "../identity/observation.ts";
import type { PodEnd } from "../identity/pod-end.ts";

/** In the order in which they are offered. */
export const ATTRIBUTES = [
  "namespace",
  "workload",
  "service",
  "kind",
  "protocol",
  "health",
  "method",
  "route",
  "pod",
  "node",
  "version",
] as const;

export type Attribute = (typeof ATTRIBUTES)[number];

/** Which end of an edge is meant; undefined for either. */
export type End = "client" | "server" | undefined;

/** Those that both ends of an edge have. */
export const OF_NODES: readonly Attribute[] = ["namespace", "workload", "service", "kind"];

/** Those that only what pods said to each other has: counters of endpoints name workloads. */
export const OF_PODS: readonly Attribute[] = ["pod", "node", "version"];

const KINDS: readonly NodeKind[] = ["workload", "store", "unmeshed", "external", "unresolved"];
const HEALTHS: readonly Health[] = HEALTHS_WORST_FIRST;

/** The only values that an attribute can have, where these are few. */
export const VALUES: Readonly<Partial<Record<Attribute, readonly string[]>>> = {
  kind: KINDS,
  protocol: PROTOCOLS,
  health: HEALTHS,
};

/** The values that something has for an attribute, of one end or of both; none, where it has no such attribute. */
export type Facts = (attribute: Attribute, end: End) => readonly string[];

/** A kind of thing, and what it can be asked for. */
export interface Subject {
  /** In the plural: "edges". */
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly hasEnds: boolean;
}

export const NODES: Subject = { name: "workloads", attributes: [...OF_NODES, "health"], hasEnds: false };
export const EDGES: Subject = { name: "edges", attributes: [...OF_NODES, "protocol", "health"], hasEnds: true };
export const ENDPOINTS: Subject = {
  name: "endpoints",
  attributes: [...EDGES.attributes, "method", "route"],
  hasEnds: true,
};

export const PODS: Subject = { name: "pods", attributes: [...OF_NODES, ...OF_PODS], hasEnds: false };
export const POD_EDGES: Subject = {
  name: "edges between pods",
  attributes: [...EDGES.attributes, ...OF_PODS],
  hasEnds: true,
};

export function factsOfNode(node: SnapshotNode): Facts {
  return (attribute) => (attribute === "health" ? [node.health] : nodeValues(node, attribute));
}

/** @param nodes by id; those at both ends are among them */
export function factsOfEdge(edge: SnapshotEdge, nodes: ReadonlyMap<string, NodeIdentity>): Facts {
  return (attribute, end) => {
    if (attribute === "protocol") return [edge.protocol];
    if (attribute === "health") return [edge.health];
    const ends = end === undefined ? [edge.client, edge.server] : [edge[end]];
    return ends.flatMap((id) => nodeValues(nodes.get(id), attribute));
  };
}

/** What names no end is said of the server. */
export function factsOfEndpoint(
  { edge, endpoint }: { readonly edge: SnapshotEdge; readonly endpoint: SnapshotEndpoint },
  nodes: ReadonlyMap<string, NodeIdentity>,
): Facts {
  const ofEdge = factsOfEdge(edge, nodes);
  return (attribute, end) => {
    if (attribute === "method" || attribute === "route") return [endpoint[attribute]];
    return attribute === "health" ? [endpoint.health] : ofEdge(attribute, end ?? "server");
  };
}

/** Of what is not known of a pod there is no value. */
export function factsOfPod(pod: PodEnd, nodes: ReadonlyMap<string, NodeIdentity>): Facts {
  return (attribute) => podValues(pod, nodes, attribute);
}

export function factsOfPodEdge(
  edge: Pick<SnapshotEdge, "protocol" | "health"> & { readonly client: PodEnd; readonly server: PodEnd },
  nodes: ReadonlyMap<string, NodeIdentity>,
): Facts {
  return (attribute, end) => {
    if (attribute === "protocol" || attribute === "health") return [edge[attribute]];
    const ends = end === undefined ? [edge.client, edge.server] : [edge[end]];
    return ends.flatMap((pod) => podValues(pod, nodes, attribute));
  };
}

function podValues(end: PodEnd, nodes: ReadonlyMap<string, NodeIdentity>, attribute: Attribute): readonly string[] {
  switch (attribute) {
    case "pod":
      return end.pod === "" ? [] : [end.pod, end.pod.slice(end.pod.indexOf("/") + 1)];
    case "node":
    case "version":
      return end[attribute] === "" ? [] : [end[attribute]];
    default:
      return nodeValues(nodes.get(end.workload), attribute);
  }
}

/** What a node has for an attribute. */
export function nodeValues(node: NodeIdentity | undefined, attribute: Attribute): readonly string[] {
  if (!node) return [];
  switch (attribute) {
    case "workload":
      return [node.id, node.name];
    case "namespace":
    case "service":
    case "kind":
      return [node[attribute]];
    default:
      return [];
  }
}
