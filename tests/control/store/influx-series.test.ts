/** Series by group on a real InfluxDB. */
import { seriesContract } from "./contract.ts";
import { onInfluxDb } from "./on-influxdb.ts";

await onInfluxDb("influx series", seriesContract);
