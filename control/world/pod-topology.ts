/**
 * The graph told by pods, or by what they run on or are: the groups that counters of endpoints cannot tell. As groups of
 * workloads do, figures add up, and percentiles are read out of merged buckets.
 */
import type { NodeIdentity } from "../identity/node.ts";
import { OTHER_POD } from "../identity/pod-end.ts";
import type { PodEnd } from "../identity/pod-end.ts";
import { factsOfPodEdge } from "./attributes.ts";
import { NO_LATENCY } from "./bucket-sums.ts";
import { edgeId } from "./edge-state.ts";
import type { Filters } from "./filters.ts";
import type { GroupIdentity } from "./groups.ts";
import { groupBy } from "./group-by.ts";
import { healthRank, judge, slowLimits, worstHealth } from "./health.ts";
import type { Finding, Health, Percentiles, Snapshot } from "./model.ts";
import { neighbourhood } from "./neighbourhood.ts";
import type { Around } from "./neighbourhood.ts";
import { DEFAULT_WORLD_OPTIONS } from "./options.ts";
import { errorCounts } from "./outcomes.ts";
import type { PodEdge, PodPicture } from "./pod-edges.ts";
import { PodTotals } from "./pod-figures.ts";
import type { Topology, TopologyEdge, TopologyNode } from "./topology.ts";

/** Members of a group that are named. */
const MAX_MEMBERS = 100;
/** What stands for what is not known. No pod, node or version has such a name. */
const UNKNOWN = "~unknown";

export type PodGroupBy = "pod" | "node" | "version";

export function isPodGroupBy(word: string): word is PodGroupBy {
  return word === "pod" || word === "node" || word === "version";
}

/** What two pods said, judged by its own figures. */
export interface JudgedPodEdge extends PodEdge {
  readonly health: Health;
  readonly findings: readonly Finding[];
}

export interface PodTopologyQuestion {
  readonly by: PodGroupBy;
  /** Of POD_EDGES: what of the edges is shown. */
  readonly filters: Filters;
  /** Only what lies around a workload. */
  readonly around?: Around | undefined;
  /** What is known of the workloads: a pod is only affected where its workload is. */
  readonly workloads: Pick<Snapshot, "edges">;
}

/** The groups and what is between them; every pod edge goes into exactly one. */
export function podTopology(picture: PodPicture, { by, filters, around, workloads }: PodTopologyQuestion): Topology {
  const { nodes, windowSeconds: seconds } = picture;
  const affected = new Set(workloads.edges.filter(({ health }) => health === "affected").map(({ id }) => id));
  const all = picture.edges.map((edge) => judged(edge, picture, affected));
  const groupOf = (end: PodEnd): GroupIdentity => identityOf(by, end, nodes.get(end.workload));
  const matching = all.filter((edge) => filters.match(factsOfPodEdge(edge, nodes)));
  const edges = around ? near(matching, around) : matching;
  const groups = new Map<string, Group>();
  const groupFor = (end: PodEnd): Group | undefined => groups.get(groupOf(end).id);
  for (const end of edges.flatMap(({ client, server }) => [client, server])) {
    const identity = groupOf(end);
    if (!groups.has(identity.id)) groups.set(identity.id, new Group(identity));
  }
  // Filters pick what is shown; what a pod served is what it served.
  for (const edge of all) {
    groupFor(edge.server)?.served(edge, nodes);
    groupFor(edge.client)?.sent(edge, nodes);
  }
  const between = groupBy(edges, ({ client, server, protocol }) =>
    edgeId({ client: groupOf(client).id, server: groupOf(server).id, protocol }),
  );
  return {
    nodes: [...groups.values()].map((group) => group.node(picture, by)).sort(byId),
    edges: [...between]
      .map(([id, parts]) => {
        const { client, server } = parts[0]!;
        const ends = { id, client: groupOf(client).id, server: groupOf(server).id };
        return mergedEdge(parts, { ...ends, picture, seconds });
      })
      .sort(byId),
  };
}

function judged(edge: PodEdge, { nodes }: PodPicture, affected: ReadonlySet<string>): JudgedPodEdge {
  const { thresholds } = DEFAULT_WORLD_OPTIONS;
  const { client, server, protocol, sums } = edge;
  const counts = errorCounts(sums.outcomes, protocol, nodes.get(client.workload)?.kind ?? "unresolved");
  const latency = protocol === "tcp" ? NO_LATENCY : sums.latency.read(slowLimits(thresholds));
  const { health, findings } = judge(counts, latency, protocol, thresholds);
  const workloads = edgeId({ client: client.workload, server: server.workload, protocol });
  const isHurt = health === "failing" || health === "degraded";
  if (isHurt && affected.has(workloads)) return { ...edge, health: "affected", findings };
  // Bytes moved, or a connection closed: it is in use.
  return { ...edge, health: health === "idle" ? "healthy" : health, findings };
}

/** The edges that are followed from one of a workload's pods to another's. */
function near(edges: readonly JudgedPodEdge[], around: Around): JudgedPodEdge[] {
  const ends = edges.map((edge) => ({ edge, client: edge.client.workload, server: edge.server.workload }));
  return neighbourhood(ends, around).edges.map(({ edge }) => edge);
}

/** The pods of one group, and what they served. */
class Group {
  readonly #identity: GroupIdentity;
  readonly #inbound = new PodTotals();
  readonly #served: Health[] = [];
  readonly #members = new Set<string>();
  readonly #kinds = new Set<NodeIdentity["kind"]>();
  #workloadKind = "";

  constructor(identity: GroupIdentity) {
    this.#identity = identity;
  }

  served(edge: JudgedPodEdge, nodes: PodPicture["nodes"]): void {
    this.#inbound.add(edge, nodes.get(edge.client.workload)?.kind ?? "unresolved");
    this.#served.push(edge.health);
    this.#has(edge.server, nodes);
  }

  sent(edge: JudgedPodEdge, nodes: PodPicture["nodes"]): void {
    this.#has(edge.client, nodes);
  }

  node({ windowSeconds, atMs }: PodPicture, by: PodGroupBy): TopologyNode {
    const members = [...this.#members].sort();
    return {
      ...this.#identity,
      kind: this.#kinds.size === 1 ? [...this.#kinds][0]! : null,
      workloadKind: by === "node" ? "" : this.#workloadKind,
      // What serves nothing but calls others is alive, and no more can be said.
      health: this.#served.length === 0 ? "healthy" : worstHealth(this.#served),
      inbound: this.#inbound.red(windowSeconds),
      lastSeenMs: atMs,
      members: members.slice(0, MAX_MEMBERS),
      memberCount: members.length,
    };
  }

  #has({ workload, pod }: PodEnd, nodes: PodPicture["nodes"]): void {
    const node = nodes.get(workload);
    this.#members.add(pod === "" || pod === OTHER_POD ? workload : pod);
    if (node) this.#kinds.add(node.kind);
    this.#workloadKind = node?.workloadKind ?? "";
  }
}

interface EdgeMerging extends Pick<TopologyEdge, "id" | "client" | "server"> {
  readonly picture: PodPicture;
  readonly seconds: number;
}

function mergedEdge(parts: readonly JudgedPodEdge[], { picture, seconds, ...ends }: EdgeMerging): TopologyEdge {
  const [first] = parts as [JudgedPodEdge];
  const totals = new PodTotals();
  for (const part of parts) totals.add(part, picture.nodes.get(part.client.workload)?.kind ?? "unresolved");
  const worst = parts.reduce((a, b) => (healthRank(b.health) < healthRank(a.health) ? b : a));
  const isTcp = first.protocol === "tcp";
  return {
    ...ends,
    protocol: first.protocol,
    health: worst.health,
    findings: parts.length === 1 ? worst.findings : named(worst),
    red: totals.red(seconds),
    shownFrom: parts.every(({ shownFrom }) => shownFrom === first.shownFrom) ? first.shownFrom : null,
    total: totals.counts.requests,
    // How many are open is not counted by pod.
    active: isTcp ? null : 0,
    requestBytesRate: totals.requestBytes / seconds,
    responseBytesRate: totals.responseBytes / seconds,
    lifetime: percentiles(totals),
    lastSeenMs: picture.atMs,
  };
}

function named({ client, server, findings }: JudgedPodEdge): Finding[] {
  const name = ({ workload, pod }: PodEnd): string => pod || workload;
  return findings.map(({ kind, text }) => ({ kind, text: `${name(client)} > ${name(server)}: ${text}` }));
}

function percentiles({ lifetime }: PodTotals): Percentiles {
  const { p50Ms, p95Ms, p99Ms } = lifetime.read([]);
  return { p50Ms, p95Ms, p99Ms };
}

/** Who stands for the ends of a group. Nobody outside has pods: each stays by itself. */
function identityOf(by: PodGroupBy, end: PodEnd, node: NodeIdentity | undefined): GroupIdentity {
  const { id, namespace, name, service, reason } = node ?? unnamed(end.workload);
  if (!node || node.kind === "external" || node.kind === "unresolved") return { id, namespace, name, service, reason };
  const { value, ...told } = valueOf(by, end);
  if (by === "node") return { id: value, namespace: "", name: value, service: "", ...told };
  if (by === "version") return { id: `${id}@${value}`, namespace, name: `${name}@${value}`, service, ...told };
  if (told.reason !== "") return { id: `${id}/${value}`, namespace, name: value, service, ...told };
  return { id: value, namespace, name: value.slice(value.indexOf("/") + 1), service, ...told };
}

/** What an end is grouped by, and where that is not known, why. */
function valueOf(by: PodGroupBy, end: PodEnd): { readonly value: string; readonly reason: string } {
  if (end.pod === OTHER_POD) return { value: OTHER_POD, reason: "there are more pods than are kept apart" };
  return end[by] === ""
    ? { value: UNKNOWN, reason: `it is not known which ${by} it was` }
    : { value: end[by], reason: "" };
}

function unnamed(id: string): GroupIdentity {
  return { id, namespace: "", name: id, service: id, reason: "" };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}
