/** What every service is made of. */
import { Hono } from "hono";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "pino";
import type { z } from "zod";
import { ExchangeError } from "./http-exchange.ts";
import type { FaultSwitches } from "./fault-switches.ts";
import type { ServiceClient } from "./http-client.ts";
import type { ServiceName } from "./names.ts";
import { StoreUnavailableError } from "./stores/store-unavailable.ts";

const MAX_REQUEST_BYTES = 64 * 1024;

/** Something that a service needs before it is ready: a store. */
export interface Dependency {
  readonly name: string;
  readonly isReady: boolean;
  start(): void;
  stop(): Promise<void>;
}

/** One service: the application that its server runs, and the stores that it holds on to. */
export interface Service {
  readonly app: Hono;
  readonly dependencies: readonly Dependency[];
}

/** What a service without a store needs to work. */
export interface ServiceParts {
  readonly client: ServiceClient;
  readonly faults: FaultSwitches;
  readonly log: Logger;
}

/** An application that answers `/health`, bounds request bodies and turns errors into answers. */
export function createApp(name: ServiceName, log: Logger): Hono {
  const app = new Hono();
  const limitBody = bodyLimit({ maxSize: MAX_REQUEST_BYTES });
  // The limit has to unpack the request, which is dear: most requests have no body.
  app.use((c, next) => (hasBody(c) ? limitBody(c, next) : next()));
  app.get("/health", (c) => c.json({ health: [{ service: name, status: "OK", time: new Date().toISOString() }] }));
  app.notFound((c) => c.json({ status_code: 404, error: `${name} has no ${c.req.method} ${c.req.path}` }, 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException)
      return c.json({ status_code: error.status, error: error.message }, error.status);
    // What another service or a store did to this one is told to the caller; it is no fault of the code here.
    if (error instanceof ExchangeError) return c.json({ status_code: 500, error: error.message }, 500);
    if (error instanceof StoreUnavailableError) return c.json({ status_code: 503, error: error.message }, 503);
    log.error({ method: c.req.method, path: c.req.path, err: error }, "request failed");
    return c.json({ status_code: 500, error: error.message }, 500);
  });
  return app;
}

/** Whether the request announces a body (RFC 9112, 6.3). */
export function hasBody(c: Context): boolean {
  return c.req.header("transfer-encoding") !== undefined || Number(c.req.header("content-length") ?? 0) > 0;
}

/** The request's JSON body. Answers 400 when it is none, or not of the form that `schema` describes. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const input: unknown = await c.req.json().catch(() => undefined);
  const result = schema.safeParse(input);
  if (!result.success) throw new HTTPException(400, { message: result.error.message });
  return result.data;
}
