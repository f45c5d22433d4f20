/** The shop window: pages, and the gateway to the services behind it. */
import { createApp } from "../../service.ts";
import type { Dependency, Service, ServiceParts } from "../../service.ts";
import { leaseRedis } from "../../stores/redis.ts";
import type { StoreParts } from "../../stores/store-parts.ts";
import { addCartRoutes } from "./cart-routes.ts";
import { addCatalogueRoutes } from "./catalogue-routes.ts";
import { addCustomerRoutes } from "./customer-routes.ts";
import { addOrderRoutes } from "./order-routes.ts";
import { addPages } from "./pages.ts";
import { RedisSessions } from "./sessions.ts";
import type { SessionStore } from "./sessions.ts";

export function frontEnd(parts: ServiceParts, store: StoreParts): Service {
  const redis = leaseRedis(store);
  return frontEndWith(parts, { sessions: new RedisSessions(redis), dependencies: [redis] });
}

/** The front end over any store of sessions. */
export function frontEndWith(
  { client, log }: Omit<ServiceParts, "faults">,
  { sessions, dependencies }: { sessions: SessionStore; dependencies: readonly Dependency[] },
): Service {
  const app = createApp("front-end", log);
  addPages(app);
  addCatalogueRoutes(app, { client, sessions });
  addCartRoutes(app, { client, sessions });
  addCustomerRoutes(app, { client, sessions });
  addOrderRoutes(app, { client, sessions });
  return { app, dependencies };
}
