/** Takes shipments off the queue. Nobody calls it; its edge to the broker is all that the map shows. */
import { createApp } from "../service.ts";
import type { Service, ServiceParts } from "../service.ts";
import { leaseRabbitmq } from "../stores/rabbitmq.ts";
import type { StoreParts } from "../stores/store-parts.ts";
import { SHIPPING_QUEUE } from "./shipping.ts";

/** Shipments that may be on their way to here without having been acknowledged. */
const PREFETCH = 50;

export function queueMaster({ log }: Omit<ServiceParts, "client" | "faults">, store: StoreParts): Service {
  let shipped = 0;
  const rabbitmq = leaseRabbitmq(store, async (broker) => {
    await broker.declare(SHIPPING_QUEUE);
    await broker.consume(SHIPPING_QUEUE, PREFETCH, () => (shipped += 1));
  });
  const app = createApp("queue-master", log);
  app.get("/", (c) => c.json({ shipped }));
  return { app, dependencies: [rabbitmq] };
}
