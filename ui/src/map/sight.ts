/**
 * What is in sight. A crowded map keeps only that in the document: a thousand cards that nobody sees cost as much at
 * each snapshot as a thousand that are seen. Pure.
 */
import type { Place, Placement } from "./layout/graph.ts";
import type { MapLink } from "./topology.ts";

/** Sight moves in steps of this many screen pixels, so that panning changes it rarely. */
const STEP = 400;

interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** The part of the map in sight and a step around it, as text: equal texts are the same sight. */
export function sightKey({ x, y, zoom }: View, width: number, height: number): string {
  const step = (value: number): number => Math.floor(value / STEP);
  return [step(-x) - 1, step(-y) - 1, step(width - x) + 2, step(height - y) + 2, zoom].join(" ");
}

export function sightOf(key: string): Place {
  const [left, top, right, bottom, zoom] = key.split(" ").map(Number) as [number, number, number, number, number];
  const scale = STEP / zoom;
  return { x: left * scale, y: top * scale, width: (right - left) * scale, height: (bottom - top) * scale };
}

export function inSight(place: Place | undefined, sight: Place): boolean {
  return (
    place !== undefined &&
    place.x <= sight.x + sight.width &&
    sight.x <= place.x + place.width &&
    place.y <= sight.y + sight.height &&
    sight.y <= place.y + place.height
  );
}

/** The rectangle that each link runs in: its ends and its bends. */
export function linkAreas(links: readonly MapLink[], placement: Placement): ReadonlyMap<string, Place> {
  const areas = new Map<string, Place>();
  for (const link of links) {
    const from = placement.places.get(link.from);
    const to = placement.places.get(link.to);
    if (!from || !to) continue;
    const bends = placement.routes.get(link.id)?.bends ?? [];
    const ys = [from.y, from.y + from.height, to.y, to.y + to.height, ...bends.map(({ y }) => y)];
    const x = Math.min(from.x, to.x);
    const y = Math.min(...ys);
    const width = Math.max(from.x + from.width, to.x + to.width) - x;
    areas.set(link.id, { x, y, width, height: Math.max(...ys) - y });
  }
  return areas;
}
