import type { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { readJson } from "../../http-client.ts";
import { openSession } from "./sessions.ts";
import { demand, demandJson } from "./upstream.ts";
import type { FrontEndParts } from "./upstream.ts";

const hrefSchema = z.object({ href: z.string() });
const customerSchema = z.object({
  _links: z.object({ customer: hrefSchema, addresses: hrefSchema, cards: hrefSchema }),
});
const addressesSchema = z.object({
  _embedded: z.object({ address: z.array(z.object({ _links: z.object({ self: hrefSchema }) })) }),
});
const cardsSchema = z.object({
  _embedded: z.object({ card: z.array(z.object({ _links: z.object({ self: hrefSchema }) })) }),
});

export function addOrderRoutes(app: Hono, { client, sessions }: FrontEndParts): void {
  app.get("/orders", async (c) => {
    const customerId = demandCustomer((await openSession(c, sessions)).customerId);
    const path = `/orders/search/customerId?sort=date&custId=${customerId}`;
    return c.json(await demandJson(client, "orders", { call: { path }, schema: z.unknown() }));
  });

  app.post("/orders", async (c) => {
    const customerId = demandCustomer((await openSession(c, sessions)).customerId);
    const customerCall = { path: `/customers/${customerId}` };
    const { _links } = await demandJson(client, "user", { call: customerCall, schema: customerSchema });
    const [addresses, cards] = await Promise.all([
      demandJson(client, "user", { call: { path: pathOf(_links.addresses.href) }, schema: addressesSchema }),
      demandJson(client, "user", { call: { path: pathOf(_links.cards.href) }, schema: cardsSchema }),
    ]);
    const order = {
      customer: _links.customer.href,
      address: addresses._embedded.address[0]?._links.self.href ?? null,
      card: cards._embedded.card[0]?._links.self.href ?? null,
      items: `http://carts/carts/${customerId}/items`,
    };
    const placed = await demand(client, "orders", { method: "POST", path: "/orders", body: order });
    return c.json(readJson(placed, z.record(z.string(), z.unknown())), 201);
  });
}

function demandCustomer(customerId: string | undefined): string {
  if (customerId === undefined) throw new HTTPException(401, { message: "Sign in to order" });
  return customerId;
}

function pathOf(href: string): string {
  return new URL(href).pathname;
}
