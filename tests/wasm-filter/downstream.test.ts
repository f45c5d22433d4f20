/**
 * What is the same for all requests of a connection is asked for once; nothing that is another for each may be.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { type Request, Sidecar, countsOf, totalCount } from "./sidecar.ts";

const Loss = { edges: 1, cut: 5 } as const;
const quiet = { exemplars: false };

/** How many attributes a request makes the filter ask for. */
function asks(sidecar: Sidecar, request: Request): number {
  const before = sidecar.host.calls.get("get_property") ?? 0;
  sidecar.request(request);
  return (sidecar.host.calls.get("get_property") ?? 0) - before;
}

function countsAfter(sidecar: Sidecar, roots?: readonly number[]): Record<string, number> {
  sidecar.settle(roots);
  return countsOf(sidecar.totals);
}

test("a known connection is asked neither for its address nor for its certificate", () => {
  const sidecar = new Sidecar({ ...quiet, side: "inbound" });
  const cart = { connection: 7, principal: "spiffe://mesh/ns/shop/sa/cart" };
  const user = { connection: 8, principal: "spiffe://mesh/ns/shop/sa/user" };
  assert.equal(
    [cart, cart, user, cart, user].map((request) => asks(sidecar, request)),
    [5, 3, 5, 3, 3],
  );
  assert.equal(countsAfter(sidecar), {
    [`in 10.0.0.1,${cart.principal} http GET / success 200`]: 3,
    [`in 10.0.0.1,${user.principal} http GET / success 200`]: 2,
  });
});

test("nor for the listener's direction and the plugin's name", () => {
  const sidecar = new Sidecar(quiet);
  sidecar.addRoot(2, { ...quiet, external_clusters: ["internet"] }, "other");
  const inbound = { connection: 1, plugin: "sidelight", direction: 1 } as const;
  const outbound = { connection: 2, plugin: "other", direction: 2, cluster: "internet", authority: "a.org" } as const;
  assert.equal(
    [inbound, outbound, inbound, outbound].map((request) => asks(sidecar, request)),
    [7, 7, 3, 5],
  );
  assert.equal(countsAfter(sidecar, [1, 2]), {
    "in 10.0.0.1 http GET / success 200": 2,
    "out internet,a.org http GET / success 200": 2,
  });
});

test("an access logger is told its root context", () => {
  const sidecar = new Sidecar({ ...quiet, side: "inbound" });
  sidecar.addRoot(2, { ...quiet, side: "outbound" }, "other");
  sidecar.requestLogged(2, { connection: 1, cluster: "cart", upstream: "10.0.0.2:80", plugin: "sidelight" });
  sidecar.requestLogged(1, { connection: 2, plugin: "other" });
  sidecar.requestLogged(1, { connection: 2, plugin: "other" });
  assert.equal(countsAfter(sidecar, [1, 2]), {
    "in 10.0.0.1 http GET / success 200": 2,
    "out 10.0.0.2:80,cart http GET / success 200": 1,
  });
});

test("outbound, where all is another for each request, nobody asks for the connection", () => {
  const sidecar = new Sidecar({ ...quiet, side: "outbound" });
  const cart = { connection: 1, cluster: "cart", upstream: "10.0.0.2:80" };
  const user = { connection: 1, cluster: "user", upstream: "10.0.0.3:80" };
  assert.equal([asks(sidecar, cart), asks(sidecar, user)], [4, 4]);
  assert.equal(countsAfter(sidecar), {
    "out 10.0.0.2:80,cart http GET / success 200": 1,
    "out 10.0.0.3:80,user http GET / success 200": 1,
  });
});

test("with X-Forwarded-For it is as it would be without a memory, whatever the connection had before", () => {
  const forwarded = { connection: 1, source: "6.6.6.6:0", headers: { "x-forwarded-for": "6.6.6.6" } };
  const own = { connection: 1 };
  for (const side of ["inbound", undefined]) {
    for (const order of [
      [own, forwarded, own],
      [forwarded, own, own],
    ]) {
      const sidecar = new Sidecar({ side });
      for (const request of order) sidecar.request(request);
      assert.equal(countsAfter(sidecar), {
        "in  http GET / success 200": 1,
        "in 10.0.0.1 http GET / success 200": 2,
      });
    }
  }
});

test("connections whose ids fall on one place do not take each other's peer", () => {
  const sidecar = new Sidecar({ side: "inbound" });
  for (let i = 0; i < 10; i++) {
    sidecar.request({ connection: 5, source: "10.0.0.5:1" });
    sidecar.request({ connection: 5 + 256, source: "10.0.0.6:1" });
    sidecar.request({ connection: 5 + 2 ** 32, source: "10.0.0.7:1" });
  }
  const counts = [5, 6, 7].map((host) => [`in 10.0.0.${host} http GET / success 200`, 10]);
  assert.equal(countsAfter(sidecar), Object.fromEntries(counts));
});

test("without keep-alive nobody goes on asking for connections", () => {
  const sidecar = new Sidecar({ ...quiet, side: "inbound" });
  let most = 0;
  for (let i = 0; i < 4000; i++) {
    const asked = asks(sidecar, { connection: i });
    if (i === 0) assert.is(asked, 5);
    if (i > 100) most = Math.max(most, asked);
  }
  assert.is(most, 4);
  for (let i = 0; i < 300; i++) sidecar.request({ connection: 1 });
  assert.is(asks(sidecar, { connection: 1 }), 3, "it was tried again");
  assert.equal(countsAfter(sidecar), { "in 10.0.0.1 http GET / success 200": 4301 });
});

test("a peer that has no room is a loss with each of its requests, and so is one that was cut", () => {
  const full = new Sidecar({ side: "inbound" });
  for (let i = 0; i < 1023; i++) full.request({ source: `10.1.${i >> 8}.${i & 255}:1` });
  for (let i = 0; i < 5; i++) full.request({ connection: 1, source: "10.2.0.0:1" });
  full.settle();
  assert.equal(full.losses, { [Loss.edges]: 5 });
  const cut = new Sidecar({ side: "inbound" });
  for (let i = 0; i < 5; i++) cut.request({ connection: 1, principal: "p".repeat(300) });
  cut.settle();
  assert.equal(cut.losses, { [Loss.cut]: 5 });
});

test("what is remembered follows peers that get new numbers", () => {
  const sidecar = new Sidecar({ side: "inbound" });
  const others = (net: number): void => {
    for (let i = 0; i < 1000; i++) sidecar.request({ source: `10.${net}.${i >> 8}.${i & 255}:1` });
  };
  sidecar.tick();
  others(1);
  for (let second = 0; second < 80; second++) {
    // By then the others were idle for a minute and have made room; those that come now take their numbers.
    if (second === 65) others(2);
    sidecar.request({ connection: 1, source: "10.9.9.9:1" });
    sidecar.tick();
    sidecar.collect();
    sidecar.acknowledge();
  }
  sidecar.settle();
  assert.is(sidecar.totals.get("in 10.9.9.9 http GET / success 200")?.count, 80);
  assert.is(totalCount(sidecar.totals), 2080);
  assert.equal(sidecar.losses, {});
});

test("a configuration that changes under a living connection is noticed", () => {
  const sidecar = new Sidecar({ ...quiet, side: "inbound" });
  sidecar.addRoot(2, { ...quiet, side: "outbound" }, "first");
  const request = { connection: 1, cluster: "internet", authority: "a.org" };
  sidecar.request({ ...request, plugin: "first" });
  sidecar.addRoot(3, { ...quiet, side: "outbound", external_clusters: ["internet"] }, "second");
  sidecar.request({ ...request, plugin: "second" });
  assert.is(asks(sidecar, { ...request, plugin: "second" }), 5);
  for (let second = 0; second < 31; second++) sidecar.tick(1000, [1, 2, 3]);
  assert.is(asks(sidecar, { ...request, plugin: "second" }), 6, "and looked at anew from time to time");
  assert.equal(countsAfter(sidecar, [1, 2, 3]), {
    "out internet http GET / success 200": 1,
    "out internet,a.org http GET / success 200": 3,
  });
});

test.run();
