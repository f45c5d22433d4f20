/**
 * What the map draws, without any figure: cards, the boxes that they stand in, links. It changes only when something
 * comes, goes or is folded; figures change twice a second and never touch it.
 */
import type { NodeKind } from "../../../control/identity/node.ts";
import type { Snapshot, SnapshotNode } from "../../../control/world/model.ts";
import type { World } from "../model/world.ts";
import type { Box, Link } from "./layout/graph.ts";

/** Sizes of what is drawn, in pixels at zoom 1. */
export const CARD = { width: 142, height: 44 } as const;
export const GROUP = { head: 22, padding: 8, gap: 6 } as const;

/** Above this many cards namespaces fold by themselves: more cannot be read on one screen. */
export const FOLD_ABOVE = 150;
/** A namespace of fewer nodes is not worth folding. */
const FOLD_LEAST = 4;

export interface MapCard {
  /** The node's id, or the namespace for a folded one. */
  readonly id: string;
  readonly kind: NodeKind | "namespace";
  readonly title: string;
  readonly nodeIds: readonly string[];
  /** The box that it stands in, and how far below the top of it. */
  readonly box: string;
  readonly offset: number;
}

/** Several workloads of one service, drawn in a frame. */
export interface MapGroup {
  readonly id: string;
  readonly title: string;
}

/** One line on the map: one edge, or all edges between two cards of which one is folded. */
export interface MapLink extends Link {
  /** Cards at its ends; `from` and `to` are the boxes that they stand in. */
  readonly fromCard: string;
  readonly toCard: string;
  readonly edgeIds: readonly string[];
}

interface Drawn {
  readonly cards: readonly MapCard[];
  readonly groups: readonly MapGroup[];
  readonly links: readonly MapLink[];
  readonly boxes: readonly Box[];
  /** The card that stands for a node. */
  readonly cardOf: ReadonlyMap<string, string>;
  /** Namespaces that are drawn as one card. */
  readonly folded: ReadonlySet<string>;
  /** Whether folding happened without being asked for. */
  readonly foldedByItself: boolean;
}

export interface Topology extends Drawn {
  /** What it was made from and for: with the same it need not be made again. */
  readonly choice: FoldChoice["folding"];
  readonly open: FoldChoice["open"];
  readonly shape: Pick<Snapshot, "nodes" | "edges">;
}

export interface FoldChoice {
  readonly folding: "auto" | "all" | "none";
  readonly open: ReadonlySet<string>;
}

/** The topology of a snapshot; the previous one, the very object, where nothing that it shows has changed. */
export function topologyOf(world: World, choice: FoldChoice, previous: Topology | undefined): Topology {
  if (previous && previous.choice === choice.folding && previous.open === choice.open && sameShape(previous, world)) {
    return previous;
  }
  const { folded, byItself } = chooseFolded(world, choice);
  const next = {
    ...build(world, folded, byItself),
    choice: choice.folding,
    open: choice.open,
    shape: world.snapshot,
  };
  return previous && sameTopology(previous, next) ? previous : next;
}

export function namespaceOf(node: Pick<SnapshotNode, "id" | "namespace">): string {
  return node.namespace || node.id.slice(0, Math.max(0, node.id.indexOf("/")));
}

function chooseFolded(world: World, { folding, open }: FoldChoice): { folded: Set<string>; byItself: boolean } {
  const sizes = new Map<string, number>();
  for (const node of world.nodes.values()) sizes.set(namespaceOf(node), (sizes.get(namespaceOf(node)) ?? 0) + 1);
  const worth = [...sizes].filter(([, size]) => size >= FOLD_LEAST).map(([namespace]) => namespace);
  // Folding the only namespace would leave one card, which says less than a crowded map.
  const byItself = folding === "auto" && world.nodes.size > FOLD_ABOVE && worth.length > 1;
  const fold = folding === "all" || byItself;
  return { folded: new Set(fold ? worth.filter((namespace) => !open.has(namespace)) : []), byItself };
}

function build(world: World, folded: ReadonlySet<string>, foldedByItself: boolean): Drawn {
  const nodes = [...world.nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const cardOf = new Map<string, string>();
  const services = new Map<string, SnapshotNode[]>();
  const namespaces = new Map<string, string[]>();
  for (const node of nodes) {
    const namespace = namespaceOf(node);
    if (folded.has(namespace)) {
      cardOf.set(node.id, namespaceCardId(namespace));
      namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), node.id]);
    } else {
      cardOf.set(node.id, node.id);
      const service = node.kind === "workload" ? `${namespace}/${node.service}` : node.id;
      services.set(service, [...(services.get(service) ?? []), node]);
    }
  }
  const cards: MapCard[] = [];
  const groups: MapGroup[] = [];
  const boxes: Box[] = [];
  for (const [namespace, nodeIds] of namespaces) {
    const id = namespaceCardId(namespace);
    cards.push({ id, kind: "namespace", title: namespace, nodeIds, box: id, offset: 0 });
    boxes.push({ id, ...CARD });
  }
  for (const [service, members] of services) {
    const several = members.length > 1;
    const box = several ? `service:${service}` : members[0]!.id;
    members.forEach((node, at) => {
      const offset = several ? GROUP.head + at * (CARD.height + GROUP.gap) : 0;
      cards.push({ id: node.id, kind: node.kind, title: node.name, nodeIds: [node.id], box, offset });
    });
    if (several) groups.push({ id: box, title: members[0]!.service });
    boxes.push({ id: box, ...boxSize(members.length) });
  }
  const boxOf = new Map(cards.map(({ id, box }) => [id, box]));
  return { cards, groups, links: buildLinks(world, cardOf, boxOf), boxes, cardOf, folded, foldedByItself };
}

function boxSize(members: number): { width: number; height: number } {
  if (members === 1) return CARD;
  return {
    width: CARD.width + 2 * GROUP.padding,
    height: GROUP.head + members * (CARD.height + GROUP.gap) - GROUP.gap + GROUP.padding,
  };
}

function buildLinks(
  world: World,
  cardOf: ReadonlyMap<string, string>,
  boxOf: ReadonlyMap<string, string>,
): readonly MapLink[] {
  const links = new Map<string, MapLink & { edgeIds: string[] }>();
  for (const edge of [...world.edges.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const fromCard = cardOf.get(edge.client)!;
    const toCard = cardOf.get(edge.server)!;
    const isFolded = fromCard !== edge.client || toCard !== edge.server;
    // What a namespace says to itself is inside its card.
    if (isFolded && fromCard === toCard) continue;
    const id = isFolded ? `${fromCard}>${toCard}` : edge.id;
    const known = links.get(id);
    if (known) known.edgeIds.push(edge.id);
    else
      links.set(id, { id, from: boxOf.get(fromCard)!, to: boxOf.get(toCard)!, fromCard, toCard, edgeIds: [edge.id] });
  }
  return [...links.values()];
}

export function namespaceCardId(namespace: string): string {
  return `namespace:${namespace}`;
}

/** Whether a snapshot has the nodes and edges that a topology was made from, in the order that control keeps. */
function sameShape({ shape }: Topology, { snapshot }: World): boolean {
  const { nodes, edges } = shape;
  return (
    sameList(edges, snapshot.edges, (a, b) => a.id === b.id) &&
    sameList(nodes, snapshot.nodes, (a, b) => a.id === b.id && a.kind === b.kind && a.name === b.name) &&
    sameList(nodes, snapshot.nodes, (a, b) => a.service === b.service && a.namespace === b.namespace)
  );
}

function sameTopology(a: Topology, b: Topology): boolean {
  return (
    a.foldedByItself === b.foldedByItself &&
    sameList(
      a.cards,
      b.cards,
      (x, y) => x.id === y.id && x.kind === y.kind && x.box === y.box && x.title === y.title,
    ) &&
    sameList(a.cards, b.cards, (x, y) => x.nodeIds.length === y.nodeIds.length) &&
    sameList(a.links, b.links, (x, y) => x.id === y.id && x.edgeIds.length === y.edgeIds.length)
  );
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index]!));
}
