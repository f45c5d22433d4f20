/** Signing in and registering, and what customers own: all of it kept by user. */
import type { Context, Hono } from "hono";
import { setCookie } from "hono/cookie";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { readJson } from "../../http-client.ts";
import { readBody } from "../../service.ts";
import { cartOwner, openSession, signIn } from "./sessions.ts";
import { demand, demandJson, isSuccess, relay } from "./upstream.ts";
import type { FrontEndParts } from "./upstream.ts";

const loginSchema = z.object({ user: z.object({ id: z.string() }) });
const createdSchema = z.object({ id: z.string() });
const anyObject = z.record(z.string(), z.unknown());
const ENTITIES = ["customers", "cards", "addresses"] as const;

export function addCustomerRoutes(app: Hono, parts: FrontEndParts): void {
  const { client, sessions } = parts;

  app.get("/login", async (c) => {
    const authorization = c.req.header("authorization");
    if (authorization === undefined) throw new HTTPException(401, { message: "Sign in with user name and password" });
    const call = { path: "/login", headers: { authorization } };
    const { user } = await demandJson(client, "user", { call, schema: loginSchema });
    await welcome(c, parts, user.id);
    return c.text("Cookie is set");
  });
  app.post("/register", async (c) => {
    const body = await readBody(c, anyObject);
    const call = { method: "POST", path: "/register", body };
    const { id } = await demandJson(client, "user", { call, schema: createdSchema });
    await welcome(c, parts, id);
    return c.json({ id });
  });

  app.get("/card", (c) => firstOf(c, parts, { plural: "cards", singular: "card" }));
  app.get("/address", (c) => firstOf(c, parts, { plural: "addresses", singular: "address" }));

  for (const entity of ENTITIES) {
    app.get(`/${entity}`, () => relay(client, "user", `/${entity}`));
    app.get(`/${entity}/:id`, (c) => relay(client, "user", `/${entity}/${encodeURIComponent(c.req.param("id"))}`));
    app.post(`/${entity}`, async (c) => {
      const { customerId } = await openSession(c, sessions);
      const body = { ...(await readBody(c, anyObject)), userID: customerId ?? "" };
      const call = { method: "POST", path: `/${entity}`, body };
      return c.json(await demandJson(client, "user", { call, schema: createdSchema }));
    });
    app.delete(`/${entity}/:id`, async (c) => {
      const path = `/${entity}/${encodeURIComponent(c.req.param("id"))}`;
      return c.json(readJson(await demand(client, "user", { method: "DELETE", path }), anyObject));
    });
  }
}

/** Signs the customer in and moves what the visitor had put into the cart before. */
async function welcome(c: Context, { client, sessions }: FrontEndParts, customerId: string): Promise<void> {
  const before = cartOwner(await openSession(c, sessions));
  await signIn(c, sessions, customerId);
  setCookie(c, "logged_in", "1", { path: "/" });
  await demand(client, "carts", { path: `/carts/${customerId}/merge?sessionId=${encodeURIComponent(before)}` });
}

/** The customer's first card or address. As in the original, a failure is told in the body of a 200. */
async function firstOf(c: Context, { client, sessions }: FrontEndParts, of: { plural: string; singular: string }) {
  const { customerId } = await openSession(c, sessions);
  if (customerId === undefined) throw new HTTPException(401, { message: "Sign in first" });
  const answer = await client.call("user", { path: `/customers/${customerId}/${of.plural}` });
  if (!isSuccess(answer)) return c.json({ status_code: 500 });
  const schema = z.object({ _embedded: z.record(z.string(), z.array(anyObject)) });
  const first = readJson(answer, schema)._embedded[of.singular]?.[0];
  return c.json(first ?? { status_code: 500 });
}
