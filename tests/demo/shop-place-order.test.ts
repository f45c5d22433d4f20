import { HTTPException } from "hono/http-exception";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { placeOrder } from "../../demo/shop/services/orders/place-order.ts";
import { ScriptedSidecar, answering } from "./scripted-sidecar.ts";
import type { ScriptedAnswer } from "./scripted-sidecar.ts";

const LINKS = { customer: "/customers/c1", address: "/addresses/a1", card: "/cards/d1", items: "/carts/c1/items" };

const WELL: Readonly<Record<string, ScriptedAnswer>> = {
  "GET user /customers/c1": { json: { id: "c1", firstName: "Ada", lastName: "Archer" } },
  "GET user /addresses/a1": { json: { id: "a1", street: "Weaver Lane" } },
  "GET user /cards/d1": { json: { id: "d1", longNum: "XXXX4000" } },
  "GET carts /carts/c1/items": { json: [{ itemId: "s1", quantity: 3, unitPrice: 10.1 }] },
  "POST payment /paymentAuth": { json: { authorised: true, message: "Payment authorised" } },
  "POST shipping /shipping": { status: 201, json: { id: "o1", name: "c1" } },
};

async function order(changes: Readonly<Record<string, ScriptedAnswer>>) {
  const sidecar = await ScriptedSidecar.start(answering({ ...WELL, ...changes }));
  const { client } = sidecar.partsFor("orders");
  const result = await placeOrder(client, LINKS).catch((error: unknown) => error);
  await sidecar.stop();
  return { sidecar, result };
}

async function refusedWith(status: number, changes: Readonly<Record<string, ScriptedAnswer>>): Promise<string[]> {
  const { sidecar, result } = await order(changes);
  assert.instance(result, HTTPException);
  assert.is((result as HTTPException).status, status);
  return sidecar.lines;
}

test("an order is gathered, paid, shipped, in this order", async () => {
  const { sidecar, result } = await order({});
  const gathered = [
    "GET user /addresses/a1",
    "GET user /customers/c1",
    "GET user /cards/d1",
    "GET carts /carts/c1/items",
  ];
  assert.equal(new Set(sidecar.lines.slice(0, 4)), new Set(gathered));
  assert.equal(sidecar.lines.slice(4), ["POST payment /paymentAuth", "POST shipping /shipping"]);
  const { total, customerId, id } = result as { total: number; customerId: string; id: string };
  assert.is(total, 35.29);
  assert.is(customerId, "c1");
  assert.match(id, /^[0-9a-f]{24}$/);
  const paid = JSON.parse(sidecar.seen[4]?.body ?? "") as { amount: number };
  assert.is(paid.amount, 35.29);
});

test("what does not exist, an empty cart and a declined payment are 406, and nothing is shipped", async () => {
  const declined = { "POST payment /paymentAuth": { json: { authorised: false, message: "no" } } };
  const cases = [{ "GET user /cards/d1": { status: 404 } }, { "GET carts /carts/c1/items": { json: [] } }, declined];
  for (const changes of cases) assert.not((await refusedWith(406, changes)).includes("POST shipping /shipping"));
});

test("a service that fails makes the order fail with 500", async () => {
  for (const line of Object.keys(WELL)) await refusedWith(500, { [line]: { status: 503 } });
});

test.run();
