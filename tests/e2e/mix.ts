/** The known mix of requests that the conservation tests drive through a sidecar. */

export interface MixEntry {
  readonly method: string;
  /** The endpoint as it must be counted. */
  readonly route: string;
  /** A concrete path of that endpoint; `serial` makes it differ from request to request. */
  readonly path: (serial: number) => string;
  readonly status: number;
  readonly delayMs: number;
  /** Share of the requests, relative to the other entries. */
  readonly weight: number;
}

const hex = (serial: number) => serial.toString(16).padStart(24, "5");

export const MIX: readonly MixEntry[] = [
  { method: "GET", route: "/ping", path: () => "/ping", status: 200, delayMs: 0, weight: 30 },
  { method: "GET", route: "/orders/{id}", path: (n) => `/orders/${n}`, status: 200, delayMs: 25, weight: 20 },
  { method: "GET", route: "/orders/{id}", path: (n) => `/orders/${n}?full=1`, status: 404, delayMs: 5, weight: 3 },
  { method: "POST", route: "/orders", path: () => "/orders", status: 201, delayMs: 60, weight: 10 },
  { method: "POST", route: "/orders", path: () => "/orders", status: 500, delayMs: 10, weight: 2 },
  {
    method: "GET",
    route: "/customers/{id}/cards",
    path: (n) => `/customers/${hex(n)}/cards`,
    status: 200,
    delayMs: 120,
    weight: 8,
  },
  { method: "DELETE", route: "/carts/{id}", path: (n) => `/carts/${hex(n)}`, status: 202, delayMs: 15, weight: 5 },
  { method: "PUT", route: "/stock/{id}", path: (n) => `/stock/${n}`, status: 503, delayMs: 1, weight: 2 },
  {
    method: "PATCH",
    route: "/carts/{id}/items",
    path: (n) => `/carts/${hex(n)}/items`,
    status: 204,
    delayMs: 250,
    weight: 2,
  },
];
