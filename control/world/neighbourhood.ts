/** Which way edges are followed: to those that call, to those that are called, or both ways. */
export type Direction = "clients" | "servers" | "both";

/** What lies so many hops around a node. */
export interface Around {
  /** Its id. */
  readonly node: string;
  readonly hops: number;
  readonly direction: Direction;
}

interface Ends {
  readonly client: string;
  readonly server: string;
}

/**
 * The nodes that are reached, that in the middle among them, and the edges that are followed: those whose following is
 * one of the first `hops` steps. An edge between two nodes that are reached with the last step is not.
 */
export function neighbourhood<Edge extends Ends>(
  edges: readonly Edge[],
  { node, hops, direction }: Around,
): { readonly nodes: ReadonlySet<string>; readonly edges: readonly Edge[] } {
  const reached = new Set([node]);
  const followed = new Set<Edge>();
  for (let hop = 0; hop < hops; hop++) {
    const known = new Set(reached);
    const before = followed.size;
    for (const edge of edges) {
      const leads =
        (direction !== "clients" && known.has(edge.client)) || (direction !== "servers" && known.has(edge.server));
      if (leads) followed.add(edge);
    }
    if (followed.size === before) break;
    for (const { client, server } of followed) reached.add(client).add(server);
  }
  return { nodes: reached, edges: edges.filter((edge) => followed.has(edge)) };
}
