import type { Hono } from "hono";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { frontEndWith } from "../../demo/shop/services/front-end/front-end.ts";
import type { SessionStore } from "../../demo/shop/services/front-end/sessions.ts";
import { ScriptedSidecar, answering } from "./scripted-sidecar.ts";
import type { ScriptedAnswer } from "./scripted-sidecar.ts";

const self = (path: string) => ({ _links: { self: { href: `http://user${path}` } } });

/** What a customer's order needs when all is well. */
const WELL: Readonly<Record<string, ScriptedAnswer>> = {
  "GET user /login": { json: { user: { id: "c1" } } },
  "GET carts /carts/c1/merge?sessionId=before": { status: 202 },
  "GET user /customers/c1": {
    json: {
      _links: {
        customer: { href: "http://user/customers/c1" },
        addresses: { href: "http://user/customers/c1/addresses" },
        cards: { href: "http://user/customers/c1/cards" },
      },
    },
  },
  "GET user /customers/c1/addresses": { json: { _embedded: { address: [self("/addresses/a1")] } } },
  "GET user /customers/c1/cards": { json: { _embedded: { card: [{ longNum: "X", ...self("/cards/d1") }] } } },
  "POST orders /orders": { status: 201, json: { id: "o1", total: 12 } },
};

async function start(table: Readonly<Record<string, ScriptedAnswer>>) {
  const sidecar = await ScriptedSidecar.start(answering(table));
  // A visitor who has not signed in, and a customer who has.
  const kept = new Map([
    ["before", ""],
    ["signed-in", "c1"],
  ]);
  const sessions: SessionStore = {
    read: (id) => Promise.resolve(kept.get(id)),
    write: (id, customerId) => Promise.resolve(void kept.set(id, customerId)),
  };
  const { app } = frontEndWith(sidecar.partsFor("front-end"), { sessions, dependencies: [] });
  return { sidecar, kept, app };
}

const as = (app: Hono, session: string, path: string, init: RequestInit = {}) =>
  app.request(path, { ...init, headers: { cookie: `md.sid=${session}`, ...init.headers } });

test("an order asks user for the customer, then for addresses and cards, then orders", async () => {
  const { sidecar, app } = await start(WELL);
  const answer = await as(app, "signed-in", "/orders", { method: "POST" });
  assert.is(answer.status, 201);
  assert.equal(await answer.json(), { id: "o1", total: 12 });
  assert.is(sidecar.lines[0], "GET user /customers/c1");
  assert.equal(
    new Set(sidecar.lines.slice(1, 3)),
    new Set(["GET user /customers/c1/addresses", "GET user /customers/c1/cards"]),
  );
  assert.is(sidecar.lines[3], "POST orders /orders");
  assert.equal(JSON.parse(sidecar.seen[3]?.body ?? ""), {
    customer: "http://user/customers/c1",
    address: "http://user/addresses/a1",
    card: "http://user/cards/d1",
    items: "http://carts/carts/c1/items",
  });
  await sidecar.stop();
});

test("an order fails with user's cards, and passes on that it was declined", async () => {
  const cardsFail = await start({ ...WELL, "GET user /customers/c1/cards": { status: 500 } });
  assert.is((await as(cardsFail.app, "signed-in", "/orders", { method: "POST" })).status, 500);
  assert.not(cardsFail.sidecar.lines.includes("POST orders /orders"));
  await cardsFail.sidecar.stop();

  const declined = await start({ ...WELL, "POST orders /orders": { status: 406 } });
  assert.is((await as(declined.app, "signed-in", "/orders", { method: "POST" })).status, 406);
  await declined.sidecar.stop();
});

test("failures behind pages are hidden behind a 200, as in the original", async () => {
  const { sidecar, app } = await start({
    "GET catalogue /catalogue?size=3": { status: 500, json: { error: "broken" } },
    "GET catalogue /tags": { status: 503 },
    "GET user /cards/d1": { status: 500 },
    "GET user /customers/c1/cards": { status: 500 },
  });
  for (const path of ["/catalogue?size=3", "/tags", "/cards/d1"])
    assert.is((await app.request(path)).status, 200, path);
  const card = await as(app, "signed-in", "/card");
  assert.is(card.status, 200);
  assert.equal(await card.json(), { status_code: 500 });
  await sidecar.stop();
});

test("signing in merges the cart and never takes the visitor's session id over", async () => {
  const { sidecar, app, kept } = await start(WELL);
  const answer = await as(app, "before", "/login", { headers: { authorization: "Basic eDp5" } });
  assert.is(answer.status, 200);
  assert.is(sidecar.seen[0]?.headers.authorization, "Basic eDp5");
  assert.ok(sidecar.lines.includes("GET carts /carts/c1/merge?sessionId=before"));
  const id = /md\.sid=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1] ?? "";
  assert.is.not(id, "before");
  assert.is(kept.get(id), "c1");
  assert.is(kept.get("before"), "");
  await sidecar.stop();
});

test("a session id that the shop never gave is not accepted", async () => {
  const { sidecar, app, kept } = await start({});
  await as(app, "chosen-by-me", "/cart", { method: "DELETE" });
  assert.not(kept.has("chosen-by-me"));
  assert.is(kept.size, 3);
  await sidecar.stop();
});

test("what needs a customer is refused to a visitor without a call", async () => {
  const { sidecar, app } = await start(WELL);
  for (const [method, path] of [
    ["POST", "/orders"],
    ["GET", "/orders"],
    ["GET", "/card"],
    ["GET", "/login"],
  ] as const) {
    assert.is((await as(app, "before", path, { method })).status, 401, `${method} ${path}`);
  }
  assert.equal(sidecar.lines, []);
  await sidecar.stop();
});

test("a sock goes into the cart at the catalogue's price", async () => {
  const { sidecar, app } = await start({
    "GET catalogue /catalogue/s1": { json: { id: "s1", price: 7.5, name: "x" } },
    "POST carts /carts/c1/items": { status: 201, json: {} },
  });
  const add = (id: unknown) => as(app, "signed-in", "/cart", { method: "POST", body: JSON.stringify({ id }) });
  assert.is((await add("s1")).status, 201);
  assert.equal(JSON.parse(sidecar.seen[1]?.body ?? ""), { itemId: "s1", unitPrice: 7.5 });
  assert.is((await add("unknown")).status, 404);
  assert.is((await add(7)).status, 400);
  await sidecar.stop();
});

test("the pages and their script are there", async () => {
  const { sidecar, app } = await start({});
  for (const path of ["/", "/category.html", "/detail.html?id=1", "/basket.html"]) {
    const page = await app.request(path);
    assert.is(page.status, 200);
    assert.match(await page.text(), '<script src="/shop.js"');
  }
  assert.match((await app.request("/shop.js")).headers.get("content-type") ?? "", "javascript");
  assert.is((await app.request("/shop.css")).status, 200);
  assert.equal(sidecar.lines, []);
  await sidecar.stop();
});

test.run();
