/**
 * Starts the shoppers:
 *
 *     node --import tsx demo/load/main.ts CONFIG.json
 */
import { pino } from "pino";
import { describeError } from "../shop/describe-error.ts";
import { ServiceServer } from "../shop/http-server.ts";
import { readLoadConfig } from "./config.ts";
import { controlApp } from "./control.ts";
import { Load } from "./load.ts";

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) throw new Error("Usage: node --import tsx demo/load/main.ts CONFIG.json");
  const config = readLoadConfig(file);
  const log = pino({ name: "load", level: "info" });
  const load = new Load(config);
  const control = new ServiceServer(controlApp(load), config.control);
  await control.open();
  load.start();
  log.info({ control: `${config.control.host}:${control.port}`, rate: config.rate }, "listening");

  const exit = (): never => process.exit(0);
  process.once("SIGTERM", exit);
  process.once("SIGINT", exit);
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
});
