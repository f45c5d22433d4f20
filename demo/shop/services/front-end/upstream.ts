/** How the front end deals with the services behind it. */
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import { readJson } from "../../http-client.ts";
import type { Call, ServiceClient } from "../../http-client.ts";
import type { Answer } from "../../http-exchange.ts";
import type { ServiceName } from "../../names.ts";
import type { SessionStore } from "./sessions.ts";

export interface FrontEndParts {
  readonly client: ServiceClient;
  readonly sessions: SessionStore;
}

export function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/**
 * Calls a service whose answer the front end cannot do without.
 * @throws HTTPException with the client error that the service answered, or 500 for anything else but success.
 */
export async function demand(client: ServiceClient, server: ServiceName, call: Call): Promise<Answer> {
  const answer = await client.call(server, call);
  if (isSuccess(answer)) return answer;
  const status = answer.status >= 400 && answer.status < 500 ? (answer.status as ContentfulStatusCode) : 500;
  throw new HTTPException(status, { message: `${call.method ?? "GET"} ${call.path} at ${server}: ${answer.status}` });
}

/** Like `demand`, and reads the body. */
export async function demandJson<T>(
  client: ServiceClient,
  server: ServiceName,
  { call, schema }: { call: Call; schema: z.ZodType<T> },
): Promise<T> {
  return readJson(await demand(client, server, call), schema);
}

/**
 * Passes on the body of a GET, with 200 whatever the service answered. The original does so, and so here too: whoever
 * watches only the front end does not see that what is behind it fails.
 */
export async function relay(client: ServiceClient, server: ServiceName, path: string): Promise<Response> {
  const answer = await client.call(server, { path });
  const contentType = answer.headers["content-type"] ?? "application/json";
  return new Response(new Uint8Array(answer.body), { status: 200, headers: { "content-type": contentType } });
}
