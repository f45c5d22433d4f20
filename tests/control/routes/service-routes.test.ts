import { test } from "uvu";
import * as assert from "uvu/assert";
import { MAX_NODES_PER_SERVICE, MAX_PLACES } from "../../../control/routes/limits.ts";
import { ServiceRoutes } from "../../../control/routes/service-routes.ts";
import type { NodeBudget } from "../../../control/routes/service-routes.ts";
import { randomOf, shuffled } from "../world/random.ts";
import { readApi, requests } from "./traffic.ts";

const START_MS = Date.UTC(2026, 2, 1);
const SLOT_MS = 10_000;

function fresh(budget: NodeBudget = { left: 200_000 }): ServiceRoutes {
  return new ServiceRoutes(budget, { nodes: 0, places: 0 });
}

/** Where these places were learned before. */
function taught(...places: readonly (readonly [place: string, ...names: string[]])[]): ServiceRoutes {
  const tree = fresh();
  tree.restore(
    places.map(([place, ...names]) => ({ place, sinceMs: START_MS, values: 60, names: new Set(names) })),
    [],
  );
  return tree;
}

/** Sees routes one in ten seconds, each so often. */
function see(tree: ServiceRoutes, routes: readonly string[], count = 1): void {
  routes.forEach((route, slot) => tree.see({ method: "GET", route, count }, START_MS + slot * SLOT_MS));
  tree.decide(START_MS);
}

function names(prefix: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, at) => `${prefix}name-${[...String(at)].map((digit) => "abcdefghij"[+digit]).join("")}`,
  );
}

function placesOf(tree: ServiceRoutes): string[] {
  return tree.places().map(({ place }) => place);
}

test("whatever stands at a learned place is {id}, but for the names that are kept; the rest stays", () => {
  const tree = taught(["/users/{id}", "me"], ["/users/{id}/repos/{id}"], ["/users/me/keys/{id}"], ["/{id}/x/{id}"]);
  const cases: Record<string, string> = {
    "/users/alice": "/users/{id}",
    "/users/{id}": "/users/{id}",
    "/users/{id}.png": "/users/{id}",
    "/users/me": "/users/me",
    "/users/me/keys/laptop": "/users/me/keys/{id}",
    "/users/alice/keys/laptop": "/users/{id}/keys/laptop",
    "/users/alice/repos/tools/issues": "/users/{id}/repos/{id}/issues",
    "/users": "/users",
    "/users/alice/**": "/users/{id}/**",
    "/other/alice": "/other/alice",
    "/": "/",
    "~other": "~other",
    "*": "*",
    "": "",
  };
  const withoutRoot = taught(["/users/{id}", "me"], ["/users/{id}/repos/{id}"], ["/users/me/keys/{id}"]);
  for (const [route, template] of Object.entries(cases)) {
    assert.is(withoutRoot.template(route), template, route);
    assert.is(withoutRoot.template(template), template, `${template} again`);
  }
  assert.is(tree.template("/{id}/x/y"), "/{id}/x/{id}");
});

test("what was learned further down goes along when the place before it is learned", () => {
  const tree = fresh();
  see(tree, names("/repos/torvalds/", 200));
  assert.equal(placesOf(tree), ["/repos/torvalds/{id}"]);
  see(
    tree,
    names("/repos/", 200).map((owner) => `${owner}/tools`),
    100,
  );
  assert.equal(placesOf(tree), ["/repos/{id}", "/repos/{id}/{id}"]);
  assert.is(tree.template("/repos/someone/something/issues"), "/repos/{id}/{id}/issues");
});

test("a place that was forgotten is not learned again", () => {
  const tree = fresh();
  see(tree, names("/pages/", 200));
  assert.is(tree.forget("/pages/{id}"), true);
  assert.is(tree.forget("/pages/{id}"), false);
  assert.is(tree.template("/pages/about"), "/pages/about");
  see(tree, names("/pages/", 400));
  assert.equal(placesOf(tree), []);
  assert.equal(tree.forgotten, ["/pages/{id}"]);
  const again = fresh();
  again.restore(tree.places(), tree.forgotten);
  see(again, names("/pages/", 400));
  assert.equal(placesOf(again), []);
});

test("what is learned is restored as it was", () => {
  const tree = fresh();
  see(tree, names("/a/", 200));
  see(tree, [...names("/a/", 200).map((one) => `${one}/b/c`), ...names("/a/x/b/", 250)]);
  const again = fresh();
  again.restore([...tree.places()].reverse(), []);
  assert.equal(again.places(), tree.places());
  for (const route of ["/a/q", "/a/q/b/z", "/a/q/r", "/b/q"]) assert.is(again.template(route), tree.template(route));
});

test("the same traffic in any order leads to the same places", () => {
  const api = readApi("github");
  const stream = requests(api, randomOf(3));
  const sights = Array.from({ length: 12_000 }, (_, at) => {
    const { method, route } = stream.next().value;
    return { method, route, count: 1, atMs: START_MS + Math.floor(at / 20) * SLOT_MS };
  });
  const learn = (order: typeof sights, batch: number): string[] => {
    const tree = fresh();
    for (const [at, sight] of order.entries()) {
      tree.see(sight, sight.atMs);
      if (at % batch === 0) tree.decide(START_MS);
    }
    tree.decide(START_MS);
    return placesOf(tree);
  };
  const inOrder = learn(sights, 20);
  assert.ok(inOrder.length >= 8, inOrder.join(" "));
  for (const seed of [1, 2, 3]) {
    const other = new Set(learn(shuffled(sights, randomOf(seed)), seed * 40));
    const differing = [...inOrder.filter((place) => !other.delete(place)), ...other];
    assert.ok(differing.length <= inOrder.length / 5, `seed ${seed}: ${differing.join(" ")}`);
  }
});

test("windows that are read twice, or seen by both ends, say no more than once", () => {
  const once = fresh();
  const twice = fresh();
  const routes = names("/v1/", 58).flatMap((name) => [name, name, name]);
  see(once, routes);
  see(twice, routes);
  see(twice, routes);
  assert.equal(placesOf(twice), placesOf(once));
});

test("a hundred thousand random paths: bounded, and a service's own names stay", () => {
  const cuts = { nodes: 0, places: 0 };
  const budget = { left: 200_000 };
  const tree = new ServiceRoutes(budget, cuts);
  const random = randomOf(11);
  const own = ["/login", "/api/orders", "/api/orders/export", "/static/app.js"];
  for (let at = 0; at < 100_000; at++) {
    const atMs = START_MS + Math.floor(at / 500) * SLOT_MS;
    const depth = 1 + Math.floor(random() * 12);
    const route = `/${Array.from({ length: depth }, () => Math.floor(random() * 1e9).toString(36)).join("/")}`;
    tree.see({ method: "GET", route, count: 1 }, atMs);
    if (at % 5 === 0) tree.see({ method: "GET", route: own[(at / 5) % own.length]!, count: 1 }, atMs);
    if (at % 200 === 0) tree.decide(atMs);
    if (at % 10_000 === 0) assert.ok(200_000 - budget.left <= MAX_NODES_PER_SERVICE, `${200_000 - budget.left} nodes`);
  }
  tree.decide(START_MS);
  assert.ok(placesOf(tree).length <= MAX_PLACES);
  assert.is(tree.template("/something"), "/{id}");
  for (const route of own) assert.is(tree.template(route), route);
});

test("a service that learns nothing more cannot take the room of others", () => {
  const cuts = { nodes: 0, places: 0 };
  const budget = { left: 500 };
  const tree = new ServiceRoutes(budget, cuts);
  for (let at = 0; at < 5_000; at++) {
    tree.see({ method: "GET", route: `/${at % 71}x/${at % 13}y/${at}z`, count: 1 }, START_MS);
  }
  assert.is(budget.left, 0);
  assert.ok(cuts.nodes > 0);
  see(tree, names("/new/", 20));
  assert.ok(budget.left >= 0);
});

test("places are bounded, and what is one too many is counted", () => {
  const cuts = { nodes: 0, places: 0 };
  const tree = new ServiceRoutes({ left: 200_000 }, cuts);
  tree.restore(
    names("/", MAX_PLACES + 5).map((name) => ({ place: `${name}/{id}`, sinceMs: 0, values: 1, names: new Set() })),
    [],
  );
  assert.is(tree.placeCount, MAX_PLACES);
  see(tree, names("/more/", 200));
  assert.is(tree.placeCount, MAX_PLACES);
  assert.ok(cuts.places > 0);
});

test.run();
