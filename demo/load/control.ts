/** The load's control port: for whoever runs the demo. */
import { Hono } from "hono";
import type { Context } from "hono";
import { z } from "zod";
import { rateSchema } from "./config.ts";
import type { Load } from "./load.ts";

const spikeSchema = z.strictObject({ factor: z.number().min(0).max(50), seconds: z.number().positive().max(3_600) });
const changeSchema = z.strictObject({ rate: rateSchema });

export function controlApp(load: Load): Hono {
  const app = new Hono();
  app.get("/counters", (c) => c.json({ rate: load.rate, ...load.measures.snapshot() }));
  app.post("/rate", async (c) => {
    const change = changeSchema.safeParse(await readJson(c));
    if (!change.success) return refuse(c, change.error);
    if (load.isStopped) return stopped(c);
    load.setRate(change.data.rate);
    return c.json({ rate: load.rate });
  });
  app.post("/spike", async (c) => {
    const spike = spikeSchema.safeParse(await readJson(c));
    if (!spike.success) return refuse(c, spike.error);
    if (load.isStopped) return stopped(c);
    load.spike(spike.data.factor, spike.data.seconds);
    return c.json({ rate: load.rate });
  });
  app.post("/stop", async (c) => {
    await load.stop();
    return c.json({ rate: load.rate, ...load.measures.snapshot() });
  });
  return app;
}

function readJson(c: Context): Promise<unknown> {
  return c.req.json().catch(() => undefined);
}

function refuse(c: Context, error: z.ZodError) {
  return c.json({ error: { message: z.prettifyError(error) } }, 400);
}

function stopped(c: Context) {
  return c.json({ error: { message: "The load was stopped; start it anew" } }, 409);
}
