/** A shop of twenty workloads: who asks whom for what, and how much. */

export interface Call {
  readonly client: string;
  readonly server: string;
  readonly method: string;
  readonly route: string;
  /** Requests a second at the busiest time of the week. */
  readonly rate: number;
}

/** By client: server, requests that each request to the client makes there, and their routes. */
const ASKS: Readonly<Record<string, readonly (readonly [server: string, each: number, ...routes: string[]])[]>> = {
  "shop/gateway": [
    ["shop/catalogue", 0.5, "/items", "/items/{id}"],
    ["shop/cart", 0.25, "/carts/{id}", "/carts/{id}/items"],
    ["shop/user", 0.2, "/login", "/customers/{id}"],
    ["shop/orders", 0.05, "/orders", "/orders/{id}"],
    ["shop/search", 0.15, "/search"],
    ["shop/content", 0.3, "/pages/{id}"],
  ],
  "shop/catalogue": [
    ["shop/prices", 0.9, "/prices"],
    ["shop/stock", 0.3, "/stock/{id}"],
    ["shop/reviews", 0.1, "/reviews/{id}"],
  ],
  "shop/cart": [["shop/sessions", 1, "/sessions/{id}"]],
  "shop/user": [["shop/accounts", 0.8, "/cards", "/addresses"]],
  "shop/orders": [
    ["shop/user", 1, "/customers/{id}"],
    ["shop/payment", 1, "/charges"],
    ["shop/shipping", 0.7, "/parcels"],
  ],
  "shop/payment": [
    ["shop/fraud", 1, "/scores"],
    ["shop/ledger", 1, "/entries"],
  ],
  "shop/shipping": [["shop/labels", 0.5, "/labels"]],
  "shop/search": [["shop/ranking", 1, "/rank"]],
};

/** What comes from outside, requests a second. */
const ENTRIES: readonly (readonly [server: string, rate: number, ...routes: string[]])[] = [
  ["shop/gateway", 40, "/", "/items", "/cart", "/checkout"],
  // Hardly asked: a few requests an hour, or a minute.
  ["shop/admin", 0.004, "/reports"],
  ["shop/partners", 0.05, "/feed"],
  ["shop/returns", 0.3, "/returns"],
];

/** Calls, in an order in which a server comes after all its clients. */
export function shopCalls(): Call[] {
  const calls: Call[] = [];
  const rates = new Map<string, number>();
  const ask = (client: string, server: string, { rate, routes }: { rate: number; routes: readonly string[] }): void => {
    rates.set(server, (rates.get(server) ?? 0) + rate);
    for (const route of routes) calls.push({ client, server, method: "GET", route, rate: rate / routes.length });
  };
  for (const [server, rate, ...routes] of ENTRIES) ask("external/web", server, { rate, routes });
  for (const client of ["shop/gateway", "shop/catalogue", "shop/cart", "shop/orders", "shop/user"]) askAll(client);
  for (const client of ["shop/payment", "shop/shipping", "shop/search"]) askAll(client);
  return calls;

  function askAll(client: string): void {
    for (const [server, each, ...routes] of ASKS[client] ?? []) {
      ask(client, server, { rate: each * (rates.get(client) ?? 0), routes });
    }
  }
}

/** How much of what fails at a server fails its client's request, too. */
export function spoils(client: string, server: string): number {
  const asked = (ASKS[client] ?? []).find(([name]) => name === server);
  return Math.min(1, asked?.[1] ?? 0);
}
