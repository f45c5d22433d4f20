/**
 * A changed graph on an existing layout: what is placed stays where it is, what is new takes the free place nearest to
 * its neighbours, lines are drawn anew around it.
 */
import { SPACING, usableLinks } from "./graph.ts";
import type { Bend, Box, Column, LayoutGraph, Link, Place, Placement } from "./graph.ts";
import { placeWaiting } from "./layered.ts";
import { pointsRight, routeLinks } from "./route.ts";

interface Work {
  readonly places: Map<string, Place>;
  readonly columns: Column[];
  readonly links: readonly Link[];
}

/** Places a changed graph without moving what has a place and a link already. */
export function extend(graph: LayoutGraph, previous: Placement): Placement {
  const { between, toItself } = usableLinks(graph);
  const linked = new Set(between.flatMap(({ from, to }) => [from, to]));
  const work: Work = { places: new Map(), columns: [...previous.columns], links: between };
  const free: Box[] = [];
  const waiting: Box[] = [];
  for (const box of graph.boxes) {
    const place = keptPlace(box, previous);
    if (!linked.has(box.id)) waiting.push(box);
    else if (place && isFree(place, work.places)) work.places.set(box.id, place);
    else free.push(box);
  }
  for (const box of inReachOrder(free, work)) work.places.set(box.id, findPlace(box, work));
  const keptWaiting = waiting.filter(({ id }) => previous.waiting.has(id) && previous.places.has(id));
  const bends = bendAll(work, previous);
  const placed = new Map(work.places);
  if (keptWaiting.length === waiting.length && !overlapsWaiting(keptWaiting, previous, placed)) {
    for (const { id } of waiting) placed.set(id, previous.places.get(id)!);
  } else {
    placeWaiting(waiting, placed, work.columns);
  }
  return {
    places: placed,
    routes: routeLinks([...between, ...toItself], placed, bends),
    columns: work.columns,
    waiting: new Set(waiting.map(({ id }) => id)),
  };
}

function keptPlace(box: Box, previous: Placement): Place | undefined {
  const place = previous.waiting.has(box.id) ? undefined : previous.places.get(box.id);
  return place && { ...place, width: box.width, height: box.height };
}

function overlapsWaiting(waiting: readonly Box[], previous: Placement, placed: ReadonlyMap<string, Place>): boolean {
  return waiting.some(({ id }) => !isFree(previous.places.get(id)!, placed));
}

/** Those with placed neighbours first, so that a new chain grows out of what stands. */
function inReachOrder(free: readonly Box[], { places, links }: Work): Box[] {
  const left = new Map(free.map((box) => [box.id, box]));
  const reached = new Set(places.keys());
  const order: Box[] = [];
  while (left.size > 0) {
    const next = links.find(
      ({ from, to }) => (reached.has(from) && left.has(to)) || (reached.has(to) && left.has(from)),
    );
    const id = next ? (left.has(next.to) && reached.has(next.from) ? next.to : next.from) : [...left.keys()][0]!;
    order.push(left.get(id)!);
    left.delete(id);
    reached.add(id);
  }
  return order;
}

function findPlace(box: Box, work: Work): Place {
  const callers = work.links.filter(({ to }) => to === box.id).flatMap(({ from }) => work.places.get(from) ?? []);
  const called = work.links.filter(({ from }) => from === box.id).flatMap(({ to }) => work.places.get(to) ?? []);
  const column = columnFor(callers, called, box, work.columns);
  const level = (callers.length > 0 ? callers : called).map(({ y, height }) => y + height / 2);
  const wanted = level.length === 0 ? 0 : level.reduce((sum, y) => sum + y, 0) / level.length;
  const inColumn = [...work.places.values()].filter((place) => overlapsColumn(place, column));
  const y = nearestGap(wanted - box.height / 2, box.height, SPACING.row, inColumn);
  return { x: column.x, y: Math.round(y), width: box.width, height: box.height };
}

/** Right of the callers; without callers, left of what it calls. Opens a column at either end where none is left. */
function columnFor(callers: readonly Place[], called: readonly Place[], box: Box, columns: Column[]): Column {
  if (callers.length > 0) {
    const from = Math.max(...callers.map(({ x }) => x));
    const right = columns.find(({ x }) => x > from);
    if (right) return right;
    const last = columns[columns.length - 1]!;
    columns.push({ x: last.x + last.width + SPACING.column, width: box.width });
    return columns[columns.length - 1]!;
  }
  if (called.length > 0) {
    const before = Math.min(...called.map(({ x }) => x));
    const left = columns.findLast(({ x }) => x < before);
    if (left) return left;
    columns.unshift({ x: columns[0]!.x - SPACING.column - box.width, width: box.width });
    return columns[0]!;
  }
  if (columns.length === 0) columns.push({ x: 0, width: box.width });
  return columns[0]!;
}

/** Passages of links that cross whole columns: where they were, or level with the straight line, beside the boxes. */
function bendAll({ places, columns, links }: Work, previous: Placement): Map<string, Bend[]> {
  const inColumn = columns.map((column) => [...places.values()].filter((place) => overlapsColumn(place, column)));
  const bends = new Map<string, Bend[]>();
  for (const link of links) {
    const from = places.get(link.from)!;
    const to = places.get(link.to)!;
    if (!pointsRight(from, to)) continue;
    const before = previous.routes.get(link.id)?.bends ?? [];
    const passed = columns.flatMap((column, at) => {
      if (column.x < from.x + from.width || column.x + column.width > to.x) return [];
      const share = (column.x - from.x) / (to.x - from.x);
      const straight = middle(from) + (middle(to) - middle(from)) * share;
      const y = before.find(({ x }) => x === column.x)?.y ?? straight;
      return [{ x: column.x, width: column.width, y: nearestGap(y, 0, SPACING.line / 2, inColumn[at]!) }];
    });
    bends.set(link.id, passed);
  }
  return bends;
}

/** The y nearest to the wanted one at which something of this height overlaps none of the places, with margin. */
export function nearestGap(wanted: number, height: number, margin: number, places: readonly Place[]): number {
  const collides = (y: number): boolean =>
    places.some((place) => y < place.y + place.height + margin && y + height + margin > place.y);
  if (!collides(wanted)) return wanted;
  const candidates = places
    .flatMap((place) => [place.y - margin - height, place.y + place.height + margin])
    .filter((y) => !collides(y));
  return candidates.reduce(
    (best, y) => (Math.abs(y - wanted) < Math.abs(best - wanted) ? y : best),
    candidates[0] ?? wanted,
  );
}

function isFree(place: Place, places: ReadonlyMap<string, Place>): boolean {
  for (const other of places.values()) {
    const apart =
      place.x >= other.x + other.width ||
      other.x >= place.x + place.width ||
      place.y >= other.y + other.height ||
      other.y >= place.y + place.height;
    if (!apart) return false;
  }
  return true;
}

function overlapsColumn(place: Place, column: Column): boolean {
  return place.x < column.x + column.width && column.x < place.x + place.width;
}

function middle(place: Place): number {
  return place.y + place.height / 2;
}
