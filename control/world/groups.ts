/**
 * The graph merged by what its nodes have in common. Counts add up, percentiles are read out of the merged buckets, health
 * is the worst. Every edge goes into exactly one: those inside a group lead from it to itself, so nothing is lost and
 * nothing told twice.
 */
import type { NodeIdentity } from "../identity/node.ts";
import { OF_PODS } from "./attributes.ts";
import type { Attribute } from "./attributes.ts";
import { edgeId } from "./edge-state.ts";
import { groupBy } from "./group-by.ts";
import { healthRank, worstHealth } from "./health.ts";
import type { Percentiles, SnapshotEdge, SnapshotNode } from "./model.ts";
import { mergeReds } from "./red.ts";
import type { Topology, TopologyEdge, TopologyNode } from "./topology.ts";

/** Members of a group that are named. */
const MAX_MEMBERS = 100;

/** Who stands for the nodes of a group. */
export type GroupIdentity = Pick<NodeIdentity, "id" | "namespace" | "name" | "service" | "reason">;

/** The group of each node. */
export type Grouping = (node: NodeIdentity) => GroupIdentity;

/**
 * What has no namespace is told by its kind: "external/*" and "unresolved/*" are one group each. No namespace has such
 * a name.
 */
function byNamespace({ namespace, kind }: NodeIdentity): GroupIdentity {
  const nothing = { service: "", reason: "" };
  if (namespace === "") return { id: `${kind}/*`, namespace: "", name: kind, ...nothing };
  return { id: namespace, namespace, name: namespace, ...nothing };
}

/** A service is of its namespace. What has none stays by itself: each external host, each kind of unresolved peers. */
function byService({ id, namespace, name, service, reason }: NodeIdentity): GroupIdentity {
  if (namespace === "") return { id, namespace, name, service, reason };
  return { id: `${namespace}/${service}`, namespace, name: service, service, reason: "" };
}

export const GROUPINGS = { namespace: byNamespace, service: byService } satisfies Partial<Record<Attribute, Grouping>>;

export type GroupBy = keyof typeof GROUPINGS;

export function isGroupBy(word: string): word is GroupBy {
  return Object.hasOwn(GROUPINGS, word);
}

/** Why nothing is grouped by this, in words that follow its name. */
export function whyNotBy(): string {
  return `makes no groups; there are ${["workload", ...Object.keys(GROUPINGS), ...OF_PODS].join(", ")}`;
}

/** What is merged. */
export interface Members {
  readonly nodes: readonly SnapshotNode[];
  /** Both ends are among the nodes. */
  readonly edges: readonly TopologyEdge[];
  /** Every edge that ends at one of the nodes, whether it is merged or not: what the nodes served. */
  readonly served: readonly Pick<SnapshotEdge, "id" | "server" | "protocol">[];
  readonly windowSeconds: number;
}

/** @param durationsOver percentiles out of the merged buckets of edges, by their ids */
export function mergeGroups(
  { nodes, edges, served, windowSeconds }: Members,
  grouping: Grouping,
  durationsOver: (edges: readonly string[]) => Percentiles,
): Topology {
  const groups = groupBy(nodes, (node) => grouping(node).id);
  const groupOf = new Map([...groups].flatMap(([group, members]) => members.map(({ id }) => [id, group])));
  const inside = served.filter(({ server, protocol }) => protocol !== "tcp" && groupOf.has(server));
  const timed = groupBy(inside, ({ server }) => groupOf.get(server)!);
  const between = groupBy(edges, ({ client, server, protocol }) =>
    edgeId({ client: groupOf.get(client)!, server: groupOf.get(server)!, protocol }),
  );
  const merging = { seconds: windowSeconds, durationsOver };
  return {
    nodes: [...groups.values()]
      .map((members) => mergeNodes(members, { ...merging, identity: grouping(members[0]!), timed }))
      .sort(byId),
    edges: [...between]
      .map(([id, parts]) => {
        const { client, server } = parts[0]!;
        return mergeEdges(parts, { ...merging, id, client: groupOf.get(client)!, server: groupOf.get(server)! });
      })
      .sort(byId),
  };
}

interface Merging {
  /** Length of the window. */
  readonly seconds: number;
  readonly durationsOver: (edges: readonly string[]) => Percentiles;
}

interface NodeMerging extends Merging {
  readonly identity: GroupIdentity;
  /** Edges with latencies, by the group that served them. */
  readonly timed: ReadonlyMap<string, readonly { readonly id: string }[]>;
}

function mergeNodes(members: readonly SnapshotNode[], merging: NodeMerging): TopologyNode {
  const { identity, timed, seconds, durationsOver } = merging;
  const latency = durationsOver((timed.get(identity.id) ?? []).map(({ id }) => id));
  const kinds = new Set(members.map(({ kind }) => kind));
  const ids = members.map(({ id }) => id).sort();
  return {
    ...identity,
    kind: kinds.size === 1 ? members[0]!.kind : null,
    workloadKind: "",
    health: worstHealth(members.map(({ health }) => health)),
    inbound: mergeReds(
      members.map(({ inbound }) => inbound),
      latency,
      seconds,
    ),
    lastSeenMs: latestOf(members),
    members: ids.slice(0, MAX_MEMBERS),
    memberCount: ids.length,
  };
}

interface EdgeMerging extends Merging, Pick<TopologyEdge, "id" | "client" | "server"> {}

function mergeEdges(parts: readonly TopologyEdge[], merging: EdgeMerging): TopologyEdge {
  const { id, client, server, seconds, durationsOver } = merging;
  const [first] = parts as [TopologyEdge];
  const isTcp = first.protocol === "tcp";
  const durations = durationsOver(parts.map((part) => part.id));
  const nothing: Percentiles = { p50Ms: null, p95Ms: null, p99Ms: null };
  const sum = (of: (edge: TopologyEdge) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const worst = parts.reduce((a, b) => (healthRank(b.health) < healthRank(a.health) ? b : a));
  return {
    id,
    client,
    server,
    protocol: first.protocol,
    health: worst.health,
    findings: findingsOf(worst, merging),
    red: mergeReds(
      parts.map(({ red }) => red),
      isTcp ? nothing : durations,
      seconds,
    ),
    shownFrom: parts.every(({ shownFrom }) => shownFrom === first.shownFrom) ? first.shownFrom : null,
    total: sum(({ total }) => total),
    active: parts.some(({ active }) => active === null) ? null : sum(({ active }) => active ?? 0),
    requestBytesRate: sum(({ requestBytesRate }) => requestBytesRate),
    responseBytesRate: sum(({ responseBytesRate }) => responseBytesRate),
    lifetime: isTcp ? durations : nothing,
    lastSeenMs: latestOf(parts),
  };
}

/** Those of the worst edge, which is named where the group is not it alone. */
function findingsOf(worst: TopologyEdge, { client, server }: EdgeMerging): TopologyEdge["findings"] {
  if (worst.client === client && worst.server === server) return worst.findings;
  return worst.findings.map(({ kind, text }) => ({ kind, text: `${worst.client} > ${worst.server}: ${text}` }));
}

function latestOf(parts: readonly { readonly lastSeenMs: number }[]): number {
  return parts.reduce((latest, { lastSeenMs }) => Math.max(latest, lastSeenMs), 0);
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}
