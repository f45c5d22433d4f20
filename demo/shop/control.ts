/** The shop's control port: for whoever runs the demo, not for shoppers. */
import { Hono } from "hono";
import { z } from "zod";
import { UnknownFaultError } from "./fault-switches.ts";
import { FAULTS } from "./faults.ts";
import type { Shop } from "./shop.ts";

const switchSchema = z.union([
  z.strictObject({ fault: z.literal("clear"), target: z.string().optional() }),
  z.strictObject({ fault: z.string(), target: z.string() }),
]);

/** What the control port asks of a shop, in one process or in many. */
export interface ControlledShop extends Pick<Shop, "missing" | "faults"> {
  readonly counters: Pick<Shop["counters"], "snapshot">;
}

export function controlApp(shop: ControlledShop): Hono {
  const app = new Hono();
  app.get("/ready", (c) => {
    const missing = shop.missing();
    return c.json({ ready: missing.length === 0, missing }, missing.length === 0 ? 200 : 503);
  });
  app.get("/counters", (c) => c.json(shop.counters.snapshot()));
  app.get("/faults", (c) => c.json({ active: describe(shop.faults.active), known: describe(FAULTS) }));
  app.post("/faults", async (c) => {
    const wanted = switchSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!wanted.success) {
      const message = 'Send {"target": "cards", "fault": "errors"}, or {"fault": "clear"} with or without a target';
      return c.json({ error: { message } }, 400);
    }
    try {
      const { target, fault } = wanted.data;
      if (fault === "clear") shop.faults.clear(target);
      else if (target !== undefined) shop.faults.set(target, fault);
    } catch (error) {
      if (error instanceof UnknownFaultError) return c.json({ error: { message: error.message } }, 400);
      throw error;
    }
    return c.json({ active: describe(shop.faults.active) });
  });
  return app;
}

function describe(faults: typeof FAULTS) {
  return faults.map(({ target, fault, service, story }) => ({ target, fault, service, story }));
}
