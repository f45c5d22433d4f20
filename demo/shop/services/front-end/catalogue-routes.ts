import type { Hono } from "hono";
import { relay } from "./upstream.ts";
import type { FrontEndParts } from "./upstream.ts";

export function addCatalogueRoutes(app: Hono, { client }: FrontEndParts): void {
  app.get("/catalogue/images/*", async (c) => {
    const answer = await client.call("catalogue", { path: c.req.path });
    const contentType = answer.headers["content-type"] ?? "application/octet-stream";
    return new Response(new Uint8Array(answer.body), {
      status: answer.status,
      headers: { "content-type": contentType },
    });
  });
  for (const path of ["/catalogue", "/catalogue/*", "/tags"]) {
    app.get(path, (c) => {
      const url = new URL(c.req.url);
      return relay(client, "catalogue", url.pathname + url.search);
    });
  }
}
