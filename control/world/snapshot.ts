import type { NodeIdentity } from "../identity/node.ts";
import { BucketSums } from "./bucket-sums.ts";
import { diagnose } from "./diagnosis.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { EdgeReading } from "./edge-reading.ts";
import { groupBy } from "./group-by.ts";
import { healthRank, worstHealth } from "./health.ts";
import type { Verdict } from "./health.ts";
import type { Health, Snapshot, SnapshotEdge, SnapshotEndpoint, SnapshotNode, WireFacts } from "./model.ts";
import { redOf, sumCounts } from "./red.ts";
import { isOnlyOnTheWire } from "./reporter-rule.ts";
import { troublePath } from "./trouble-path.ts";

/** What a snapshot is made of. */
export interface SnapshotParts extends Pick<Snapshot, "atMs" | "windowSeconds" | "losses" | "reporters"> {
  /** Nodes to show, in any order. */
  readonly nodes: readonly NodeIdentity[];
  /** Edges to show, in any order; both ends are among the nodes. */
  readonly edges: readonly EdgeToShow[];
  readonly maxEndpointsShown: number;
}

export interface EdgeToShow {
  readonly reading: EdgeReading;
  readonly total: number;
  readonly wire?: WireFacts | undefined;
}

/** Puts a snapshot together. The same parts give the same snapshot, in whatever order they come. */
export function snapshotOf(parts: SnapshotParts): Snapshot {
  const readings = parts.edges.map((edge) => edge.reading);
  const diagnosis = diagnose(readings);
  const edges = parts.edges.map((edge) => edgeOf(edge, diagnosis, parts.maxEndpointsShown)).sort(byId);
  const hurt: readonly Health[] = ["failing", "degraded", "affected"];
  const path = troublePath(
    edges
      .filter((edge) => edge.health !== "idle")
      .map(({ id, client, server, health, red }) => ({
        id,
        client,
        server,
        isFailing: health === "failing",
        isHurt: hurt.includes(health),
        errors: red.serverErrors + red.notReached,
      })),
  );
  const { atMs, windowSeconds, losses, reporters } = parts;
  return { atMs, windowSeconds, nodes: nodesOf(parts, edges), edges, troublePath: path, losses, reporters };
}

type Diagnose = (id: string, verdict: Verdict) => Diagnosis;

function edgeOf({ reading, total, wire }: EdgeToShow, diagnosis: Diagnose, maxEndpoints: number): SnapshotEdge {
  const { edge, shown, red, verdict, requestBytesRate, responseBytesRate, lifetime } = reading;
  const own = diagnosis(edge.id, verdict);
  const endpoints = reading.endpoints.map((endpoint): SnapshotEndpoint => {
    const { method, route } = endpoint.endpoint;
    const told = diagnosis(endpoint.id, endpoint.verdict);
    return { protocol: edge.protocol, method, route, ...told, red: endpoint.red, statuses: endpoint.statuses };
  });
  endpoints.sort(worstThenBusiest);
  let active = 0;
  for (const { endpoint } of reading.endpoints) active += endpoint.open.sum(shown.side);
  const isInUse = active > 0 || requestBytesRate + responseBytesRate > 0;
  return {
    id: edge.id,
    client: edge.client.id,
    server: edge.server.id,
    protocol: edge.protocol,
    health: edgeHealth([own.health, ...endpoints.map((endpoint) => endpoint.health)], isInUse),
    findings: [...own.findings, ...findingsOfWorst(endpoints)],
    red,
    shownFrom: shown.side,
    total,
    active,
    requestBytesRate,
    responseBytesRate,
    lifetime,
    ...(wire && { wire }),
    lastSeenMs: edge.lastSeenMs,
    endpoints: endpoints.slice(0, maxEndpoints),
    endpointsCut: Math.max(0, endpoints.length - maxEndpoints),
  };
}

/** The worst; an edge on which nothing was opened lately, but connections are open or bytes moved, is in use. */
function edgeHealth(healths: readonly Health[], isInUse: boolean): Health {
  const worst = worstHealth(healths);
  return worst === "idle" && isInUse ? "healthy" : worst;
}

/** What an edge says of its endpoints: the findings of the worst one, named. */
function findingsOfWorst(endpoints: readonly SnapshotEndpoint[]): SnapshotEdge["findings"] {
  const worst = endpoints[0];
  if (!worst) return [];
  const name = `${worst.method} ${worst.route}`.trim();
  return worst.findings.map(({ kind, text }) => ({ kind, text: name === "" ? text : `${name}: ${text}` }));
}

function nodesOf(parts: SnapshotParts, edges: readonly SnapshotEdge[]): SnapshotNode[] {
  const inbound = groupBy(parts.edges, ({ reading }) => reading.edge.server.id);
  const edgesTo = groupBy(edges, (edge) => edge.server);
  const edgesFrom = groupBy(edges, (edge) => edge.client);
  return parts.nodes
    .map((identity): SnapshotNode => {
      const to = edgesTo.get(identity.id) ?? [];
      const from = edgesFrom.get(identity.id) ?? [];
      const served = servedRequests((inbound.get(identity.id) ?? []).map(({ reading }) => reading));
      const latency = new BucketSums();
      // How long connections lived says nothing of how fast a node answers.
      for (const { edge, durations } of served) if (edge.protocol !== "tcp") latency.merge(durations);
      return {
        ...identity,
        health: nodeHealth(to, from),
        inbound: redOf(sumCounts(served.map(({ counts }) => counts)), latency.read([]), parts.windowSeconds),
        lastSeenMs: [...to, ...from].reduce((latest, edge) => Math.max(latest, edge.lastSeenMs), 0),
      };
    })
    .sort(byId);
}

/** Of a client whose queries a tap counts, the connections that carry them are not added to these. */
function servedRequests(readings: readonly EdgeReading[]): readonly EdgeReading[] {
  const asking = new Set(readings.filter(({ edge }) => isOnlyOnTheWire(edge.protocol)).map(({ edge }) => edge.client));
  return readings.filter(({ edge }) => edge.protocol !== "tcp" || !asking.has(edge.client));
}

/** The worst of what it serves. What serves nothing now but calls others is alive, and no more can be said. */
function nodeHealth(to: readonly SnapshotEdge[], from: readonly SnapshotEdge[]): Health {
  const served = worstHealth(to.map((edge) => edge.health));
  return served === "idle" && from.some((edge) => edge.health !== "idle") ? "healthy" : served;
}

function worstThenBusiest(a: SnapshotEndpoint, b: SnapshotEndpoint): number {
  return (
    healthRank(a.health) - healthRank(b.health) ||
    b.red.requests - a.red.requests ||
    compare(a.route, b.route) ||
    compare(a.method, b.method)
  );
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compare(a.id, b.id);
}

/** By code unit: the same everywhere, whatever the locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
