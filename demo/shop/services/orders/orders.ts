/** Orders: gathers what an order needs, has it paid and shipped, and keeps it. */
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { createApp, readBody } from "../../service.ts";
import type { Service, ServiceParts } from "../../service.ts";
import { Documents, createDocumentTable } from "../../stores/documents.ts";
import { leasePostgres } from "../../stores/postgres.ts";
import type { StoreParts } from "../../stores/store-parts.ts";
import { placeOrder } from "./place-order.ts";
import type { Order } from "./place-order.ts";

/** A link into `service`, read as the path that it stands for. */
const linkTo = (service: "user" | "carts") =>
  z
    .url({ protocol: /^http$/, hostname: new RegExp(`^${service}$`) })
    .max(300)
    .transform((href) => new URL(href).pathname);

const orderSchema = z.object({
  customer: linkTo("user"),
  address: linkTo("user"),
  card: linkTo("user"),
  items: linkTo("carts"),
});

export function orders({ client, log }: ServiceParts, store: StoreParts): Service {
  const postgres = leasePostgres(store, (postgres) => createDocumentTable(postgres, "orders"));
  const documents = new Documents<Order>(postgres, "orders");
  const app = createApp("orders", log);

  app.post("/orders", async (c) => {
    const links = await readBody(c, orderSchema).catch((cause: unknown) => {
      throw new HTTPException(406, { message: "The order is not valid", cause });
    });
    const order = await placeOrder(client, links);
    await documents.insert({ id: order.id, owner: order.customerId, document: order });
    return c.json(order, 201);
  });
  app.get("/orders/search/customerId", async (c) => {
    const found = await documents.byOwner(c.req.query("custId") ?? "");
    return c.json({ _embedded: { customerOrders: found.map(({ document }) => document) } });
  });
  app.get("/orders/:id", async (c) => {
    const found = await documents.find(c.req.param("id"));
    return found ? c.json(found.document) : c.json({ status_code: 404, error: "not found" }, 404);
  });
  return { app, dependencies: [postgres] };
}
