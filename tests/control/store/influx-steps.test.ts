/** History in steps on a real InfluxDB. */
import { stepsContract } from "./contract.ts";
import { onInfluxDb } from "./on-influxdb.ts";

const test = await onInfluxDb("influx steps", stepsContract);
test.run();
