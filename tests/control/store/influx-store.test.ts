/** The contract on a real InfluxDB. Skipped, with a line that says so, where none is there yet. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import { InfluxStore } from "../../../control/store/influxdb/influx-store.ts";
import type { InfluxOptions } from "../../../control/store/influxdb/options.ts";
import { findInfluxDb, startInfluxDb } from "../../influxdb.ts";
import type { RunningInfluxDb } from "../../influxdb.ts";
import { loud } from "../../loud.ts";
import { storeContract } from "./contract.ts";

const test = suite("influx store");
const binary = await findInfluxDb();
let server: RunningInfluxDb;
let places = 0;

test.before(loud(async () => void (binary && (server = await startInfluxDb(binary)))));
test.after(async () => void (binary && (await server.remove())));

/** Time is that of the fixtures, so the server's retention stays out of it. */
function optionsFor(folder: string, prefix: string): InfluxOptions {
  const { url, org, token } = server;
  return {
    ...{ url, org, token: () => token, prefix, journal: join(folder, "journal") },
    retention: false,
    now: () => 0,
    warn: (error) => console.error(error),
    onDropped: (reason, points, error) => console.error(reason, points, error),
  };
}

if (binary) {
  storeContract(test, async () => {
    const folder = await mkdtemp(join(tmpdir(), "sidelight-store-"));
    const prefix = `case${++places}`;
    return {
      open: () => Promise.resolve(InfluxStore.open(optionsFor(folder, prefix))),
      remove: () => rm(folder, { recursive: true }),
    };
  });
} else {
  test.skip("the contract on InfluxDB", () => undefined);
}

test.run();
