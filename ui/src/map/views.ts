/**
 * What the cards and links of a topology say in one snapshot. A view whose words have not changed is the very object
 * of the snapshot before, so only cards whose figures moved are touched.
 */
import type { Health, SnapshotEdge, SnapshotNode } from "../../../control/world/model.ts";
import { edgesFigure, lineFigure } from "../model/figures.ts";
import { countOf, formatLatency, formatShare } from "../model/format.ts";
import { edgeHealth, HEALTH_WORD, hurts, nodeHealth, worst } from "../model/health.ts";
import { edgeReason, nodeReason, stateInWords, troubleKinds } from "../model/trouble.ts";
import { edgesInto, edgesOutOf, errorsOf, isConnections, shortName, type World } from "../model/world.ts";
import { KIND_WORD } from "../parts/kinds.ts";
import type { MapCard, MapLink, Topology } from "./topology.ts";

export interface CardView {
  readonly health: Health;
  /** "142/s", "12 open". */
  readonly figure: string;
  /** What hurts, short enough for a card and worst first: "12 % err"; empty otherwise. */
  readonly trouble: string;
  /** All of it in one sentence, for the tooltip and the screen reader. */
  readonly label: string;
}

export interface LinkView {
  readonly health: Health;
  /** Stroke width in pixels at zoom 1. */
  readonly width: number;
  /** "142/s", "34 kB/s · 12 open"; one of them stands alone where there is no room. */
  readonly figure: string;
  /** What hurts, a line each, as short as on a card; empty otherwise. */
  readonly trouble: string;
  readonly label: string;
  readonly onTroublePath: boolean;
}

export interface Views {
  readonly cards: ReadonlyMap<string, CardView>;
  readonly links: ReadonlyMap<string, LinkView>;
}

/** Restyles a topology with a snapshot's figures. */
export function viewsOf(world: World, topology: Topology, previous: Views | undefined): Views {
  const cards = new Map<string, CardView>();
  for (const card of topology.cards) {
    const view = card.kind === "namespace" ? namespaceView(world, card) : nodeView(world, card.id);
    cards.set(card.id, keep(previous?.cards.get(card.id), view));
  }
  const links = new Map<string, LinkView>();
  for (const link of topology.links) links.set(link.id, keep(previous?.links.get(link.id), linkView(world, link)));
  return { cards, links };
}

function keep<T extends object>(before: T | undefined, now: T): T {
  if (!before) return now;
  const same = Object.entries(now).every(([name, value]) => before[name as keyof T] === value);
  return same ? before : now;
}

function nodeView(world: World, id: string): CardView {
  const node = world.nodes.get(id);
  if (!node) return { health: "idle", figure: "", trouble: "", label: shortName(id) };
  const health = nodeHealth(world, node);
  const figure = nodeFigure(world, node);
  const trouble = nodeTrouble(world, node);
  const reason = nodeReason(world, id);
  const label = `${node.name}, ${KIND_WORD[node.kind]}, ${stateInWords(health, reason)}, ${figure}`;
  return { health, figure, trouble, label };
}

function nodeFigure(world: World, node: SnapshotNode): string {
  const into = edgesInto(world, node.id);
  if (into.length > 0) return edgesFigure(into);
  const outOf = edgesOutOf(world, node.id);
  if (outOf.length === 0) return "no traffic";
  return outOf.every(isConnections) ? edgesFigure(outOf) : `${edgesFigure(outOf)} sent`;
}

function nodeTrouble(world: World, node: SnapshotNode): string {
  if (!hurts(node.health)) return "";
  if (node.health === "affected") return "affected";
  const hurting = edgesInto(world, node.id).filter(({ health }) => health === node.health);
  const byErrors = hurting.some((edge) => troubleKinds(edge).has("errors"));
  if (byErrors || node.inbound.p95Ms === null) return `${formatShare(node.inbound.errorShare)} err`;
  return `p95 ${formatLatency(node.inbound.p95Ms)}`;
}

function namespaceView(world: World, card: MapCard): CardView {
  const nodes = card.nodeIds.flatMap((id) => world.nodes.get(id) ?? []);
  const members = new Set(card.nodeIds);
  const entering = nodes.flatMap(({ id }) => edgesInto(world, id).filter(({ client }) => !members.has(client)));
  const healths = nodes.map((node) => nodeHealth(world, node));
  const health = worst(healths);
  const hurting = healths.filter((each) => each === health).length;
  const trouble = hurts(health) ? `${hurting} ${health}` : "";
  const rate = edgesFigure(entering);
  const figure = trouble ? rate : `${countOf(nodes.length, "node")} · ${rate}`;
  return { health, figure, trouble, label: `${card.title}, namespace, ${trouble || HEALTH_WORD[health]}, ${figure}` };
}

function linkView(world: World, link: MapLink): LinkView {
  const edges = link.edgeIds.flatMap((id) => world.edges.get(id) ?? []);
  const health = worst(edges.map(edgeHealth));
  const load = edges.reduce((sum, edge) => sum + (isConnections(edge) ? (edge.active ?? 1) : edge.red.rate), 0);
  const figure = lineFigure(edges);
  const trouble = linkTrouble(edges, health);
  const hurting = edges.find((edge) => edge.health === health);
  const reason = hurting ? edgeReason(world, hurting) : "";
  const ends = `${shortName(link.fromCard)} to ${shortName(link.toCard)}`;
  return {
    health,
    width: strokeWidth(load),
    figure,
    trouble,
    label: `${ends}, ${stateInWords(health, reason)}, ${figure}`,
    onTroublePath: link.edgeIds.some((id) => world.troublePath.has(id)),
  };
}

function linkTrouble(edges: readonly SnapshotEdge[], health: Health): string {
  if (health !== "failing" && health !== "degraded") return "";
  const hurting = edges.filter((edge) => edge.health === health);
  const kinds = new Set(hurting.flatMap((edge) => [...troubleKinds(edge)]));
  const slowest = Math.max(-1, ...hurting.map(({ red }) => red.p95Ms ?? -1));
  const slow = kinds.has("latency") && slowest >= 0 ? `p95 ${formatLatency(slowest)}` : "";
  if (slow && !kinds.has("errors")) return slow;
  const requests = hurting.reduce((sum, { red }) => sum + red.requests, 0);
  const errors = hurting.reduce((sum, { red }) => sum + errorsOf(red), 0);
  const share = `${formatShare(requests === 0 ? 0 : errors / requests)} err`;
  return slow ? `${share}\n${slow}` : share;
}

/** By the logarithm, in steps of a quarter pixel so that a flickering rate does not make the line breathe. */
function strokeWidth(load: number): number {
  const width = 1.25 + 1.1 * Math.log10(1 + load);
  return Math.min(6, Math.round(width * 4) / 4);
}
