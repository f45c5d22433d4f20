/** What belongs to customers: cards and addresses. Both have the same endpoints. */
import type { Hono } from "hono";
import { z } from "zod";
import { readBody } from "../../service.ts";
import { newDocumentId } from "../../stores/documents.ts";
import type { Documents, StoredDocument } from "../../stores/documents.ts";
import type { Accounts } from "./accounts.ts";
import type { Card, PostalAddress } from "./customer.ts";
import { addressView, cardView } from "./views.ts";

const line = z.string().max(128).default("");
const ownedSchema = z.object({ userID: z.string().max(64).default("") });
const cardSchema = z.object({
  longNum: z.string().regex(/^\d{12,19}$/),
  expires: z.string().max(8),
  ccv: z.string().max(4),
});
const addressSchema = z.object({ street: line, number: line, city: line, postcode: line, country: line });

interface Possession<T extends object> {
  /** Path segment of the collection. */
  readonly plural: "cards" | "addresses";
  /** Key of the list in an answer. */
  readonly singular: "card" | "address";
  readonly documents: Documents<T>;
  readonly schema: z.ZodType<T>;
  readonly view: (stored: StoredDocument<T>) => object;
}

export function addCardRoutes(app: Hono, { cards }: Accounts): void {
  addRoutes<Card>(app, { plural: "cards", singular: "card", documents: cards, schema: cardSchema, view: cardView });
}

export function addAddressRoutes(app: Hono, { addresses }: Accounts): void {
  addRoutes<PostalAddress>(app, {
    plural: "addresses",
    singular: "address",
    documents: addresses,
    schema: addressSchema,
    view: addressView,
  });
}

function addRoutes<T extends object>(app: Hono, { plural, singular, documents, schema, view }: Possession<T>): void {
  const embed = (all: readonly StoredDocument<T>[]) => ({ _embedded: { [singular]: all.map(view) } });

  app.get(`/${plural}`, async (c) => c.json(embed(await documents.list())));
  app.post(`/${plural}`, async (c) => {
    const document = await readBody(c, schema);
    const { userID: owner } = await readBody(c, ownedSchema);
    const id = newDocumentId(Date.now());
    await documents.insert({ id, owner, document });
    return c.json({ id });
  });
  app.get(`/${plural}/:id`, async (c) => {
    const found = await documents.find(c.req.param("id"));
    return found ? c.json(view(found)) : c.json({ status_code: 404, error: "not found" }, 404);
  });
  app.delete(`/${plural}/:id`, async (c) => c.json({ status: await documents.remove(c.req.param("id")) }));
  app.get(`/customers/:id/${plural}`, async (c) => c.json(embed(await documents.byOwner(c.req.param("id")))));
}
