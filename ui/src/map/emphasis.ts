/** What stands out on the map: everything else is dimmed. Pure. */
import { hurts } from "../model/health.ts";
import type { Topology } from "./topology.ts";
import type { Views } from "./views.ts";

export interface Emphasis {
  readonly cards: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
}

/** A card with its neighbours, or a link with its ends. */
export function around(topology: Topology, id: string): Emphasis {
  const cards = new Set<string>();
  const links = new Set<string>();
  for (const link of topology.links) {
    if (link.id !== id && link.fromCard !== id && link.toCard !== id) continue;
    links.add(link.id);
    cards.add(link.fromCard).add(link.toCard);
  }
  if (topology.cards.some((card) => card.id === id)) cards.add(id);
  return { cards, links };
}

/** The cards of the nodes that were searched for, and the links among them. */
export function matching(topology: Topology, nodeIds: ReadonlySet<string>): Emphasis {
  const cards = new Set<string>();
  for (const id of nodeIds) {
    const card = topology.cardOf.get(id);
    if (card) cards.add(card);
  }
  const links = topology.links.filter(({ fromCard, toCard }) => cards.has(fromCard) && cards.has(toCard));
  return { cards, links: new Set(links.map(({ id }) => id)) };
}

/** The way from the entry to what fails, with all that suffers; undefined while nothing fails. */
export function trouble(topology: Topology, views: Views): Emphasis | undefined {
  if (![...views.links.values()].some(({ health }) => health === "failing")) return undefined;
  const links = new Set<string>();
  const cards = new Set<string>();
  for (const link of topology.links) {
    const view = views.links.get(link.id);
    if (!view || !(view.onTroublePath || hurts(view.health))) continue;
    links.add(link.id);
    cards.add(link.fromCard).add(link.toCard);
  }
  for (const [id, { health }] of views.cards) if (hurts(health)) cards.add(id);
  return { cards, links };
}
