/** Series by group on a real InfluxDB. */
import { seriesContract } from "./contract.ts";
import { onInfluxDb } from "./on-influxdb.ts";

const test = await onInfluxDb("influx series", seriesContract);
test.run();
