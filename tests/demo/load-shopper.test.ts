import type { IncomingHttpHeaders } from "node:http";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planJourney } from "../../demo/load/journey.ts";
import { Shelf } from "../../demo/load/shelf.ts";
import { Shopper } from "../../demo/load/shopper.ts";
import type { ShopperRequest } from "../../demo/load/shopper.ts";

const SOCKS = [
  { id: "dear", price: 99 },
  { id: "cheap", price: 5 },
  { id: "middle", price: 20 },
];

const answer = (status: number, json: unknown = null, headers: IncomingHttpHeaders = {}) => ({
  status,
  headers,
  body: Buffer.from(JSON.stringify(json)),
});

function visit({ newcomer = false, taste = 0.9 } = {}) {
  const shelf = new Shelf();
  const journey = planJourney(() => 0.999, newcomer);
  return { shelf, shopper: new Shopper({ username: "ada", password: "x" }, journey, { shelf, taste }) };
}

function take(shopper: Shopper): ShopperRequest {
  const request = shopper.next();
  if (!request) throw new Error("The visit is over");
  return request;
}

test("a shopper picks from the catalogue and keeps the cookies", () => {
  const { shopper } = visit();
  shopper.learn(take(shopper), answer(200, SOCKS, { "set-cookie": ["md.sid=abc; Path=/; HttpOnly"] }));
  const rest = new Map<string, ShopperRequest>();
  for (let request = shopper.next(); request; request = shopper.next()) {
    rest.set(`${request.method} ${request.path.split("?")[0] ?? ""}`, request);
    const cookies = request.path === "/" ? ["md.sid=def", "logged_in=1"] : [];
    shopper.learn(request, answer(200, null, { "set-cookie": cookies }));
  }
  assert.is(rest.get("GET /")?.headers["cookie"], "md.sid=abc");
  assert.is(rest.get("POST /orders")?.headers["cookie"], "md.sid=def; logged_in=1");
  assert.is(rest.get("GET /detail.html")?.path, "/detail.html?id=middle");
  assert.is(rest.get("POST /cart")?.body, '{"id":"middle"}');
  assert.ok(shopper.isDone);
  assert.ok(shopper.hasOrdered);
});

test("who cannot sign in or register leaves", () => {
  for (const newcomer of [false, true]) {
    for (const outcome of [answer(500), answer(401), undefined]) {
      const { shopper } = visit({ newcomer });
      for (let i = 0; i < 2; i++) shopper.learn(take(shopper), answer(200));
      shopper.learn(take(shopper), outcome);
      assert.ok(shopper.isDone);
      assert.is(shopper.next(), undefined);
    }
  }
});

test("an order that was not taken is no order", () => {
  for (const outcome of [answer(406), answer(500), undefined]) {
    const { shopper } = visit();
    for (let request = shopper.next(); request; request = shopper.next()) {
      shopper.learn(request, request.path === "/orders" ? outcome : answer(200));
    }
    assert.not(shopper.hasOrdered);
  }
});

test("the shelf remembers the last catalogue that could be read", () => {
  const shelf = new Shelf();
  assert.is(shelf.pick(0.5), "none");
  assert.is(shelf.dearest, "none");
  shelf.restock(Buffer.from(JSON.stringify(SOCKS)));
  for (const bad of ["", "<html>", "{}", "[]", '[{"id":1}]']) shelf.restock(Buffer.from(bad));
  assert.is(shelf.dearest, "dear");
  assert.is(shelf.pick(0), "cheap");
  assert.is(shelf.pick(0.999), "middle");
});

test.run();
