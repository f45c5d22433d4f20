import { healthRank } from "../world/health.ts";
import type { Percentiles, Red, Snapshot, SnapshotEdge, SnapshotEndpoint } from "../world/model.ts";
import type { LatencySource } from "./sources.ts";

/** An endpoint as its server sees it: over all clients, or over the one that was asked for. */
export interface ServedEndpoint extends SnapshotEndpoint {
  readonly server: string;
}

export interface EndpointFilter {
  /** Node ids; what is empty or left out matches everything. */
  readonly server?: string | undefined;
  readonly client?: string | undefined;
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
  { server, client }: EndpointFilter,
): ServedEndpoint[] {
  const groups = new Map<string, Part[]>();
  for (const edge of snapshot.edges) {
    if ((server && edge.server !== server) || (client && edge.client !== client)) continue;
    for (const endpoint of edge.endpoints) {
      const key = JSON.stringify([edge.server, endpoint.protocol, endpoint.method, endpoint.route]);
      const parts = groups.get(key);
      if (parts) parts.push({ edge, endpoint });
      else groups.set(key, [{ edge, endpoint }]);
    }
  }
  return [...groups.values()].map((parts) => merge(parts, world)).sort(byTrouble);
}

function byTrouble(a: ServedEndpoint, b: ServedEndpoint): number {
  return healthRank(a.health) - healthRank(b.health) || b.red.rate - a.red.rate;
}

function merge(parts: readonly Part[], world: LatencySource): ServedEndpoint {
  const endpoints = parts.map(({ endpoint }) => endpoint);
  const worst = endpoints.reduce((a, b) => (healthRank(b.health) < healthRank(a.health) ? b : a));
  const server = parts[0]!.edge.server;
  if (parts.length === 1) return { ...worst, server };
  const { method, route } = worst;
  const ids = parts.map(({ edge }) => edge.id);
  const red = sum(endpoints, world.latencyOver(ids, method, route));
  return { ...worst, server, red, statuses: sumStatuses(endpoints) };
}

function sum(endpoints: readonly SnapshotEndpoint[], latency: Percentiles): Red {
  const total = { requests: 0, rate: 0, clientErrors: 0, serverErrors: 0, notReached: 0 };
  for (const { red } of endpoints) {
    total.requests += red.requests;
    total.rate += red.rate;
    total.clientErrors += red.clientErrors;
    total.serverErrors += red.serverErrors;
    total.notReached += red.notReached;
  }
  const { requests, serverErrors, notReached } = total;
  return { ...total, errorShare: requests === 0 ? 0 : (serverErrors + notReached) / requests, ...latency };
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
