/** Workloads, topology and endpoints, now and in the past: what both APIs answer, whichever words they use. */
import type { TimeRange } from "../store/store.ts";
import { EDGES, factsOfEdge, factsOfNode, NODES } from "../world/attributes.ts";
import type { Filters } from "../world/filters.ts";
import { GROUPINGS, mergeGroups } from "../world/groups.ts";
import type { GroupBy } from "../world/groups.ts";
import type { PodGroupBy } from "../world/pod-topology.ts";
import type { Snapshot, SnapshotNode } from "../world/model.ts";
import { neighbourhood } from "../world/neighbourhood.ts";
import type { Around } from "../world/neighbourhood.ts";
import { withoutEndpoints } from "../world/topology.ts";
import type { Topology, TopologyEdge, TopologyNode } from "../world/topology.ts";
import type { HistoryReader } from "./history-reader.ts";
import { bounded } from "./limits.ts";
import type { Pageable, PagedQuestion } from "./pages.ts";
import { servedEndpoints } from "./served-endpoints.ts";
import type { ServedEndpoint } from "./served-endpoints.ts";
import type { ApiSources, LatencySource } from "./sources.ts";

/** When is meant: a past range, or undefined for now. */
export interface When {
  readonly past: TimeRange | undefined;
}

/** The window that an answer speaks of. */
export type Window = Pick<Snapshot, "atMs" | "windowSeconds">;

export interface WorkloadsQuestion extends When, PagedQuestion {
  /** Empty or left out: all. */
  readonly namespace?: string | undefined;
  /** Of NODES. */
  readonly filters: Filters;
}

export interface TopologyQuestion extends When, PagedQuestion {
  /** Of EDGES; where pods are told apart, of POD_EDGES. */
  readonly filters: Filters;
  /** Only what lies around a node. */
  readonly around?: Around | undefined;
  /** What nodes are merged by; workloads are told apart, where left out. */
  readonly groupBy?: GroupBy | PodGroupBy | undefined;
}

export interface EndpointsQuestion extends When, PagedQuestion {
  /** Node ids; what is empty or left out matches everything. */
  readonly server?: string | undefined;
  readonly client?: string | undefined;
  /** Whether a server or client that nobody knows is refused, and not answered with nothing. */
  readonly refusesUnknown?: boolean;
  /** Of ENDPOINTS. */
  readonly filters: Filters;
}

export interface WorkloadsAnswer extends Window {
  readonly workloads: readonly SnapshotNode[];
}

export interface TopologyAnswer extends Window, Topology {}

export interface EndpointsAnswer extends Window {
  readonly endpoints: readonly ServedEndpoint[];
}

/** A snapshot, and what works out latencies over its edges. */
export interface Seen {
  readonly snapshot: Snapshot;
  readonly latencies: LatencySource;
}

/** The world that a question is about. */
export async function seen(
  { feed, world }: Pick<ApiSources, "feed" | "world">,
  history: HistoryReader,
  { past, signal }: When & { readonly signal: AbortSignal },
): Promise<Seen> {
  if (!past) return { snapshot: feed.fresh(), latencies: world };
  const picture = await history.picture(past, signal);
  return { snapshot: picture.snapshot, latencies: picture };
}

/** Workloads, with or without traffic; external and unresolved peers are none. Of the past, those that were spoken to. */
export function workloadsOf({ snapshot }: Seen, { namespace, filters, page }: WorkloadsQuestion): WorkloadsAnswer {
  const workloads = snapshot.nodes.filter(
    (node) =>
      node.kind !== "external" &&
      node.kind !== "unresolved" &&
      (!namespace || node.namespace === namespace) &&
      filters.match(factsOfNode(node)),
  );
  return { ...windowOf(snapshot), workloads: bounded(workloads, "workloads", page) };
}

/**
 * The edges that match, and of the nodes those at their ends and those that match by themselves; around a node those that
 * are reached over such edges. Then merged by groups.
 */
export function topologyOf(
  { snapshot, latencies }: Seen,
  question: TopologyQuestion,
  groupBy: GroupBy | undefined,
): TopologyAnswer {
  const { page } = question;
  const picked = pickedBy(question, snapshot);
  const { nodes, edges }: Topology = groupBy
    ? mergeGroups({ ...snapshot, ...picked, served: snapshot.edges }, GROUPINGS[groupBy], (ids) =>
        latencies.durationsOver(ids),
      )
    : picked;
  return {
    ...windowOf(snapshot),
    nodes: bounded(nodes, "nodes", page),
    edges: bounded(edges, EDGES.name, page),
  };
}

/** Nodes and edges that a question speaks of. */
interface Picked {
  readonly nodes: readonly SnapshotNode[];
  readonly edges: readonly TopologyEdge[];
}

function pickedBy({ filters, around }: TopologyQuestion, snapshot: Snapshot): Picked {
  const nodes = new Map(snapshot.nodes.map((node) => [node.id, node]));
  const edges = snapshot.edges.filter((edge) => filters.match(factsOfEdge(edge, nodes)));
  if (around) {
    const near = neighbourhood(edges, around);
    return { nodes: snapshot.nodes.filter(({ id }) => near.nodes.has(id)), edges: near.edges.map(withoutEndpoints) };
  }
  const ends = endsOf(edges);
  const speakOfNodes = filters.fit(NODES);
  const wanted = (node: SnapshotNode): boolean =>
    ends.has(node.id) || (speakOfNodes && filters.match(factsOfNode(node)));
  return { nodes: snapshot.nodes.filter(wanted), edges: edges.map(withoutEndpoints) };
}

/** Page by page by its edges: with those come the nodes at their ends, and with the last ones the nodes without edges. */
export function topologyPages({ nodes, edges, ...window }: TopologyAnswer): Pageable<TopologyAnswer> {
  const connected = endsOf(edges);
  return {
    rows: edges.length,
    page(begin, end) {
      const ofPage = edges.slice(begin, end);
      const ends = endsOf(ofPage);
      const isLast = end >= edges.length;
      const wanted = ({ id }: TopologyNode): boolean => ends.has(id) || (isLast && !connected.has(id));
      return { ...window, nodes: nodes.filter(wanted), edges: ofPage };
    },
  };
}

/** The endpoints that match, each once over all clients that are left; worst first, then busiest. */
export function endpointsOf({ snapshot, latencies }: Seen, question: EndpointsQuestion): EndpointsAnswer {
  return { ...windowOf(snapshot), endpoints: servedEndpoints(snapshot, latencies, question) };
}

function endsOf(edges: readonly Pick<TopologyEdge, "client" | "server">[]): ReadonlySet<string> {
  return new Set(edges.flatMap(({ client, server }) => [client, server]));
}

export function windowOf({ atMs, windowSeconds }: Snapshot): Window {
  return { atMs, windowSeconds };
}
