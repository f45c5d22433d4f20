/**
 * Starts the shop:
 *
 *     node --import tsx demo/shop/main.ts CONFIG.json
 */
import { pino } from "pino";
import { Reporter } from "./back-office/reporter.ts";
import { readShopConfig } from "./config.ts";
import { controlApp } from "./control.ts";
import { describeError } from "./describe-error.ts";
import { ServiceServer } from "./http-server.ts";
import { Shop } from "./shop.ts";

/** Past this, an exit that hangs is forced. */
const STOP_TIMEOUT_MS = 8_000;

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) throw new Error("Usage: node --import tsx demo/shop/main.ts CONFIG.json");
  const config = readShopConfig(file);
  const log = pino({ name: "shop", level: "info" });
  const shop = new Shop(config, log);
  const control = new ServiceServer(controlApp(shop), config.control);
  const reporter = config.backOffice && new Reporter(shop, config.backOffice, log);
  await shop.start();
  await control.open();
  reporter?.start();
  log.info({ control: `${config.control.host}:${control.port}` }, "listening");

  const stop = (): void => {
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    const stopped = Promise.all([control.close(), shop.stop()]).then(() => reporter?.stop());
    stopped.then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
});
