/** Nodes and edges without what is asked for by itself: the words in which questions about the graph are answered. */
import type { NodeKind } from "../identity/node.ts";
import type { ReporterSide } from "../identity/observation.ts";
import type { SnapshotEdge, SnapshotNode } from "./model.ts";

/** A node, or a group of them. */
export interface TopologyNode extends Omit<SnapshotNode, "kind"> {
  /** Of a group: what all its members are; null where they differ. */
  readonly kind: NodeKind | null;
  /** Of a group: ids of its members in order, the first hundred, and how many there are. */
  readonly members?: readonly string[];
  readonly memberCount?: number;
}

/** An edge, or all between two groups, without its endpoints. */
export interface TopologyEdge extends Omit<SnapshotEdge, "endpoints" | "endpointsCut" | "shownFrom"> {
  /** Of groups: null where their edges are shown from different sides. */
  readonly shownFrom: ReporterSide | null;
}

export interface Topology {
  readonly nodes: readonly TopologyNode[];
  readonly edges: readonly TopologyEdge[];
}

export function withoutEndpoints({ endpoints: _endpoints, endpointsCut: _cut, ...edge }: SnapshotEdge): TopologyEdge {
  return edge;
}
