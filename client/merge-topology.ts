import type { Edge, GetTopologyResponse, Node, Topology } from "#proto/stats.ts";

/** One topology out of its pages: the node of many edges is on many of them. */
export async function mergeTopology(pages: AsyncIterable<GetTopologyResponse>): Promise<Topology> {
  const nodes = new Map<string, Node>();
  const edges: Edge[] = [];
  let window: Pick<Topology, "at" | "windowSeconds"> = { at: undefined, windowSeconds: 0 };
  for await (const { topology } of pages) {
    if (!topology) continue;
    window = { at: topology.at, windowSeconds: topology.windowSeconds };
    for (const node of topology.nodes) nodes.set(node.id, node);
    for (const edge of topology.edges) edges.push(edge);
  }
  return { ...window, nodes: [...nodes.values()], edges };
}
