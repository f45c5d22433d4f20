/**
 * Rules and places that control teaches, for one service or for all: which template a path gets.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { generator } from "./random.ts";
import { countsOf } from "./sidecar.ts";
import { connected, outbound, routeOf, service } from "./taught.ts";

test("at a learned place everything is an id, behind exactly the prefix that was learned", () => {
  const sidecar = connected();
  const idPlaces = ["/customers/{id}", "/shops/{id}/items/{id}", "/files/{id}/versions/{id}"];
  sidecar.teach({ serviceRoutes: [service("", { idPlaces })] });
  const cases: Record<string, string> = {
    "/customers/alice": "/customers/{id}",
    "/customers/alice/cards": "/customers/{id}/cards",
    "/customers": "/customers",
    "/customers/7": "/customers/{id}",
    "/customers/7.json": "/customers/{id}",
    "/customers/a%20b": "/customers/{id}",
    "//customers//bob//": "/customers/{id}",
    "/api/customers/alice": "/api/customers/alice",
    "/customer/alice": "/customer/alice",
    "/customersalice/x": "/customersalice/x",
    "/shops/7/items/socks": "/shops/{id}/items/{id}",
    "/shops/soho/items/socks": "/shops/soho/items/socks",
    "/shops/7/staff/ann": "/shops/{id}/staff/ann",
    "/files/7/versions/first": "/files/{id}/versions/{id}",
    "/files/7/versions/first/diff": "/files/{id}/versions/{id}/diff",
    "/alice": "/alice",
    "*": "*",
  };
  for (const [path, expected] of Object.entries(cases)) assert.is(routeOf(sidecar, { path }), expected, path);
});

test("places below places, and one at the root", () => {
  const sidecar = connected();
  sidecar.teach({ serviceRoutes: [service("", { idPlaces: ["/{id}", "/{id}/{id}", "/{id}/tags/{id}"] })] });
  assert.is(routeOf(sidecar, { path: "/" }), "/");
  assert.is(routeOf(sidecar, { path: "/alice" }), "/{id}");
  assert.is(routeOf(sidecar, { path: "/alice/socks" }), "/{id}/{id}");
  assert.is(routeOf(sidecar, { path: "/alice/tags" }), "/{id}/{id}");
  assert.is(routeOf(sidecar, { path: "/alice/tags/red" }), "/{id}/{id}/red", "the prefix is what it has become");
});

test("a name that is to stay does, at its place alone, with all that is below it", () => {
  const sidecar = connected();
  const idPlaces = ["/customers/search", "/customers/7", "/customers/{id}", "/customers/{id}/cards", "/a/b"];
  sidecar.teach({ serviceRoutes: [service("", { idPlaces })] });
  const cases: Record<string, string> = {
    "/customers/search": "/customers/search",
    "/customers/search/by/8": "/customers/search/by/{id}",
    "/customers/searching": "/customers/{id}",
    "/customers/7": "/customers/7",
    "/customers/alice/search": "/customers/{id}/search",
    "/customers/alice/cards/7": "/customers/{id}/cards/{id}",
    "/a/b/7": "/a/b/{id}",
    "/a/7": "/a/{id}",
  };
  for (const [path, expected] of Object.entries(cases)) assert.is(routeOf(sidecar, { path }), expected, path);
});

test("each service has rules and places of its own, by its cluster", () => {
  const sidecar = connected({});
  sidecar.teach({
    serviceRoutes: [
      service("", { rules: ["/x/{own}"] }),
      service("user.shop", { rules: ["/x/{user}"], idPlaces: ["/names/{id}"] }),
      service("cart.shop", { rules: ["/x/*", "GET /names/**"] }),
    ],
  });
  assert.is(routeOf(sidecar, { path: "/x/a" }), "/x/{own}");
  assert.is(routeOf(sidecar, { path: "/names/a" }), "/names/a");
  assert.is(routeOf(sidecar, outbound("user.shop", "/x/a")), "/x/{user}");
  assert.is(routeOf(sidecar, outbound("user.shop", "/names/a/b")), "/names/{id}/b");
  assert.is(routeOf(sidecar, outbound("cart.shop", "/x/a")), "/x/*");
  assert.is(routeOf(sidecar, outbound("cart.shop", "/names/a/b")), "/names/**");
  assert.is(routeOf(sidecar, { ...outbound("cart.shop", "/names/a"), method: "PUT" }), "/names/a");
  assert.is(routeOf(sidecar, outbound("other.shop", "/x/a")), "/x/a");
  assert.is(routeOf(sidecar, { path: "/x/a", direction: 2 }), "/x/{own}", "no cluster was found: the empty name");
});

test("the service's rules go before those for all, those before the configured ones, all before ids", () => {
  const sidecar = connected({ side: "inbound", routes: ["/a/{configured}", "/b/{configured}"] });
  const rules = ["/a/{service}", "/places/known", "/old/7"];
  const idPlaces = ["/places/{id}"];
  const all = ["/a/{all}", "/c/{all}"];
  sidecar.teach({ serviceRoutes: [service("", { rules, idPlaces })] });
  assert.is(routeOf(sidecar, { path: "/a/x" }), "/a/{service}");
  assert.is(routeOf(sidecar, { path: "/b/x" }), "/b/{configured}", "rules of a service do not replace the configured");
  assert.is(routeOf(sidecar, { path: "/places/known" }), "/places/known");
  assert.is(routeOf(sidecar, { path: "/places/unknown" }), "/places/{id}");
  assert.is(routeOf(sidecar, { path: "/old/7" }), "/old/7");
  sidecar.teach({ routes: all, serviceRoutes: [service("", { rules, idPlaces })] });
  assert.is(routeOf(sidecar, { path: "/a/x" }), "/a/{service}");
  assert.is(routeOf(sidecar, { path: "/c/x" }), "/c/{all}");
  assert.is(routeOf(sidecar, { path: "/b/x" }), "/b/x", "rules for all do replace the configured");
  sidecar.teach({ routes: all });
  assert.is(routeOf(sidecar, { path: "/a/x" }), "/a/{all}");
  assert.is(routeOf(sidecar, { path: "/places/unknown" }), "/places/unknown");
  sidecar.teach({});
  assert.is(routeOf(sidecar, { path: "/a/x" }), "/a/{configured}");
});

test("within a service the first rule that matches wins, whatever its form", () => {
  const orders: [string[], string][] = [
    [["/a/**", "/a/{x}/c", "/a/b/c"], "/a/**"],
    [["/a/{x}/c", "/a/**", "/a/b/c"], "/a/{x}/c"],
    [["/z/**", "POST /a/b/c", "/a/b/d", "/a/b/c/d", "/a/b/c", "/**"], "/a/b/c"],
    [["/a/b/{y}", "/a/{x}/c"], "/a/b/{y}"],
    [["/**", "/a/b/c"], "/**"],
    [["/a/b/c/**", "/a/*/c"], "/a/b/c/**"],
    [["/a/**/nothing", "/a/b/c"], "/a/**/nothing"],
  ];
  for (const [rules, expected] of orders) {
    const sidecar = connected();
    sidecar.teach({ serviceRoutes: [service("", { rules })] });
    assert.is(routeOf(sidecar, { path: "/a/b/c" }), expected, rules.join(" "));
  }
});

/** What matchRule answers, written as slowly and plainly as can be. */
function plainMatch(rules: readonly string[], path: string): string | undefined {
  const segments = path.split("/").filter(Boolean);
  return rules.find((rule) => {
    const parts = rule.slice(1).split("/").filter(Boolean);
    const rest = parts.indexOf("**");
    if (rest < 0 && parts.length !== segments.length) return false;
    const fixed = rest < 0 ? parts : parts.slice(0, rest);
    return fixed.every((part, i) => segments[i] !== undefined && (/^(\*|\{.*\})$/.test(part) || part === segments[i]));
  });
}

test("10,000 paths against random rules match as a plain search does", () => {
  const random = generator(5);
  const pick = (words: readonly string[]) => words[random(words.length)]!;
  const path = (words: readonly string[]) => `/${Array.from({ length: random(5) }, () => pick(words)).join("/")}`;
  for (let round = 0; round < 20; round++) {
    const rules = Array.from({ length: 60 }, () => path(["a", "b", "ab", "cdefghijk", "{x}", "*", "**"]));
    const sidecar = connected({ side: "inbound", max_endpoints: 1000 });
    sidecar.teach({ serviceRoutes: [service("", { rules })] });
    const expected: Record<string, number> = {};
    sidecar.tick();
    sidecar.received.clear();
    for (let i = 0; i < 500; i++) {
      const asked = path(["a", "b", "ab", "cdefghijk", "cdefghijz"]);
      const route = plainMatch(rules, asked) ?? asked;
      const key = `in 10.0.0.1 http GET ${route} success 200`;
      expected[key] = (expected[key] ?? 0) + 1;
      sidecar.request({ path: asked });
    }
    sidecar.settle();
    assert.equal(countsOf(sidecar.totals), Object.fromEntries(Object.entries(expected).sort()), rules.join(" "));
  }
});

test("fields of a service may come in any order, and twice", () => {
  const sidecar = connected({});
  const field = (number: number, value: string | Buffer) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  };
  const backwards = Buffer.concat([field(3, "/p/{id}"), field(9, "later"), field(2, "/r/{x}"), field(1, "user.shop")]);
  const more = Buffer.concat([field(2, "/r2/{y}"), field(1, "user.shop")]);
  sidecar.host.receive(sidecar.stream!, field(2, Buffer.concat([field(4, backwards), field(4, more)])));
  assert.is(routeOf(sidecar, outbound("user.shop", "/p/a")), "/p/{id}");
  assert.is(routeOf(sidecar, outbound("user.shop", "/r/a")), "/r/{x}");
  assert.is(routeOf(sidecar, outbound("user.shop", "/r2/a")), "/r2/{y}");
});

test("an RPC's path stays its own template", () => {
  const sidecar = connected();
  const idPlaces = ["/{id}", "/shop.v1.Payment/{id}"];
  sidecar.teach({ serviceRoutes: [service("", { rules: ["/**"], idPlaces })] });
  const contentType = "application/grpc";
  assert.is(routeOf(sidecar, { path: "/shop.v1.Payment/Pay", method: "POST", contentType }), "/shop.v1.Payment/Pay");
});

test.run();
