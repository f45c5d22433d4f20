/**
 * Starts the back office. In a cluster the services are in pods of their own, which come and go; what they count is added up here, and
 * what the shop's control port answers in one process (demo/shop/control.ts) is answered here for all of them:
 *
 *     node --import tsx demo/shop/back-office/main.ts HOST:PORT
 */
import { pino } from "pino";
import { addressSchema } from "../address.ts";
import { controlApp } from "../control.ts";
import { describeError } from "../describe-error.ts";
import { ServiceServer } from "../http-server.ts";
import { Ledger } from "./ledger.ts";
import { REPORTS_PATH, reportSchema } from "./report.ts";
import type { Order } from "./report.ts";

async function main(listen: string | undefined): Promise<void> {
  if (listen === undefined) throw new Error("Usage: node --import tsx demo/shop/back-office/main.ts HOST:PORT");
  const log = pino({ name: "back-office", level: "info" });
  const ledger = new Ledger();
  const app = controlApp(ledger);
  app.post(REPORTS_PATH, async (c) => {
    const report = reportSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!report.success) return c.json({ error: { message: report.error.message } }, 400);
    ledger.take(report.data);
    const order: Order = { faults: ledger.faults.active.map(({ target, fault }) => ({ target, fault })) };
    return c.json(order);
  });
  const server = new ServiceServer(app, addressSchema.parse(listen));
  await server.open();
  log.info({ listen }, "listening");
  process.once("SIGTERM", () => process.exit(0));
  process.once("SIGINT", () => process.exit(0));
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
});
