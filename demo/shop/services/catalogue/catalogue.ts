/** The catalogue: socks, tags and pictures. */
import type { Context } from "hono";
import { z } from "zod";
import { createApp } from "../../service.ts";
import type { Service, ServiceParts } from "../../service.ts";
import { leaseMariadb } from "../../stores/mariadb.ts";
import type { StoreParts } from "../../stores/store-parts.ts";
import { SockStore } from "./sock-store.ts";
import { SOCKS, drawSock } from "./socks.ts";

const listSchema = z.object({
  tags: z
    .string()
    .max(200)
    .transform((text) => text.split(",").filter((tag) => tag !== ""))
    .catch([]),
  order: z.enum(["id", "name", "price"]).catch("id"),
  page: z.coerce.number().int().min(1).max(10_000).catch(1),
  size: z.coerce.number().int().min(1).max(100).catch(10),
});

export function catalogue({ faults, log }: ServiceParts, store: StoreParts): Service {
  const mariadb = leaseMariadb(store, (mariadb) => SockStore.prepare(mariadb, SOCKS));
  const socks = new SockStore(mariadb);
  const app = createApp("catalogue", log);
  app.use(faults.guard("catalogue"));
  app.get("/catalogue", async (c) => c.json(await socks.list(query(c))));
  app.get("/catalogue/size", async (c) => c.json({ size: await socks.count(query(c).tags), err: null }));
  app.get("/catalogue/images/:file", (c) => {
    const sock = SOCKS.find(({ id }) => `${id}.svg` === c.req.param("file"));
    if (!sock) return c.notFound();
    return c.body(drawSock(sock.colours), 200, { "content-type": "image/svg+xml", "cache-control": "max-age=3600" });
  });
  app.get("/catalogue/:id", async (c) => {
    const sock = await socks.find(c.req.param("id"));
    return sock ? c.json(sock) : c.json({ status_code: 404, error: "not found" }, 404);
  });
  app.get("/tags", async (c) => c.json({ tags: await socks.tags(), err: null }));
  return { app, dependencies: [mariadb] };
}

function query(c: Context) {
  return listSchema.parse(c.req.query());
}
