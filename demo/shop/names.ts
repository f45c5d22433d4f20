/** The services of the shop and the stores behind them: the names that sidecars, configuration and counters use. */

export const SERVICE_NAMES = [
  "edge-router",
  "front-end",
  "catalogue",
  "carts",
  "orders",
  "user",
  "payment",
  "shipping",
  "queue-master",
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export const STORE_NAMES = ["session-db", "catalogue-db", "carts-db", "orders-db", "user-db", "rabbitmq"] as const;
export type StoreName = (typeof STORE_NAMES)[number];

/** Which stores a service uses; every other service has none. */
export const STORES_OF: Readonly<Record<ServiceName, readonly StoreName[]>> = {
  "edge-router": [],
  "front-end": ["session-db"],
  catalogue: ["catalogue-db"],
  carts: ["carts-db"],
  orders: ["orders-db"],
  user: ["user-db"],
  payment: [],
  shipping: ["rabbitmq"],
  "queue-master": ["rabbitmq"],
};
