/** Control and the filter make the same of a path: what is taught, and what control does where nothing was taught yet. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as limits from "../../../control/routes/limits.ts";
import { RuleSet } from "../../../control/routes/rule-set.ts";
import { ServiceRoutes } from "../../../control/routes/service-routes.ts";
import type { Place } from "../../../control/routes/service-routes.ts";
import { taughtOf } from "../../../control/routes/taught.ts";
import { connected, routeOf } from "../../wasm-filter/taught.ts";
import { randomOf } from "../world/random.ts";
import { readApi, requests } from "./traffic.ts";

const START_MS = Date.UTC(2026, 2, 1);
const CUT = 5;
const BAD = 7;
const RULES_CUT = 10;

test("a taught filter, and control behind one that was taught nothing, have the same routes", () => {
  for (const name of ["github", "storefront"]) {
    const tree = new ServiceRoutes({ left: 200_000 }, { nodes: 0, places: 0 });
    const stream = requests(readApi(name), randomOf(5));
    for (let slot = 0; slot < 400; slot++) {
      for (let i = 0; i < 30; i++) tree.see({ ...stream.next().value, count: 1 }, START_MS + slot * 10_000);
      tree.decide(START_MS);
    }
    assert.ok(tree.placeCount > 5, `${tree.placeCount} places`);
    const taught = connected();
    const { serviceRoutes, cut } = taughtOf([{ cluster: "", rules: [], places: tree.places() }], []);
    assert.is(cut, 0);
    taught.teach({ serviceRoutes });
    const untaught = connected();
    for (let i = 0; i < 200; i++) {
      const path = stream.next().value.route.replaceAll("{id}", "57a98d98e4b00679b4a830b2");
      assert.is(routeOf(taught, { path }), tree.template(routeOf(untaught, { path })), path);
    }
  }
});

test("so they have where rules say what becomes of a path", () => {
  const rules = ["/users/me", "/users/{user}", "/a/*", "/a/**", "/pets/{petId}/photos/{photo.jpg}", "/{x}/z"];
  const set = new RuleSet(rules);
  const taught = connected();
  const { serviceRoutes } = taughtOf([{ cluster: "", rules, places: [] }], []);
  taught.teach({ serviceRoutes });
  const untaught = connected();
  for (const path of ["/users/me", "/users/ann", "/a", "/a/b", "/a/b/c", "/pets/7/photos/x.jpg", "/q/z", "/q/y", "/"]) {
    const before = routeOf(untaught, { path });
    assert.is(routeOf(taught, { path }), set.match("GET", before) ?? before, path);
  }
});

/** The filter's limits; AssemblyScript, but what is a constant there is one here. The filter is built with nothing defined. */
Object.assign(globalThis, { SIDELIGHT_TAP: undefined, isDefined: () => false });
const filterLimits = (await import(new URL("../../../wasm-filter/core/limits.ts", import.meta.url).href)) as Readonly<
  Record<string, number>
>;

test("control counts with the room that the filter has", () => {
  const pairs: readonly (readonly [keyof typeof limits, string])[] = [
    ["MAX_SEGMENTS", "MAX_SEGMENTS"],
    ["MAX_RULES", "MAX_RULES"],
    ["MAX_RULE_BYTES", "MAX_RULE"],
    ["MAX_RULES_BYTES", "RULE_BYTES"],
    ["MAX_TAUGHT_RULES", "MAX_TAUGHT_RULES"],
    ["MAX_TAUGHT_RULE_BYTES", "TAUGHT_RULE_BYTES"],
    ["MAX_TAUGHT_PLACES", "MAX_PLACES"],
    ["MAX_TAUGHT_SERVICES", "MAX_SERVICES"],
  ];
  for (const [ours, theirs] of pairs) assert.is(limits[ours], filterLimits[theirs], ours);
});

test("as much as can be taught finds room in the filter", () => {
  const long = (prefix: string, count: number, size: number): string[] =>
    Array.from({ length: count }, (_, at) => `/${prefix}${at}/${"x".repeat(size)}/{id}`);
  const places = [...long("p", 500, 20), ...long("q", 900, 40)].map((place): Place => ({
    place,
    sinceMs: 0,
    values: 1,
    names: new Set(["kept"]),
  }));
  const services = ["", "one", "two"].map((cluster, at) => {
    return { cluster, rules: [...long(`a${cluster}`, 250, at * 9)], places: places.slice(at * 300) };
  });
  const { serviceRoutes, cut } = taughtOf(services, ["/shared/{id}"]);
  assert.ok(cut > 0);
  const sidecar = connected();
  sidecar.teach({ routes: ["/shared/{id}"], serviceRoutes });
  sidecar.request({ path: "/p7/xxxxxxxxxxxxxxxxxxxx/some" });
  sidecar.settle();
  assert.equal(
    [sidecar.losses[BAD], sidecar.losses[RULES_CUT], sidecar.losses[CUT]],
    [undefined, undefined, undefined],
  );
});

test.run();
