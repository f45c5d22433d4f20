import { groupBy } from "./group-by.ts";

/** What the path looks at in an edge. */
export interface PathEdge {
  readonly id: string;
  readonly client: string;
  readonly server: string;
  readonly isFailing: boolean;
  /** Past a threshold, be it as a cause or as a symptom. */
  readonly isHurt: boolean;
  readonly errors: number;
}

interface Reached {
  readonly healthyEdges: number;
  readonly edges: number;
  readonly by: PathEdge | undefined;
}

/**
 * The ids of the edges from an entry to the deepest failing edge, in the order of the calls; empty when nothing fails.
 *
 * An entry is a node that nobody calls. The way taken crosses as few healthy edges as there are (the trouble shows
 * along it), then as few edges at all. Where no entry leads to a failing edge, as in a closed cycle, the path is that
 * edge alone. Ties are broken by errors, then by id.
 */
export function troublePath(edges: readonly PathEdge[]): string[] {
  const failing = edges.filter((edge) => edge.isFailing);
  if (failing.length === 0) return [];
  const reached = reachFromEntries(edges);
  const depth = (edge: PathEdge): number => reached.get(edge.client)?.edges ?? -1;
  const target = [...failing].sort((a, b) => depth(b) - depth(a) || b.errors - a.errors || (a.id < b.id ? -1 : 1))[0]!;
  const path = [target.id];
  for (let by = reached.get(target.client)?.by; by; by = reached.get(by.client)?.by) path.unshift(by.id);
  return path;
}

/** For every node the best way to it: Dijkstra in rounds, one round a healthy edge crossed (0-1 breadth-first search). */
function reachFromEntries(edges: readonly PathEdge[]): Map<string, Reached> {
  const sorted = [...edges].sort((a, b) => (a.id < b.id ? -1 : 1));
  const outbound = groupBy(sorted, (edge) => edge.client);
  const called = new Set(sorted.filter((edge) => edge.client !== edge.server).map((edge) => edge.server));
  const reached = new Map<string, Reached>();
  let round = [...outbound.keys()].filter((node) => !called.has(node));
  for (const entry of round) reached.set(entry, { healthyEdges: 0, edges: 0, by: undefined });
  while (round.length > 0) {
    const afterHealthy: string[] = [];
    for (let at = 0; at < round.length; at++) {
      const from = round[at]!;
      for (const edge of outbound.get(from) ?? []) {
        const before = reached.get(from)!;
        const way = { healthyEdges: before.healthyEdges + (edge.isHurt ? 0 : 1), edges: before.edges + 1, by: edge };
        if (!isBetter(way, reached.get(edge.server))) continue;
        reached.set(edge.server, way);
        (edge.isHurt ? round : afterHealthy).push(edge.server);
      }
    }
    round = afterHealthy;
  }
  return reached;
}

function isBetter(way: Reached, than: Reached | undefined): boolean {
  if (!than) return true;
  if (way.healthyEdges !== than.healthyEdges) return way.healthyEdges < than.healthyEdges;
  return way.edges < than.edges;
}
