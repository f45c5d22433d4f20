/** Arrow keys on the map: right and left along edges, up and down within a column. Pure. */
import type { Place } from "./layout/graph.ts";
import type { MapLink } from "./topology.ts";

export type Direction = "right" | "left" | "up" | "down";

export const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowRight: "right",
  ArrowLeft: "left",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** The card that an arrow key leads to from a card; undefined at the end of the map. */
export function step(
  from: string,
  direction: Direction,
  links: readonly MapLink[],
  places: ReadonlyMap<string, Place>,
): string | undefined {
  const here = places.get(from);
  if (!here) return undefined;
  if (direction === "right" || direction === "left") {
    const ends =
      direction === "right"
        ? links.filter((link) => link.fromCard === from)
        : links.filter((link) => link.toCard === from);
    const cards = ends.map((link) => (direction === "right" ? link.toCard : link.fromCard)).filter((id) => id !== from);
    return nearest(here, cards, places);
  }
  const column = [...places].filter(([id, place]) => id !== from && Math.abs(place.x - here.x) < here.width);
  const onSide = column.filter(([, place]) => (direction === "down" ? place.y > here.y : place.y < here.y));
  return nearest(
    here,
    onSide.map(([id]) => id),
    places,
  );
}

/** The links of a card in one direction from top to bottom, for walking over them one by one. */
export function linksOf(
  card: string,
  direction: "right" | "left",
  links: readonly MapLink[],
  places: ReadonlyMap<string, Place>,
): readonly MapLink[] {
  const far = (link: MapLink): string => (direction === "right" ? link.toCard : link.fromCard);
  return links
    .filter((link) => (direction === "right" ? link.fromCard : link.toCard) === card)
    .sort((a, b) => (places.get(far(a))?.y ?? 0) - (places.get(far(b))?.y ?? 0));
}

function nearest(here: Place, ids: readonly string[], places: ReadonlyMap<string, Place>): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const id of ids) {
    const place = places.get(id);
    if (!place) continue;
    const distance = Math.abs(place.y - here.y) + Math.abs(place.x - here.x) * 0.1;
    if (distance < least) {
      least = distance;
      best = id;
    }
  }
  return best;
}
