/** The way in: hands every request on to the front end as it is. */
import type { Context } from "hono";
import { ExchangeError } from "../http-exchange.ts";
import type { Answer } from "../http-exchange.ts";
import { createApp, hasBody } from "../service.ts";
import type { Service, ServiceParts } from "../service.ts";

/** Headers that concern one connection, not the request (RFC 9110, 7.6.1), and those that the client sets anew. */
const NOT_PASSED_ON = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "content-length",
]);

export function edgeRouter({ client, log }: ServiceParts): Service {
  const app = createApp("edge-router", log);
  app.all("*", async (c) => {
    const url = new URL(c.req.url);
    const body = hasBody(c) ? Buffer.from(await c.req.arrayBuffer()) : undefined;
    try {
      const answer = await client.call("front-end", {
        method: c.req.method,
        path: url.pathname + url.search,
        headers: passedOn(c),
        ...(body === undefined ? {} : { body }),
      });
      return toResponse(answer);
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      return c.text("The shop cannot be reached.\n", error.timedOut ? 504 : 502);
    }
  });
  return { app, dependencies: [] };
}

/** What a sidecar says to its neighbour (`x-envoy-...`) is not for the next one. */
function isPassedOn(name: string): boolean {
  return !NOT_PASSED_ON.has(name) && !name.startsWith("x-envoy-");
}

function passedOn(c: Context): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(c.req.header())) if (isPassedOn(name)) headers[name] = value;
  return headers;
}

function toResponse(answer: Answer): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    if (!isPassedOn(name) || value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) headers.append(name, each);
  }
  const hasBody = answer.status >= 200 && answer.status !== 204 && answer.status !== 304;
  return new Response(hasBody ? new Uint8Array(answer.body) : null, { status: answer.status, headers });
}
