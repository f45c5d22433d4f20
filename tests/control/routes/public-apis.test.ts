import { test } from "uvu";
import * as assert from "uvu/assert";
import { ServiceRoutes } from "../../../control/routes/service-routes.ts";
import { randomOf } from "../world/random.ts";
import { fill, isParameter, readApi, requests } from "./traffic.ts";
import type { ApiPath, Request } from "./traffic.ts";

const APIS = ["github", "stripe", "kubernetes", "slack", "spotify", "registry", "sock-shop", "storefront"] as const;
const START_MS = Date.UTC(2026, 2, 1);
const SLOT_MS = 10_000;
/** Places with this many different values are to be learned. */
const MANY = 100;
/** Requests in ten seconds, and how many times ten seconds. */
const LOADS = [
  [1, 6_000],
  [30, 500],
  [500, 80],
] as const;

interface Outcome {
  readonly tree: ServiceRoutes;
  readonly asked: readonly Request[];
}

function browse(
  api: readonly ApiPath[],
  { seed, rate, slots }: { seed: number; rate: number; slots: number },
): Outcome {
  const tree = new ServiceRoutes({ left: 200_000 }, { nodes: 0, places: 0 });
  const stream = requests(api, randomOf(seed));
  const asked: Request[] = [];
  for (let slot = 0; slot < slots; slot++) {
    for (let i = 0; i < rate; i++) {
      const request = stream.next().value;
      tree.see({ ...request, count: 1 }, START_MS + slot * SLOT_MS);
      asked.push(request);
    }
    tree.decide(START_MS + slot * SLOT_MS);
  }
  return { tree, asked };
}

/** Whether the API documents a parameter where this path has a name. */
function isBesideParameter(api: readonly ApiPath[], path: ApiPath, at: number): boolean {
  return api.some(
    ({ segments }) =>
      segments[at] !== undefined &&
      isParameter(segments[at]) &&
      segments.slice(0, at).every((one, i) => one === path.segments[i] || (isId(one) && isId(path.segments[i]!))),
  );
}

function isId(segment: string): boolean {
  return segment.startsWith("{");
}

/** Documented names that have become ids. */
function swallowed(api: readonly ApiPath[], tree: ServiceRoutes): string[] {
  const random = randomOf(99);
  return api.flatMap((path) => {
    const template = tree
      .template(`/${fill(path, random).join("/")}`)
      .slice(1)
      .split("/");
    const lost = path.segments.findIndex(
      (name, at) => !isParameter(name) && template[at] !== name && !isBesideParameter(api, path, at),
    );
    return lost < 0 ? [] : [path.segments.slice(0, lost + 1).join("/")];
  });
}

/** Places where many values of a documented parameter were seen, and whether they were learned. */
function places({ tree, asked }: Outcome): { place: string; isLearned: boolean }[] {
  const values = new Map<string, Set<string>>();
  for (const { path, route } of asked) {
    if (!path.segments.some(isParameter)) continue;
    const given = route.slice(1).split("/");
    const template = tree.template(route).slice(1).split("/");
    for (const [at, segment] of path.segments.entries()) {
      if (!isParameter(segment)) continue;
      const place = `/${[...template.slice(0, at), "{id}"].join("/")}`;
      const seen = values.get(place) ?? new Set();
      values.set(place, seen.add(given[at]!));
    }
  }
  const learned = new Set(tree.places().map(({ place }) => place));
  const many = [...values].filter(([, seen]) => seen.size > MANY);
  return many.map(([place]) => ({ place, isLearned: learned.has(place) }));
}

test("no documented name of a public API is swallowed; places with many values are learned", () => {
  let learned = 0;
  const missed: string[] = [];
  const loads = APIS.flatMap((name) => LOADS.flatMap((load) => [1, 2, 3].map((seed) => ({ name, load, seed }))));
  for (const { name, load, seed } of loads) {
    const api = readApi(name);
    const [rate, slots] = load;
    const outcome = browse(api, { seed, rate, slots });
    assert.equal(swallowed(api, outcome.tree), [], `${name}, ${rate} in ten seconds, seed ${seed}`);
    for (const { place, isLearned } of places(outcome)) {
      if (isLearned) learned++;
      else missed.push(`${name} ${place}`);
    }
  }
  const all = learned + missed.length;
  assert.ok(all > 200, `${all} places`);
  assert.ok(learned / all >= 0.95, `${learned} of ${all}; not ${missed.join(", ")}`);
});

/** Asks for values of a place, and for names beside it. */
function besides(names: Readonly<Record<string, number>>, values: number): ServiceRoutes {
  const tree = new ServiceRoutes({ left: 10_000 }, { nodes: 0, places: 0 });
  const random = randomOf(7);
  for (let slot = 0; slot < 60; slot++) {
    for (const [name, times] of Object.entries(names)) {
      tree.see({ method: "GET", route: `/orders/${name}`, count: times }, START_MS + slot * SLOT_MS);
    }
    for (let i = 0; i < 10; i++) {
      const value = `order-of-${Math.floor(random() ** 3 * values).toString(26)}`;
      tree.see({ method: "GET", route: `/orders/${value}`, count: 1 }, START_MS + slot * SLOT_MS);
    }
    tree.decide(START_MS + slot * SLOT_MS);
  }
  return tree;
}

test("a name beside ids stays where it is asked for far more often than any of them", () => {
  const tree = besides({ search: 40, export: 30 }, 100_000);
  assert.equal(
    tree.places().map(({ place, names }) => [place, [...names].sort()]),
    [["/orders/{id}", ["export", "search"]]],
  );
  assert.is(tree.template("/orders/search"), "/orders/search");
  assert.is(tree.template("/orders/search/by-date"), "/orders/search/by-date");
  assert.is(tree.template("/orders/order-of-someone"), "/orders/{id}");
});

test("a name that is asked for no more often than an id becomes one: only a rule can tell", () => {
  const tree = new ServiceRoutes({ left: 10_000 }, { nodes: 0, places: 0 });
  for (let at = 0; at < 300; at++) {
    const route = at === 40 ? "/orders/export" : `/orders/order-of-${at.toString(26)}`;
    tree.see({ method: "GET", route, count: 1 }, START_MS + at * SLOT_MS);
  }
  tree.decide(START_MS);
  assert.is(tree.template("/orders/export"), "/orders/{id}");
});

test("few tenants are ids when they have the same names below them; few services are not", () => {
  const below = (names: (tenant: number) => readonly string[]): ServiceRoutes => {
    const tree = new ServiceRoutes({ left: 10_000 }, { nodes: 0, places: 0 });
    for (let slot = 0; slot < 60; slot++) {
      for (let tenant = 0; tenant < 25; tenant++) {
        const all = names(tenant);
        const route = `/of-${tenant.toString(26)}/${all[slot % all.length]}`;
        tree.see({ method: "GET", route, count: 9 }, START_MS + slot * SLOT_MS);
      }
      tree.decide(START_MS + slot * SLOT_MS);
    }
    return tree;
  };
  const tenants = below(() => ["invoices", "members", "settings", "plan"]);
  assert.equal(
    tenants.places().map(({ place }) => place),
    ["/{id}"],
  );
  assert.is(tenants.template("/of-z/members"), "/{id}/members");
  const services = below((service) => ["health", "metrics", `own-${service}`, `other-${service}`, `third-${service}`]);
  assert.equal(services.places(), []);
});

test.run();
