/** Takes shipments in and queues them for the queue-master. */
import { z } from "zod";
import { createApp, readBody } from "../service.ts";
import type { Service, ServiceParts } from "../service.ts";
import { leaseRabbitmq } from "../stores/rabbitmq.ts";
import type { StoreParts } from "../stores/store-parts.ts";

/** The queue between shipping and queue-master. */
export const SHIPPING_QUEUE = "shipping-task";

const shipmentSchema = z.object({ id: z.string().max(64).optional(), name: z.string().max(200) });

export function shipping({ faults, log }: ServiceParts, store: StoreParts): Service {
  const rabbitmq = leaseRabbitmq(store, (broker) => broker.declare(SHIPPING_QUEUE));
  const app = createApp("shipping", log);
  app.use(faults.guard("shipping"));
  app.get("/shipping", (c) => c.text("GET ALL Shipping Resource."));
  app.get("/shipping/:id", (c) => c.text(`GET Shipping Resource with id: ${c.req.param("id")}`));
  app.post("/shipping", async (c) => {
    const shipment = await readBody(c, shipmentSchema);
    // As in the original, a shipment is accepted even while the queue is down.
    if (rabbitmq.isReady) rabbitmq.current.publish(SHIPPING_QUEUE, Buffer.from(JSON.stringify(shipment)));
    else log.warn({ shipment: shipment.name }, "shipment not queued");
    return c.json(shipment, 201);
  });
  return { app, dependencies: [rabbitmq] };
}
