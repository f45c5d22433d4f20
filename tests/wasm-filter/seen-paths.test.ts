/**
 * What a path becomes is remembered by the path as it came: whatever else decides over its endpoint may not be mixed up
 * with it, and nothing may outlive a change of what it was made of.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { generator } from "./random.ts";
import { type Request, Sidecar, countsOf, totalCount } from "./sidecar.ts";
import { connected, outbound, routeOf, service } from "./taught.ts";

const Loss = { endpoints: 2 } as const;

function countsAfter(sidecar: Sidecar): Record<string, number> {
  sidecar.settle();
  return countsOf(sidecar.totals);
}

test("methods, protocols, services and answers of one path are told apart, however often they take turns", () => {
  const sidecar = new Sidecar({ side: "outbound" });
  const cart = { ...outbound("cart", "/shop.v1.Cart/Get"), method: "POST" };
  const requests: Request[] = [
    cart,
    { ...cart, method: "GET" },
    { ...cart, method: "BREW" },
    { ...cart, status: 500 },
    { ...cart, contentType: "application/grpc", grpcStatus: 0 },
    { ...cart, cluster: "user" },
    { ...cart, path: "/shop.v1.Cart/Get/" },
    { ...cart, path: "/shop.v1.Cart/Get?x=1" },
  ];
  for (let i = 0; i < 3; i++) for (const request of requests) sidecar.request(request);
  assert.equal(countsAfter(sidecar), {
    "out 10.0.0.2:80,cart grpc  /shop.v1.Cart/Get success 0": 3,
    "out 10.0.0.2:80,cart http GET /shop.v1.Cart/Get success 200": 3,
    "out 10.0.0.2:80,cart http POST /shop.v1.Cart/Get serverError 500": 3,
    "out 10.0.0.2:80,cart http POST /shop.v1.Cart/Get success 200": 9,
    "out 10.0.0.2:80,cart http ~other /shop.v1.Cart/Get success 200": 3,
    "out 10.0.0.2:80,user http POST /shop.v1.Cart/Get success 200": 3,
  });
});

test("what was taught for one service holds for no other, of more than are remembered", () => {
  const sidecar = connected({ side: "outbound" });
  sidecar.teach({ serviceRoutes: [service("taught", { rules: ["/{socks}"] })] });
  const others = Array.from({ length: 300 }, (_, i) => `service-${i}`);
  for (const other of others) {
    for (const cluster of ["taught", other]) sidecar.request(outbound(cluster, "/red"));
  }
  const counts = countsAfter(sidecar);
  assert.is(counts["out 10.0.0.2:80,taught http GET /{socks} success 200"], 300);
  for (const other of others) assert.is(counts[`out 10.0.0.2:80,${other} http GET /red success 200`], 1, other);
});

test("a rule that is taught, and one that is taken back, hold for the next request of a path that was seen", () => {
  const sidecar = connected();
  const request = { path: "/socks/red" };
  assert.equal([routeOf(sidecar, request), routeOf(sidecar, request)], ["/socks/red", "/socks/red"]);
  sidecar.teach({ routes: ["/socks/{colour}"] });
  assert.equal([routeOf(sidecar, request), routeOf(sidecar, request)], ["/socks/{colour}", "/socks/{colour}"]);
  sidecar.teach({ serviceRoutes: [service("", { idPlaces: ["/socks/{id}"] })] });
  assert.equal([routeOf(sidecar, request), routeOf(sidecar, request)], ["/socks/{id}", "/socks/{id}"]);
  sidecar.teach({});
  assert.is(routeOf(sidecar, request), "/socks/red");
});

test("what had to be given up is a loss each time, and what is left out is not taken for another path", () => {
  const sidecar = new Sidecar({ side: "inbound", max_endpoints: 1 });
  for (let i = 0; i < 4; i++) for (const path of ["/first", "/second", "/third"]) sidecar.request({ path });
  assert.equal(countsAfter(sidecar), {
    "in 10.0.0.1 http GET /first success 200": 4,
    "in 10.0.0.1 http ~other ~other success 200": 8,
  });
  assert.equal(sidecar.losses, { [Loss.endpoints]: 8 });
});

test("far more paths than are remembered, some of them longer, are counted as if none were", () => {
  const random = generator(12);
  const sidecar = new Sidecar({ side: "inbound", max_endpoints: 1000 });
  const letters = (size: number): string => Array.from({ length: size }, () => "abcdefgh"[random(8)]).join("");
  // Names, and so all of them are told apart; sizes around 8 bytes a step and around the longest that is remembered.
  const paths = [...new Set(Array.from({ length: 900 }, (_, i) => `/a/${letters(i % 14)}/${letters(1 + (i % 43))}`))];
  const named = paths.filter((path) => path.split("/").every((segment) => segment.length < 15));
  for (let round = 0; round < 3; round++) for (const path of named) sidecar.request({ path });
  const counts = countsAfter(sidecar);
  assert.ok(named.length > 256);
  assert.is(totalCount(sidecar.totals), 3 * named.length);
  for (const path of named) {
    assert.is(counts[`in 10.0.0.1 http GET ${path.replaceAll("//", "/")} success 200`], 3, path);
  }
});

test("endpoints that get new numbers are not taken for those that had them", () => {
  const sidecar = new Sidecar({ side: "inbound", max_endpoints: 200 });
  const stays = { path: "/stays" };
  for (const letter of "abcdefghijklmnop") {
    for (const other of "abcdefghij") sidecar.request({ path: `/gone/${letter}/${other}` });
  }
  for (let second = 0; second < 70; second++) {
    sidecar.request(stays);
    sidecar.tick();
    sidecar.collect();
    sidecar.acknowledge();
  }
  // Those that were idle have made room by now; new ones take their numbers.
  for (const letter of "qrstuvwxyz") sidecar.request({ path: `/new/${letter}` });
  for (let i = 0; i < 2; i++) sidecar.request({ path: "/gone/a/a" });
  sidecar.request(stays);
  const counts = countsAfter(sidecar);
  assert.is(counts["in 10.0.0.1 http GET /stays success 200"], 71);
  assert.is(counts["in 10.0.0.1 http GET /gone/a/a success 200"], 3);
  for (const letter of "qrstuvwxyz") assert.is(counts[`in 10.0.0.1 http GET /new/${letter} success 200`], 1);
  assert.is(totalCount(sidecar.totals), 160 + 71 + 12);
  assert.equal(sidecar.losses, {});
});

test.run();
