/** Authorises payments. Has no store: it says yes to what is not dear. */
import { z } from "zod";
import { createApp, readBody } from "../service.ts";
import type { Service, ServiceParts } from "../service.ts";

/** Amounts above this are declined, as in the original. */
export const DECLINE_ABOVE = 105;

const paymentSchema = z.object({ amount: z.number().positive() });

export function payment({ faults, log }: ServiceParts): Service {
  const app = createApp("payment", log);
  app.use(faults.guard("payment"));
  app.post("/paymentAuth", async (c) => {
    const { amount } = await readBody(c, paymentSchema);
    if (faults.has("payment", "decline")) return c.json({ authorised: false, message: "Payment declined: try again" });
    if (amount > DECLINE_ABOVE) {
      const message = `Payment declined: amount exceeds ${DECLINE_ABOVE.toFixed(2)}`;
      return c.json({ authorised: false, message });
    }
    return c.json({ authorised: true, message: "Payment authorised" });
  });
  return { app, dependencies: [] };
}
