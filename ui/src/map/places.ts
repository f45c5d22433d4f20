/** Where cards stand, from where their boxes stand. Pure. */
import type { Place, Placement } from "./layout/graph.ts";
import { CARD, GROUP, type Topology } from "./topology.ts";

/** Cards that came after the last layout are missing for the moment that the next one takes. */
export function placeCards(topology: Topology, placement: Placement): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const card of topology.cards) {
    const box = placement.places.get(card.box);
    if (!box) continue;
    const inset = card.box === card.id ? 0 : GROUP.padding;
    places.set(card.id, { x: box.x + inset, y: box.y + card.offset, ...CARD });
  }
  return places;
}

/** The smallest rectangle around all of them; undefined for none. */
export function boundsOf(places: Iterable<Place>): Place | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of places) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return left === Infinity ? undefined : { x: left, y: top, width: right - left, height: bottom - top };
}

/** The card that most links meet in: the middle of what goes on. Empty on a map without links. */
export function busiestCard(topology: Topology): string {
  const degree = new Map<string, number>();
  let busiest = "";
  for (const { fromCard, toCard } of topology.links) {
    for (const card of [fromCard, toCard]) {
      degree.set(card, (degree.get(card) ?? 0) + 1);
      if (degree.get(card)! > (degree.get(busiest) ?? 0)) busiest = card;
    }
  }
  return busiest;
}
