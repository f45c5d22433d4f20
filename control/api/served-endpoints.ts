import { ENDPOINTS, factsOfEndpoint } from "../world/attributes.ts";
import type { Filter, Filters } from "../world/filters.ts";
import { groupBy } from "../world/group-by.ts";
import { healthRank } from "../world/health.ts";
import type { Snapshot, SnapshotEdge, SnapshotEndpoint } from "../world/model.ts";
import { mergeReds } from "../world/red.ts";
import { bounded } from "./limits.ts";
import type { PagedQuestion } from "./pages.ts";
import type { LatencySource } from "./sources.ts";

/** An endpoint as its server sees it: over all clients, or over the one that was asked for. */
export interface ServedEndpoint extends SnapshotEndpoint {
  readonly server: string;
}

/** What is asked for; node ids, where what is empty or left out matches everything. */
export interface EndpointFilter extends PagedQuestion {
  readonly server?: string | undefined;
  readonly client?: string | undefined;
  /** Of ENDPOINTS. */
  readonly filters: Filters;
}

/** One endpoint of one edge. */
interface Part {
  readonly edge: SnapshotEdge;
  readonly endpoint: SnapshotEndpoint;
}

const maxStatuses = 5;

/** The endpoints of a snapshot, each once however many clients ask for it; worst first, then busiest. */
export function servedEndpoints(
  snapshot: Snapshot,
  world: LatencySource,
  { server, client, filters, page }: EndpointFilter,
): ServedEndpoint[] {
  const nodes = new Map(snapshot.nodes.map((node) => [node.id, node]));
  // Who asks is told of the parts; how it fares, of the whole.
  const ofParts = filters.only((filter) => !isOfWhole(filter));
  const ofWhole = filters.only(isOfWhole);
  const parts: Part[] = [];
  for (const edge of snapshot.edges) {
    if ((server && edge.server !== server) || (client && edge.client !== client)) continue;
    for (const endpoint of edge.endpoints) {
      if (ofParts.match(factsOfEndpoint({ edge, endpoint }, nodes))) parts.push({ edge, endpoint });
    }
  }
  const groups = groupBy(parts, ({ edge, endpoint: { protocol, method, route } }) =>
    JSON.stringify([edge.server, protocol, method, route]),
  );
  const wanted = [...groups.values()].filter((group) => ofWhole.match(() => [worstOf(group).health]));
  return bounded(wanted, ENDPOINTS.name, page)
    .map((group) => merge(group, world, snapshot.windowSeconds))
    .sort(byTrouble);
}

function isOfWhole({ attribute }: Filter): boolean {
  return attribute === "health";
}

function byTrouble(a: ServedEndpoint, b: ServedEndpoint): number {
  return healthRank(a.health) - healthRank(b.health) || b.red.rate - a.red.rate;
}

function merge(parts: readonly Part[], world: LatencySource, windowSeconds: number): ServedEndpoint {
  const endpoints = parts.map(({ endpoint }) => endpoint);
  const worst = worstOf(parts);
  const server = parts[0]!.edge.server;
  if (parts.length === 1) return { ...worst, server };
  const { method, route } = worst;
  const ids = parts.map(({ edge }) => edge.id);
  const red = mergeReds(
    endpoints.map((endpoint) => endpoint.red),
    world.latencyOver(ids, method, route),
    windowSeconds,
  );
  return { ...worst, server, red, statuses: sumStatuses(endpoints) };
}

function worstOf(parts: readonly Part[]): SnapshotEndpoint {
  return parts.reduce((a, b) => (healthRank(b.endpoint.health) < healthRank(a.endpoint.health) ? b : a)).endpoint;
}

/** Exact for statuses that are among the five most frequent of every edge; others were cut there already. */
function sumStatuses(endpoints: readonly SnapshotEndpoint[]): SnapshotEndpoint["statuses"] {
  const counts = new Map<number, number>();
  for (const { statuses } of endpoints) {
    for (const { status, count } of statuses) counts.set(status, (counts.get(status) ?? 0) + count);
  }
  const sorted = [...counts].sort((left, right) => right[1] - left[1] || left[0] - right[0]);
  return sorted.slice(0, maxStatuses).map(([status, count]) => ({ status, count }));
}
