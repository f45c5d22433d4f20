/**
 * What is wrong, as the on-call engineer wants to read it: the endpoints at fault, worst first, and for everything that
 * merely suffers, whose fault it is.
 */
import type { Finding, Health, SnapshotEdge, SnapshotEndpoint } from "../../../control/world/model.ts";
import { edgeHealth, HEALTH_WORD, hurts, severity } from "./health.ts";
import { edgesInto, edgesOutOf, endpointName, errorsOf, shortName, type World } from "./world.ts";

/** One endpoint at fault, over all edges on which it shows. */
export interface Fault {
  /** Stable while the fault lasts: the server and the endpoint. */
  readonly id: string;
  readonly server: string;
  readonly endpoint: SnapshotEndpoint;
  readonly health: Health;
  /** "38 % errors (limit 5 %)", from the edge where it is worst. */
  readonly reason: string;
  /** Edges on which it shows, worst first. */
  readonly edges: readonly SnapshotEdge[];
  readonly rate: number;
  readonly errorShare: number;
}

/** Bound of the list; what lies behind the twentieth fault is read in the table of services. */
const MAX_FAULTS = 20;

/** The endpoints at fault: failing before degraded, then by errors. Symptoms ("affected") are not faults. */
export function findFaults(world: World): Fault[] {
  const found = new Map<string, { edges: SnapshotEdge[]; endpoints: SnapshotEndpoint[] }>();
  for (const edge of world.edges.values()) {
    for (const endpoint of faultyEndpoints(edge)) {
      const id = `${edge.server} ${endpoint.protocol} ${endpointName(endpoint)}`;
      const entry = found.get(id) ?? { edges: [], endpoints: [] };
      entry.edges.push(edge);
      entry.endpoints.push(endpoint);
      found.set(id, entry);
    }
  }
  return [...found]
    .map(([id, { edges, endpoints }]) => mergeFault(id, edges, endpoints))
    .sort(
      (a, b) =>
        severity(a.health) - severity(b.health) || b.errorShare * b.rate - a.errorShare * a.rate || b.rate - a.rate,
    )
    .slice(0, MAX_FAULTS);
}

/** An edge can be past a limit only in sum, with no endpoint past it alone; then its worst endpoint stands for it. */
function faultyEndpoints(edge: SnapshotEdge): readonly SnapshotEndpoint[] {
  const faulty = edge.endpoints.filter(({ health }) => isFault(health));
  if (faulty.length > 0 || !isFault(edge.health)) return faulty;
  return [...edge.endpoints].sort(compareEndpoints).slice(0, 1);
}

/** Symptoms hurt too, but they are nobody's fault. */
function isFault(health: Health): boolean {
  return health === "failing" || health === "degraded";
}

function mergeFault(id: string, edges: readonly SnapshotEdge[], endpoints: readonly SnapshotEndpoint[]): Fault {
  const order = endpoints.map((_, index) => index).sort((a, b) => compareEndpoints(endpoints[a]!, endpoints[b]!));
  const first = order[0]!;
  const rate = endpoints.reduce((sum, { red }) => sum + red.rate, 0);
  const requests = endpoints.reduce((sum, { red }) => sum + red.requests, 0);
  const errors = endpoints.reduce((sum, { red }) => sum + errorsOf(red), 0);
  const finding = endpoints[first]!.findings[0] ?? edges[first]!.findings[0];
  return {
    id,
    server: edges[first]!.server,
    endpoint: endpoints[first]!,
    health: hurts(endpoints[first]!.health) ? endpoints[first]!.health : edges[first]!.health,
    reason: finding?.text ?? "Past a limit",
    edges: order.map((index) => edges[index]!),
    rate,
    errorShare: requests === 0 ? 0 : errors / requests,
  };
}

function compareEndpoints(a: SnapshotEndpoint, b: SnapshotEndpoint): number {
  return severity(a.health) - severity(b.health) || errorsOf(b.red) - errorsOf(a.red) || b.red.rate - a.red.rate;
}

/**
 * Whose fault it is that a node suffers: the nearest fault downstream, breadth first. Undefined where none is found,
 * for example because it was cut from the snapshot.
 */
export function causeOf(world: World, nodeId: string): { server: string; endpoint: string } | undefined {
  const seen = new Set([nodeId]);
  let level = [nodeId];
  while (level.length > 0) {
    const calls = level.flatMap((id) => edgesOutOf(world, id));
    const fault = calls.find(({ health }) => health === "failing") ?? calls.find(({ health }) => health === "degraded");
    if (fault) return { server: fault.server, endpoint: worstEndpoint(fault) };
    level = [...new Set(calls.map(({ server }) => server))].filter((id) => !seen.has(id));
    for (const id of level) seen.add(id);
  }
  return undefined;
}

function worstEndpoint(edge: SnapshotEdge): string {
  const endpoint = [...edge.endpoints].sort(compareEndpoints)[0];
  return endpoint ? endpointName(endpoint) : edge.protocol.toUpperCase();
}

/** Why a node is in its state, to be read after the word for it; empty when there is nothing to explain. */
export function nodeReason(world: World, nodeId: string): string {
  const node = world.nodes.get(nodeId);
  if (!node) return "";
  if (node.health === "affected") return affectedText(world, nodeId);
  if (!hurts(node.health)) return node.kind === "unresolved" ? node.reason : "";
  const worstEdge = [...edgesInto(world, nodeId)].sort((a, b) => severity(a.health) - severity(b.health))[0];
  if (!worstEdge) return "";
  const endpoint = worstEdge.endpoints.filter(({ health }) => health === worstEdge.health).sort(compareEndpoints)[0];
  const finding = endpoint?.findings[0] ?? worstEdge.findings[0];
  return finding ? `${finding.text}${endpoint ? ` on ${endpointName(endpoint)}` : ""}` : "";
}

/** Why an edge is in its state. */
export function edgeReason(world: World, edge: SnapshotEdge): string {
  if (edge.health === "affected") return affectedText(world, edge.server);
  if (!hurts(edgeHealth(edge))) return "";
  return edge.findings.map(({ text }) => text).join(" · ");
}

function affectedText(world: World, nodeId: string): string {
  const cause = causeOf(world, nodeId);
  return cause ? `by ${shortName(cause.server)}: ${cause.endpoint}` : "by something that it calls";
}

/** Which limits an edge is past, by its own findings and those of its endpoints at fault. */
export function troubleKinds(edge: SnapshotEdge): ReadonlySet<Finding["kind"]> {
  const endpoints = edge.endpoints.filter(({ health }) => health === edge.health);
  return new Set([...edge.findings, ...endpoints.flatMap(({ findings }) => findings)].map(({ kind }) => kind));
}

/** "failing: 62 % errors", "affected by user: GET /cards", "healthy". */
export function stateInWords(health: Health, reason: string): string {
  const word = HEALTH_WORD[health].toLowerCase();
  if (!reason) return word;
  return reason.startsWith("by ") ? `${word} ${reason}` : `${word}: ${reason}`;
}
