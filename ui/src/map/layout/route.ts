/** Lines from place to place: smooth between columns, straight through them, an arc below for a link that points back. */
import type { Bend, Curve, Link, Place, Route } from "./graph.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Distance of two lines at the side of a box, at most. */
const PORT_STEP = 8;
const HEAD = { length: 7, half: 3.5 } as const;

/** Draws every link. `bends` holds, by link id, the passages of links that cross whole columns. */
export function routeLinks(
  links: readonly Link[],
  places: ReadonlyMap<string, Place>,
  bends: ReadonlyMap<string, readonly Bend[]>,
): Map<string, Route> {
  const ports = assignPorts(links, places, bends);
  return new Map(
    links.map((link) => {
      const from = places.get(link.from)!;
      const to = places.get(link.to)!;
      const port = ports.get(link.id)!;
      if (link.from === link.to) return [link.id, routeToItself(from)];
      if (!pointsRight(from, to)) return [link.id, routeBack(from, to)];
      const start = { x: from.x + from.width, y: middle(from) + port.start };
      return [link.id, routeForward(start, { x: to.x, y: middle(to) + port.end }, bends.get(link.id) ?? [])];
    }),
  );
}

/** Whether a line can run from the right side of one to the left side of the other. */
export function pointsRight(from: Place, to: Place): boolean {
  return to.x >= from.x + from.width;
}

function routeForward(start: Point, end: Point, bends: readonly Bend[]): Route {
  const curves: Curve[] = [];
  let at = start;
  for (const bend of bends) {
    const exit = { x: bend.x + bend.width, y: bend.y };
    curves.push(smooth(at, bend), smooth(bend, exit));
    at = exit;
  }
  curves.push(smooth(at, { x: end.x - HEAD.length, y: end.y }));
  const head = `M${n(end.x)} ${n(end.y)}l${-HEAD.length} ${-HEAD.half}v${2 * HEAD.half}z`;
  return { path: pathOf(curves), head, curves, bends };
}

/** Leaves and arrives level; between two points at one height it is straight. */
function smooth(from: Point, to: Point): Curve {
  const half = n((from.x + to.x) / 2);
  return [n(from.x), n(from.y), half, n(from.y), half, n(to.y), n(to.x), n(to.y)];
}

function routeBack(from: Place, to: Place): Route {
  const start = { x: from.x + from.width / 2, y: from.y + from.height };
  const end = { x: to.x + to.width / 2, y: to.y + to.height };
  const sag = Math.max(start.y, end.y) + Math.min(40 + Math.abs(start.x - end.x) * 0.12, 110);
  const [x, tipY] = [n(end.x), n(end.y + HEAD.length)];
  const curves: Curve[] = [[n(start.x), n(start.y), n(start.x), n(sag), x, n(sag), x, tipY]];
  const head = `M${x} ${n(end.y)}l${-HEAD.half} ${HEAD.length}h${2 * HEAD.half}z`;
  return { path: pathOf(curves), head, curves, bends: [] };
}

function routeToItself(place: Place): Route {
  const [x, y] = [n(place.x + place.width - 28), n(place.y)];
  const curves: Curve[] = [[x, y, x, n(y - 26), n(x + 22), n(y - 26), n(x + 22), n(y - HEAD.length)]];
  const head = `M${n(x + 22)} ${y}l${-HEAD.half} ${-HEAD.length}h${2 * HEAD.half}z`;
  return { path: pathOf(curves), head, curves, bends: [] };
}

/** SVG path data. Always curves, so that a line glides from one way to another with as many bends. */
function pathOf(curves: readonly Curve[]): string {
  const draw = ([, , x1, y1, x2, y2, x3, y3]: Curve): string => `C${x1} ${y1} ${x2} ${y2} ${x3} ${y3}`;
  return `M${curves[0]![0]} ${curves[0]![1]}${curves.map(draw).join("")}`;
}

/** Lines leave and reach a box side by side, in the order of where they come from, so that they do not cross there. */
function assignPorts(
  links: readonly Link[],
  places: ReadonlyMap<string, Place>,
  bends: ReadonlyMap<string, readonly Bend[]>,
): Map<string, { start: number; end: number }> {
  const ports = new Map(links.map(({ id }) => [id, { start: 0, end: 0 }]));
  const sides = new Map<string, { link: Link; y: number; side: "start" | "end" }[]>();
  const add = (box: string, side: "start" | "end", link: Link, y: number): void => {
    const key = `${side} ${box}`;
    const list = sides.get(key) ?? [];
    list.push({ link, y, side });
    sides.set(key, list);
  };
  for (const link of links) {
    const from = places.get(link.from)!;
    const to = places.get(link.to)!;
    if (link.from === link.to || !pointsRight(from, to)) continue;
    const passages = bends.get(link.id) ?? [];
    add(link.from, "start", link, passages[0]?.y ?? middle(to));
    add(link.to, "end", link, passages[passages.length - 1]?.y ?? middle(from));
  }
  for (const [key, list] of sides) {
    const height = places.get(key.slice(key.indexOf(" ") + 1))!.height;
    const step = Math.min(PORT_STEP, (height - 16) / Math.max(1, list.length - 1));
    list.sort((a, b) => a.y - b.y);
    list.forEach(({ link, side }, at) => (ports.get(link.id)![side] = (at - (list.length - 1) / 2) * step));
  }
  return ports;
}

function middle(place: Place): number {
  return place.y + place.height / 2;
}

/** Tenths of a pixel are enough, and halve the size of a path. */
function n(value: number): number {
  return Math.round(value * 10) / 10;
}
