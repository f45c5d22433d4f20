/** Carts, one for each customer and for each session that has not signed in. A cart that nobody filled is empty. */
import { z } from "zod";
import { createApp, readBody } from "../../service.ts";
import type { Service, ServiceParts } from "../../service.ts";
import { leasePostgres } from "../../stores/postgres.ts";
import type { StoreParts } from "../../stores/store-parts.ts";
import { CartItems } from "./cart-items.ts";

const itemSchema = z.object({
  itemId: z.string().min(1).max(64),
  quantity: z.int().min(1).max(1_000).default(1),
  unitPrice: z.number().nonnegative(),
});

export function carts({ faults, log }: ServiceParts, store: StoreParts): Service {
  const postgres = leasePostgres(store, (postgres) => CartItems.prepare(postgres));
  const items = new CartItems(postgres);
  const app = createApp("carts", log);
  app.use(faults.guard("carts"));

  app.get("/carts/:id", async (c) => {
    const id = c.req.param("id");
    return c.json({ id, customerId: id, items: await items.list(id) });
  });
  app.delete("/carts/:id", async (c) => {
    await items.remove(c.req.param("id"));
    return c.body(null, 202);
  });
  app.get("/carts/:id/merge", async (c) => {
    const session = c.req.query("sessionId");
    if (session === undefined) return c.json({ status_code: 400, error: "sessionId is missing" }, 400);
    for (const item of await items.list(session)) await items.add(c.req.param("id"), item);
    await items.remove(session);
    return c.body(null, 202);
  });
  app.get("/carts/:id/items", async (c) => c.json(await items.list(c.req.param("id"))));
  app.post("/carts/:id/items", async (c) => {
    const item = await readBody(c, itemSchema);
    await items.add(c.req.param("id"), item);
    return c.json(item, 201);
  });
  app.patch("/carts/:id/items", async (c) => {
    const item = await readBody(c, itemSchema);
    if (!(await items.replace(c.req.param("id"), item))) await items.add(c.req.param("id"), item);
    return c.body(null, 202);
  });
  app.get("/carts/:id/items/:itemId", async (c) => {
    const item = await items.find(c.req.param("id"), c.req.param("itemId"));
    return item ? c.json(item) : c.json({ status_code: 404, error: "not in the cart" }, 404);
  });
  app.delete("/carts/:id/items/:itemId", async (c) => {
    await items.remove(c.req.param("id"), c.req.param("itemId"));
    return c.body(null, 202);
  });
  return { app, dependencies: [postgres] };
}
