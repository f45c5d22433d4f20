import type { Hono } from "hono";
import { z } from "zod";
import { readBody } from "../../service.ts";
import { cartOwner, openSession } from "./sessions.ts";
import { demand, demandJson } from "./upstream.ts";
import type { FrontEndParts } from "./upstream.ts";

const additionSchema = z.object({ id: z.string().min(1).max(64) });
const updateSchema = additionSchema.extend({ quantity: z.coerce.number().int().min(1).max(1_000) });
const sockSchema = z.object({ id: z.string(), price: z.number() });

export function addCartRoutes(app: Hono, { client, sessions }: FrontEndParts): void {
  const priceOf = async (id: string): Promise<number> => {
    const call = { path: `/catalogue/${encodeURIComponent(id)}` };
    return (await demandJson(client, "catalogue", { call, schema: sockSchema })).price;
  };

  app.get("/cart", async (c) => {
    const owner = cartOwner(await openSession(c, sessions));
    return c.json(await demandJson(client, "carts", { call: { path: `/carts/${owner}/items` }, schema: z.unknown() }));
  });
  app.post("/cart", async (c) => {
    const { id } = await readBody(c, additionSchema);
    const owner = cartOwner(await openSession(c, sessions));
    const item = { itemId: id, unitPrice: await priceOf(id) };
    await demand(client, "carts", { method: "POST", path: `/carts/${owner}/items`, body: item });
    return c.body(null, 201);
  });
  app.post("/cart/update", async (c) => {
    const { id, quantity } = await readBody(c, updateSchema);
    const owner = cartOwner(await openSession(c, sessions));
    const item = { itemId: id, quantity, unitPrice: await priceOf(id) };
    await demand(client, "carts", { method: "PATCH", path: `/carts/${owner}/items`, body: item });
    return c.body(null, 202);
  });
  app.delete("/cart", async (c) => {
    const owner = cartOwner(await openSession(c, sessions));
    await demand(client, "carts", { method: "DELETE", path: `/carts/${owner}` });
    return c.body(null, 202);
  });
  app.delete("/cart/:id", async (c) => {
    const owner = cartOwner(await openSession(c, sessions));
    const path = `/carts/${owner}/items/${encodeURIComponent(c.req.param("id"))}`;
    await demand(client, "carts", { method: "DELETE", path });
    return c.body(null, 202);
  });
}
