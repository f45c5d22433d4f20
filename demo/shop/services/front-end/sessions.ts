/** Sessions in Redis, found by a cookie. */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { randomBytes } from "node:crypto";
import type { Lease } from "../../stores/lease.ts";
import type { Redis } from "../../stores/redis.ts";

export const SESSION_COOKIE = "md.sid";
const LIFETIME_SECONDS = 30 * 60;

export interface Session {
  readonly id: string;
  /** Who signed in; undefined before that. */
  readonly customerId?: string;
}

/** Where sessions are kept by id. */
export interface SessionStore {
  /** The customer of a session, "" for a session that has none, undefined where there is no such session. */
  read(id: string): Promise<string | undefined>;
  write(id: string, customerId: string): Promise<void>;
}

export class RedisSessions implements SessionStore {
  readonly #lease: Lease<Redis>;

  constructor(lease: Lease<Redis>) {
    this.#lease = lease;
  }

  /** Reading a session lengthens its life. */
  async read(id: string): Promise<string | undefined> {
    const expiration = { type: "EX", value: LIFETIME_SECONDS } as const;
    const value = await this.#lease.current.ask((redis) => redis.getEx(`session:${id}`, expiration));
    return value ?? undefined;
  }

  async write(id: string, customerId: string): Promise<void> {
    const expiration = { type: "EX", value: LIFETIME_SECONDS } as const;
    await this.#lease.current.ask((redis) => redis.set(`session:${id}`, customerId, { expiration }));
  }
}

/** The visitor's session; a new one where the cookie names none. The visitor never chooses the id. */
export async function openSession(c: Context, store: SessionStore): Promise<Session> {
  const id = getCookie(c, SESSION_COOKIE);
  const customerId = id === undefined ? undefined : await store.read(id);
  if (id === undefined || customerId === undefined) return startSession(c, store, "");
  return customerId === "" ? { id } : { id, customerId };
}

/** Signs the customer in under a new id, so that an id known from before is worth nothing. */
export function signIn(c: Context, store: SessionStore, customerId: string): Promise<Session> {
  return startSession(c, store, customerId);
}

async function startSession(c: Context, store: SessionStore, customerId: string): Promise<Session> {
  const id = randomBytes(18).toString("base64url");
  await store.write(id, customerId);
  setCookie(c, SESSION_COOKIE, id, { httpOnly: true, sameSite: "Lax", path: "/" });
  return customerId === "" ? { id } : { id, customerId };
}

/** The owner of the visitor's cart: the customer, or the session while nobody signed in. */
export function cartOwner({ id, customerId }: Session): string {
  return customerId ?? id;
}
