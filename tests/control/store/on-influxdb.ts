/** Runs a contract on a real InfluxDB. Skipped, with a line that says so, where none is there yet. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import type { Test } from "uvu";
import { InfluxStore } from "../../../control/store/influxdb/influx-store.ts";
import type { InfluxOptions } from "../../../control/store/influxdb/options.ts";
import { findInfluxDb, startInfluxDb } from "../../influxdb.ts";
import type { RunningInfluxDb } from "../../influxdb.ts";
import { loud } from "../../loud.ts";
import type { Place } from "./contract.ts";

/** @param limits of the store, where they are not the usual ones */
type NewPlace = (limits?: Pick<InfluxOptions, "maxPodSeries">) => Promise<Place>;

/** @returns the suite, still to be run */
export async function onInfluxDb(name: string, contract: (test: Test, newPlace: NewPlace) => void): Promise<Test> {
  const test = suite(name);
  const binary = await findInfluxDb();
  if (!binary) {
    test.skip("the contract on InfluxDB", () => undefined);
    return test;
  }
  let server: RunningInfluxDb;
  let places = 0;
  test.before(loud(async () => void (server = await startInfluxDb(binary))));
  test.after(() => server.remove());
  contract(test, async (limits) => {
    const folder = await mkdtemp(join(tmpdir(), "sidelight-store-"));
    const prefix = `case${++places}`;
    return {
      open: () => Promise.resolve(InfluxStore.open({ ...optionsFor(server, folder, prefix), ...limits })),
      remove: () => rm(folder, { recursive: true }),
    };
  });
  return test;
}

/** Time is that of the fixtures, so the server's retention stays out of it. */
function optionsFor({ url, org, token }: RunningInfluxDb, folder: string, prefix: string): InfluxOptions {
  return {
    ...{ url, org, token: () => token, prefix, journal: join(folder, "journal") },
    retention: false,
    now: () => 0,
    warn: (error) => console.error(error),
    onDropped: (reason, points, error) => console.error(reason, points, error),
  };
}
