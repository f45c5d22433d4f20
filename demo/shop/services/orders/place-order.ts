/** The way of an order through the other services. */
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { readJson } from "../../http-client.ts";
import type { ServiceClient } from "../../http-client.ts";
import type { Answer } from "../../http-exchange.ts";
import type { ServiceName } from "../../names.ts";
import { newDocumentId } from "../../stores/documents.ts";

/** What the original waits for each service that it calls. */
export const DOWNSTREAM_TIMEOUT_MS = 5_000;
const SHIPPING_COST = 4.99;

const customerSchema = z.looseObject({ id: z.string(), firstName: z.string(), lastName: z.string() });
const documentSchema = z.looseObject({ id: z.string() });
const itemsSchema = z.array(z.object({ itemId: z.string(), quantity: z.number(), unitPrice: z.number() }));
const authorisationSchema = z.object({ authorised: z.boolean(), message: z.string() });
const shipmentSchema = z.object({ id: z.string().optional(), name: z.string() });

/** Paths of what an order is made from; `items` at carts, the rest at user. */
export interface OrderLinks {
  readonly customer: string;
  readonly address: string;
  readonly card: string;
  readonly items: string;
}

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly customer: z.infer<typeof customerSchema>;
  readonly address: z.infer<typeof documentSchema>;
  readonly card: z.infer<typeof documentSchema>;
  readonly items: z.infer<typeof itemsSchema>;
  readonly shipment: z.infer<typeof shipmentSchema>;
  readonly date: string;
  readonly total: number;
}

/**
 * Gathers, pays and ships. Each call has five seconds.
 * @throws HTTPException 406 when something that the order needs does not exist, or payment declines.
 * @throws HTTPException 500 when a service fails.
 * @throws ExchangeError when one does not answer.
 */
export async function placeOrder(client: ServiceClient, links: OrderLinks): Promise<Order> {
  const [address, customer, card, items] = await Promise.all([
    fetchPart(client, { service: "user", path: links.address, schema: documentSchema }),
    fetchPart(client, { service: "user", path: links.customer, schema: customerSchema }),
    fetchPart(client, { service: "user", path: links.card, schema: documentSchema }),
    fetchPart(client, { service: "carts", path: links.items, schema: itemsSchema }),
  ]);
  if (items.length === 0) throw new HTTPException(406, { message: "The cart is empty" });

  const goods = items.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
  const total = Math.round((goods + SHIPPING_COST) * 100) / 100;
  const paid = await post(client, {
    service: "payment",
    path: "/paymentAuth",
    body: { address, card, customer, amount: total },
  });
  const { authorised, message } = readJson(paid, authorisationSchema);
  if (!authorised) throw new HTTPException(406, { message });

  const id = newDocumentId(Date.now());
  const shipped = await post(client, { service: "shipping", path: "/shipping", body: { id, name: customer.id } });
  const shipment = readJson(shipped, shipmentSchema);
  return {
    id,
    customerId: customer.id,
    customer,
    address,
    card,
    items,
    shipment,
    date: new Date().toISOString(),
    total,
  };
}

async function fetchPart<T>(
  client: ServiceClient,
  { service, path, schema }: { service: ServiceName; path: string; schema: z.ZodType<T> },
): Promise<T> {
  const answer = await client.call(service, { path, timeoutMs: DOWNSTREAM_TIMEOUT_MS });
  if (answer.status === 404) throw new HTTPException(406, { message: `There is no ${path} at ${service}` });
  return readJson(expectSuccess(answer, `GET ${path} at ${service}`), schema);
}

async function post(
  client: ServiceClient,
  { service, path, body }: { service: ServiceName; path: string; body: object },
): Promise<Answer> {
  const answer = await client.call(service, { method: "POST", path, body, timeoutMs: DOWNSTREAM_TIMEOUT_MS });
  return expectSuccess(answer, `POST ${path} at ${service}`);
}

function expectSuccess(answer: Answer, what: string): Answer {
  if (answer.status < 200 || answer.status > 299) {
    throw new HTTPException(500, { message: `${what} answered ${answer.status}` });
  }
  return answer;
}
