/** Signing in, registering, and the customers themselves. */
import type { Hono } from "hono";
import { z } from "zod";
import { readBody } from "../../service.ts";
import { newDocumentId } from "../../stores/documents.ts";
import type { Accounts } from "./accounts.ts";
import { hashPassword, isPasswordOf } from "./passwords.ts";
import { customerView } from "./views.ts";

const registrationSchema = z.object({
  username: z.string().min(1).max(64),
  password: z.string().min(1).max(128),
  email: z.string().max(128).default(""),
  firstName: z.string().max(64).default(""),
  lastName: z.string().max(64).default(""),
});

type Registration = z.infer<typeof registrationSchema>;

export function addCustomerRoutes(app: Hono, accounts: Accounts): void {
  const { customers } = accounts;

  app.get("/login", async (c) => {
    const { username, password } = readBasic(c.req.header("authorization"));
    const [found] = await customers.byOwner(username);
    if (!found || !isPasswordOf(found.document, password))
      return c.json({ status_code: 401, error: "unauthorised" }, 401);
    return c.json({ user: customerView(found) });
  });

  app.post("/register", async (c) => {
    const registration = await readBody(c, registrationSchema);
    const [taken] = await customers.byOwner(registration.username);
    if (taken) return c.json({ status_code: 409, error: "user name taken" }, 409);
    return c.json({ id: await enter(accounts, registration) });
  });

  app.get("/customers", async (c) => {
    const all = await customers.list();
    return c.json({ _embedded: { customer: all.map(customerView) } });
  });
  app.post("/customers", async (c) => c.json({ id: await enter(accounts, await readBody(c, registrationSchema)) }));
  app.get("/customers/:id", async (c) => {
    const found = await customers.find(c.req.param("id"));
    return found ? c.json(customerView(found)) : c.json({ status_code: 404, error: "not found" }, 404);
  });
  app.delete("/customers/:id", async (c) => c.json({ status: await customers.remove(c.req.param("id")) }));
}

async function enter({ customers }: Accounts, { password, ...rest }: Registration): Promise<string> {
  const id = newDocumentId(Date.now());
  await customers.insert({ id, owner: rest.username, document: { ...rest, ...hashPassword(password) } });
  return id;
}

/** User name and password of an Authorization header (RFC 7617); both empty where there are none. */
function readBasic(header: string | undefined): { username: string; password: string } {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1] ?? "";
  const [username = "", ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return { username, password: password.join(":") };
}
