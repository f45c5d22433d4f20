/** What a process of the shop tells the back office, and what it is told back. */
import { z } from "zod";
import { SERVICE_NAMES } from "../names.ts";

export const REPORTS_PATH = "/reports";

const name = z.string().min(1).max(253);
const count = z.int().min(0);

const querySchema = z.strictObject({
  ...{ client: name, server: name, sent: count, unclear: count },
  protocol: z.enum(["redis", "mysql", "postgresql", "amqp"]),
});

export const reportSchema = z.strictObject({
  /** Of the process, drawn when it starts: a container that starts anew counts from nothing. */
  instance: z.uuid(),
  services: z.array(z.enum(SERVICE_NAMES)),
  missing: z.array(name),
  counters: z.strictObject({
    http: z.array(z.strictObject({ client: name, server: name, sent: count, unclear: count })).max(1_000),
    tcp: z.array(z.strictObject({ client: name, server: name, opened: count })).max(1_000),
    queries: z.array(querySchema).max(1_000),
    inFlight: count,
  }),
  /** Nothing is counted any more. */
  isLast: z.boolean(),
});
export type Report = z.infer<typeof reportSchema>;

export const orderSchema = z.object({ faults: z.array(z.object({ target: z.string(), fault: z.string() })) });
/** Which faults are to be on. */
export type Order = z.infer<typeof orderSchema>;
