/**
 * One snapshot, indexed for the questions that the rooms ask. Pure: the same snapshot gives the same answers.
 */
import type { Red, Snapshot, SnapshotEdge, SnapshotEndpoint, SnapshotNode } from "../../../control/world/model.ts";

export interface World {
  readonly snapshot: Snapshot;
  readonly nodes: ReadonlyMap<string, SnapshotNode>;
  readonly edges: ReadonlyMap<string, SnapshotEdge>;
  /** Edges that end at a node (its callers), and edges that begin there. */
  readonly into: ReadonlyMap<string, readonly SnapshotEdge[]>;
  readonly outOf: ReadonlyMap<string, readonly SnapshotEdge[]>;
  readonly troublePath: ReadonlySet<string>;
}

/** Indexes a snapshot. Edges whose ends are not among the nodes are left out: nothing could be drawn for them. */
export function indexSnapshot(snapshot: Snapshot): World {
  const nodes = new Map(snapshot.nodes.map((node) => [node.id, node]));
  const edges = new Map<string, SnapshotEdge>();
  const into = new Map<string, SnapshotEdge[]>();
  const outOf = new Map<string, SnapshotEdge[]>();
  for (const edge of snapshot.edges) {
    if (!nodes.has(edge.client) || !nodes.has(edge.server)) continue;
    edges.set(edge.id, edge);
    append(into, edge.server, edge);
    append(outOf, edge.client, edge);
  }
  return { snapshot, nodes, edges, into, outOf, troublePath: new Set(snapshot.troublePath) };
}

export function edgesInto(world: World, id: string): readonly SnapshotEdge[] {
  return world.into.get(id) ?? [];
}

export function edgesOutOf(world: World, id: string): readonly SnapshotEdge[] {
  return world.outOf.get(id) ?? [];
}

/** Whether this was ever more than a line of the inventory. */
export function hasTraffic(world: World): boolean {
  return world.edges.size > 0;
}

/** Errors as health counts them: server errors and what never arrived or never answered. */
export function errorsOf(red: Red): number {
  return red.serverErrors + red.notReached;
}

/** "GET /customers/{id}", or the protocol where an endpoint has no name of its own (TCP). */
export function endpointName(endpoint: Pick<SnapshotEndpoint, "method" | "route" | "protocol">): string {
  const name = `${endpoint.method} ${endpoint.route}`.trim();
  return name || endpoint.protocol.toUpperCase();
}

/** The name of the other end of an id, where the node itself is not at hand: "shop/user" -> "user". */
export function shortName(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

/** TCP edges count connections; their load is what is open, not what was opened. */
export function isConnections(edge: SnapshotEdge): boolean {
  return edge.protocol === "tcp";
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
