/** A fresh layout: columns, order, heights, lines. The same graph always gives the same drawing. */
import { alignColumns, type AlignItem } from "./align.ts";
import { SPACING, usableLinks } from "./graph.ts";
import type { Bend, Box, Column, LayoutGraph, Link, Place, Placement } from "./graph.ts";
import { orderColumns, type Item } from "./order.ts";
import { rank, type Ranking } from "./rank.ts";
import { routeLinks } from "./route.ts";

interface Chain extends Item, Omit<AlignItem, keyof Item> {
  /** The box, or the links that pass here. */
  readonly box?: Box;
  readonly links: Link[];
}

/** Above this many passages the links of one box share theirs: a trunk with branches instead of a bundle of lines. */
const SHARE_ABOVE = 60;

/** Lays out the whole graph. */
export function layOut(graph: LayoutGraph): Placement {
  const { between, toItself } = usableLinks(graph);
  const linked = new Set(between.flatMap(({ from, to }) => [from, to]));
  const boxes = graph.boxes.filter(({ id }) => linked.has(id));
  const waiting = graph.boxes.filter(({ id }) => !linked.has(id));

  const ranking = rank(
    boxes.map(({ id }) => id),
    between,
  );
  const columns = placeColumns(boxes, between, ranking);
  const items = buildItems(boxes, between, ranking);
  const order = orderColumns(items, columns.length);
  const centres = items.length === 0 ? [] : alignColumns(items, order);

  const places = new Map<string, Place>();
  const bends = new Map<string, Bend[]>();
  items.forEach(({ box, links, column }, index) => {
    const { x, width } = columns[column]!;
    const y = centres[index]!;
    if (box) {
      places.set(box.id, { x, y: Math.round(y - box.height / 2), width: box.width, height: box.height });
    }
    for (const link of links) {
      const passages = bends.get(link.id) ?? [];
      passages.push({ x, width, y: Math.round(y) });
      bends.set(link.id, passages);
    }
  });
  placeWaiting(waiting, places, columns);
  return {
    places,
    routes: routeLinks([...between, ...toItself], places, bends),
    columns,
    waiting: new Set(waiting.map(({ id }) => id)),
  };
}

/** Gaps widen with the number of lines that pass, up to a limit: slanted lines need room to stay apart. */
function placeColumns(boxes: readonly Box[], links: readonly Link[], { column }: Ranking): Column[] {
  const count = Math.max(-1, ...column.values()) + 1;
  const widths = new Array<number>(count).fill(0);
  const lines = new Array<number>(count).fill(0);
  for (const { id, width } of boxes) widths[column.get(id)!] = Math.max(widths[column.get(id)!]!, width);
  for (const { from, to } of links) {
    const [first, last] = [column.get(from)!, column.get(to)!].sort((a, b) => a - b) as [number, number];
    for (let at = first; at < last; at++) lines[at]! += 1;
  }
  let x = 0;
  return widths.map((width, at) => {
    const placed = { x, width };
    x += width + Math.min(SPACING.columnMost, SPACING.column + Math.max(0, lines[at]! - 12) * 1.5);
    return placed;
  });
}

/** Boxes first, then for each link one item in every column that it passes through. */
function buildItems(boxes: readonly Box[], links: readonly Link[], { column, back }: Ranking): Chain[] {
  const items: Chain[] = boxes.map((box) => ({
    box,
    column: column.get(box.id)!,
    height: box.height,
    links: [],
    margin: SPACING.row,
    weight: 1,
    left: [],
    right: [],
  }));
  const indexOf = new Map(boxes.map(({ id }, index) => [id, index]));
  const join = (a: number, b: number): void => {
    if (items[a]!.right.includes(b)) return;
    items[a]!.right.push(b);
    items[b]!.left.push(a);
  };
  const forward = links.filter(({ id }) => !back.has(id));
  const passages = forward.reduce((sum, { from, to }) => sum + column.get(to)! - column.get(from)! - 1, 0);
  const shared = new Map<string, number>();
  for (const link of links) {
    // A link that points back is drawn as an arc below; it still pulls its ends together.
    const [from, to] = back.has(link.id) ? [link.to, link.from] : [link.from, link.to];
    let at = indexOf.get(from)!;
    for (let between = column.get(from)! + 1; between < column.get(to)!; between++) {
      if (back.has(link.id)) break;
      const key = `${passages > SHARE_ABOVE ? from : link.id} ${between}`;
      let passage = shared.get(key);
      if (passage === undefined) {
        passage = items.length;
        shared.set(key, passage);
        items.push({ links: [], column: between, height: 2, margin: SPACING.line, weight: 3, left: [], right: [] });
      }
      items[passage]!.links.push(link);
      join(at, passage);
      at = passage;
    }
    if (column.get(to)! - items[at]!.column === 1) join(at, indexOf.get(to)!);
  }
  return items;
}

/** Boxes that nothing talks to stand in rows below, as wide as the map. */
export function placeWaiting(boxes: readonly Box[], places: Map<string, Place>, columns: readonly Column[]): void {
  if (boxes.length === 0) return;
  const bottoms = [...places.values()].map(({ y, height }) => y + height);
  const last = columns[columns.length - 1];
  const widest = Math.max(...boxes.map(({ width }) => width)) + SPACING.row;
  const mapWidth = last ? last.x + last.width : 0;
  const perRow = Math.max(Math.floor(mapWidth / widest), Math.ceil(Math.sqrt(boxes.length * 0.8)), 1);
  let y = bottoms.length === 0 ? 0 : Math.max(...bottoms) + SPACING.waiting;
  for (let start = 0; start < boxes.length; start += perRow) {
    const row = boxes.slice(start, start + perRow);
    row.forEach((box, at) => places.set(box.id, { x: at * widest, y, width: box.width, height: box.height }));
    y += Math.max(...row.map(({ height }) => height)) + SPACING.row;
  }
}
