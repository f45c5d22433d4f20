import { test } from "uvu";
import * as assert from "uvu/assert";

import { extend } from "../../ui/src/map/layout/extend.ts";
import type { LayoutGraph, Place, Placement } from "../../ui/src/map/layout/graph.ts";
import { layOut } from "../../ui/src/map/layout/layered.ts";
import { countCrossings, orderColumns, type Item } from "../../ui/src/map/layout/order.ts";
import { rank } from "../../ui/src/map/layout/rank.ts";

/** "a>b" lines to a graph; names that stand alone are boxes without a link. */
function graphOf(text: string): LayoutGraph {
  const words = text.split(/\s+/).filter(Boolean);
  const ids = [...new Set(words.flatMap((word) => word.split(">")))];
  return {
    boxes: ids.map((id) => ({ id, width: 140, height: 44 })),
    links: words
      .filter((word) => word.includes(">"))
      .map((id) => ({ id, from: id.split(">")[0]!, to: id.split(">")[1]! })),
  };
}

function columnsOf(graph: LayoutGraph): Record<string, number> {
  return Object.fromEntries(
    rank(
      graph.boxes.map(({ id }) => id),
      graph.links,
    ).column,
  );
}

function overlapping({ places }: Placement): string[] {
  const all = [...places];
  return all.flatMap(([a, p], at) => all.slice(at + 1).flatMap(([b, q]) => (overlap(p, q) ? [`${a} and ${b}`] : [])));
}

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const SHOP = `out>router router>front front>catalogue front>carts front>user front>orders front>session
  orders>user orders>carts orders>payment orders>shipping catalogue>catalogue-db carts>carts-db user>user-db
  orders>orders-db shipping>rabbit queue>rabbit`;

test("a column is the longest path from the entries", () => {
  const column = columnsOf(graphOf("a>b b>c a>c c>d"));
  assert.equal(column, { a: 0, b: 1, c: 2, d: 3 });
});

test("what nobody calls stands next to what it calls", () => {
  const column = columnsOf(graphOf(SHOP));
  assert.is(column["queue"], column["rabbit"]! - 1);
  assert.is(column["out"], 0);
});

test("a cycle is broken at one link, and that link alone points back", () => {
  const graph = graphOf("a>b b>c c>d d>b");
  const { column, back } = rank(["a", "b", "c", "d"], graph.links);
  assert.equal([...back], ["d>b"]);
  assert.equal(Object.fromEntries(column), { a: 0, b: 1, c: 2, d: 3 });
  const placement = layOut(graph);
  assert.is(placement.routes.size, 4, "every link is drawn");
});

test("a cycle without an entry, a link to itself and a pair of each other are laid out", () => {
  const placement = layOut(graphOf("a>b b>a c>c d>e"));
  assert.is(placement.places.size, 5);
  assert.is(placement.routes.size, 4);
  assert.equal(overlapping(placement), []);
});

test("crossings are counted exactly and undone where they can be", () => {
  const items: Item[] = [
    { column: 0, left: [], right: [3] },
    { column: 0, left: [], right: [2] },
    { column: 1, left: [1], right: [] },
    { column: 1, left: [0], right: [] },
  ];
  assert.is(
    countCrossings(items, [
      [0, 1],
      [2, 3],
    ]),
    1,
  );
  assert.is(countCrossings(items, orderColumns(items, 2)), 0);
});

test("counted crossings agree with comparing every pair", () => {
  const size = 12;
  const items: Item[] = Array.from({ length: 2 * size }, (_, at) => ({
    column: at < size ? 0 : 1,
    left: [],
    right: [],
  }));
  const pairs: [number, number][] = [];
  for (let at = 0; at < 40; at++) {
    const pair: [number, number] = [(at * 7) % size, size + ((at * 5 + Math.floor(at / 3)) % size)];
    if (items[pair[0]]!.right.includes(pair[1])) continue;
    items[pair[0]]!.right.push(pair[1]);
    items[pair[1]]!.left.push(pair[0]);
    pairs.push(pair);
  }
  let expected = 0;
  pairs.forEach(([a, b], at) => pairs.slice(at + 1).forEach(([c, d]) => (expected += (a - c) * (b - d) < 0 ? 1 : 0)));
  const order = [Array.from({ length: size }, (_, at) => at), Array.from({ length: size }, (_, at) => size + at)];
  assert.is(countCrossings(items, order), expected);
  assert.ok(countCrossings(items, orderColumns(items, 2)) < expected, "the ordering has fewer");
});

test("the shop has no overlap, points right, and is the same each time", () => {
  const graph = graphOf(SHOP);
  const placement = layOut(graph);
  assert.equal(overlapping(placement), []);
  for (const { from, to } of graph.links) {
    assert.ok(placement.places.get(from)!.x < placement.places.get(to)!.x, `${from} stands left of ${to}`);
  }
  assert.equal(layOut(graphOf(SHOP)), placement);
});

test("a long line passes beside the cards of the columns between", () => {
  const placement = layOut(graphOf(SHOP));
  const [bend] = placement.routes.get("front>user")!.bends;
  assert.ok(bend);
  for (const [id, place] of placement.places) {
    const inColumn = place.x < bend.x + bend.width && bend.x < place.x + place.width;
    if (inColumn) assert.not.ok(bend.y > place.y && bend.y < place.y + place.height, `it runs through ${id}`);
  }
});

test("a new box takes a free place and nothing else moves", () => {
  const before = layOut(graphOf(SHOP));
  const after = extend(graphOf(`${SHOP} orders>discounts discounts>discounts-db beacon>router`), before);
  for (const [id, place] of before.places) assert.equal(after.places.get(id), place, `${id} stays`);
  assert.equal(overlapping(after), []);
  assert.ok(after.places.get("discounts")!.x > after.places.get("orders")!.x);
  assert.ok(after.places.get("discounts-db")!.x > after.places.get("discounts")!.x);
  assert.ok(after.places.get("beacon")!.x < after.places.get("router")!.x);
  assert.is(after.routes.size, before.routes.size + 3);
});

test("a box that goes leaves its place; one that comes back later may take it", () => {
  const before = layOut(graphOf(SHOP));
  const without = extend(graphOf(SHOP.replace("orders>payment", "")), before);
  assert.not.ok(without.places.has("payment"));
  for (const [id, place] of without.places) assert.equal(place, before.places.get(id));
  assert.equal(overlapping(extend(graphOf(SHOP), without)), []);
});

test("boxes without a link wait below and move up when they get one", () => {
  const before = layOut(graphOf("a>b lonely idle"));
  const bottom = before.places.get("b")!.y + 44;
  assert.ok(before.places.get("lonely")!.y > bottom);
  const after = extend(graphOf("a>b b>lonely idle"), before);
  assert.ok(after.places.get("lonely")!.x > after.places.get("b")!.x);
  assert.equal(after.places.get("idle"), before.places.get("idle"));
});

test("an empty graph and one of single boxes are no trouble", () => {
  assert.is(layOut({ boxes: [], links: [] }).places.size, 0);
  assert.equal(overlapping(layOut(graphOf("a b c d e f g h i"))), []);
});

test("a thousand boxes are laid out without overlap", () => {
  const links = Array.from({ length: 999 }, (_, at) => `n${Math.floor(at / 3)}>n${at + 1}`);
  const more = Array.from({ length: 500 }, (_, at) => `n${at}>n${(at * 37 + 501) % 1000}`);
  const graph = graphOf([...new Set([...links, ...more])].join(" "));
  const placement = layOut(graph);
  assert.is(placement.places.size, 1000);
  assert.equal(overlapping(placement), []);
});

test.run();
