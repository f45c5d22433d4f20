import { test } from "uvu";
import * as assert from "uvu/assert";

import { spotsAlong } from "../../ui/src/map/along.ts";
import { around, LinePoints, placeLabels, type Label, type LabelWish } from "../../ui/src/map/labels.ts";
import type { Place, Placement } from "../../ui/src/map/layout/graph.ts";
import { layOut } from "../../ui/src/map/layout/layered.ts";
import { formsOf, wishOf } from "../../ui/src/map/link-words.ts";
import { topologyOf } from "../../ui/src/map/topology.ts";
import { viewsOf } from "../../ui/src/map/views.ts";
import { indexSnapshot } from "../../ui/src/model/world.ts";
import { shop } from "./fixtures/shop.ts";

const AT = 1_790_000_000_000;

/** The reference shop, laid out, and what each of its lines wants to say: loud ones first. */
function shopMap(faults: boolean, scale = 1): { placement: Placement; wishes: LabelWish[] } {
  const world = indexSnapshot(shop({ atMs: AT, faults }));
  const topology = topologyOf(world, { folding: "auto", open: new Set() }, undefined);
  const { links } = viewsOf(world, topology, undefined);
  const wishes = topology.links.map(({ id }) => wishOf(id, links.get(id)!, scale));
  return { placement: layOut(topology), wishes: wishes.sort((a, b) => Number(b.loud) - Number(a.loud)) };
}

function place({ placement, wishes }: ReturnType<typeof shopMap>): Label[] {
  const { places, routes } = placement;
  return placeLabels(wishes, { taken: [...places.values()], routes, lines: new LinePoints(routes) });
}

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** A map of level lines from x = 0, each at its own height. */
function levelLines(lines: Record<string, { y: number; length: number }>): Placement["routes"] {
  return new Map(
    Object.entries(lines).map(([id, { y, length }]) => {
      const curve = [0, y, length / 2, y, length / 2, y, length, y] as const;
      return [id, { path: "", head: "", bends: [], curves: [curve] }];
    }),
  );
}

const quiet = (id: string, width = 40): LabelWish => ({ id, sizes: [{ width, height: 16 }], loud: false });

for (const [name, faults, scale] of [
  ["calm", false, 1],
  ["with both faults", true, 1],
  ["drawn small", true, 1.35],
] as const) {
  test(`no label of the shop (${name}) covers a card or another label`, () => {
    const map = shopMap(faults, scale);
    const labels = place(map);
    const rooms = labels.map((label) => {
      const { sizes } = map.wishes.find(({ id }) => id === label.id)!;
      return { id: label.id, ...around(label, sizes[label.form]!) };
    });
    for (const [at, room] of rooms.entries()) {
      for (const [id, card] of map.placement.places) assert.not.ok(overlap(room, card), `${room.id} covers ${id}`);
      for (const other of rooms.slice(at + 1)) assert.not.ok(overlap(room, other), `${room.id} covers ${other.id}`);
    }
    assert.equal(place(map), labels, "and the places are the same each time");
  });
}

test("most lines of the calm shop show their rate, and the failing one always says why", () => {
  const calm = shopMap(false);
  assert.ok(place(calm).length >= calm.wishes.length * 0.8, `${place(calm).length} of ${calm.wishes.length}`);
  const labels = place(shopMap(true, 1.35));
  assert.ok(labels.some(({ id }) => id === "sock-shop/front-end>sock-shop/user/http"));
});

test("a quiet label stands on its own line, in the middle, and on no other", () => {
  const routes = levelLines({ a: { y: 0, length: 200 }, b: { y: 4, length: 200 }, c: { y: 60, length: 200 } });
  const labels = placeLabels([quiet("a"), quiet("c")], { taken: [], routes, lines: new LinePoints(routes) });
  assert.equal(labels, [{ id: "c", x: 100, y: 60, form: 0 }]);
});

test("a label moves along its line until it is clear of cards", () => {
  const routes = levelLines({ a: { y: 0, length: 200 } });
  const taken = [{ x: 60, y: -20, width: 60, height: 40 }];
  const [label] = placeLabels([quiet("a")], { taken, routes, lines: new LinePoints(routes) });
  assert.ok(label!.x - 20 > 120, `at ${label!.x}`);
  const walled = [{ x: -20, y: -20, width: 240, height: 40 }];
  assert.equal(placeLabels([quiet("a")], { taken: walled, routes, lines: new LinePoints(routes) }), []);
});

test("a loud label takes the largest form that has room, beside its line if need be", () => {
  const routes = levelLines({ a: { y: 0, length: 100 } });
  const sizes = [
    { width: 140, height: 18 },
    { width: 60, height: 18 },
  ];
  const ground = (taken: Place[]) => ({ taken, routes, lines: new LinePoints(routes) });
  const walls = [
    { x: -40, y: -30, width: 40, height: 60 },
    { x: 100, y: -30, width: 40, height: 60 },
  ];
  const wish = { id: "a", sizes, loud: true };
  assert.is(placeLabels([wish], ground([]))[0]!.form, 0);
  assert.is(placeLabels([wish], ground(walls))[0]!.form, 1);
  const [beside] = placeLabels([wish], ground([...walls, { x: 0, y: -1, width: 100, height: 2 }]));
  assert.is(beside!.form, 1);
  assert.is.not(beside!.y, 0);
});

test("who comes first stands best", () => {
  const routes = levelLines({ a: { y: 0, length: 120 }, b: { y: 10, length: 120 } });
  const wishes = ["a", "b"].map((id) => ({ ...quiet(id), loud: true }));
  const ground = { taken: [], routes, lines: new LinePoints(new Map()) };
  const [first, second] = placeLabels(wishes, ground);
  assert.equal([first!.x, first!.y], [60, 0]);
  assert.not.ok(overlap(around(first!, wishes[0]!.sizes[0]!), around(second!, wishes[1]!.sizes[0]!)));
});

test("spots lie on the line at equal steps, from its start to its end", () => {
  const routes = levelLines({ a: { y: 5, length: 80 } });
  const spots = spotsAlong(routes.get("a")!, 10);
  assert.is(spots.length, 9);
  spots.forEach(({ x, y, share }, at) => {
    assert.ok(Math.abs(x - at * 10) < 0.2 && y === 5, `${x}, ${y}`);
    assert.is(share, at / 8);
  });
});

test("the words of a line: its rate, or what hurts in ever shorter forms", () => {
  assert.equal(formsOf({ trouble: "", figure: "32/s" }), [{ trouble: [], rate: "32/s" }]);
  assert.equal(formsOf({ trouble: "", figure: "46 kB/s · 8 open" }), [
    { trouble: [], rate: "46 kB/s · 8 open" },
    { trouble: [], rate: "46 kB/s" },
    { trouble: [], rate: "8 open" },
  ]);
  assert.equal(formsOf({ trouble: "62 % err\np95 2.1 s", figure: "8/s" }), [
    { trouble: ["62 % err · p95 2.1 s"], rate: "8/s" },
    { trouble: ["62 % err · p95 2.1 s"], rate: "" },
    { trouble: ["62 % err", "p95 2.1 s"], rate: "" },
    { trouble: ["62 % err"], rate: "" },
  ]);
  const widths = wishOf("a", { trouble: "62 % err\np95 2.1 s", figure: "8/s" }, 1).sizes.map(({ width }) => width);
  assert.ok(widths[0]! > widths[2]!);
  assert.equal(
    wishOf("a", { trouble: "", figure: "8.4/s" }, 1),
    wishOf("a", { trouble: "", figure: "8.5/s" }, 1),
    "a flickering figure wants the same room",
  );
});

test.run();
