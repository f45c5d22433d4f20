/** The history of alerts on a real InfluxDB. */
import { alertsContract } from "./contract.ts";
import { onInfluxDb } from "./on-influxdb.ts";

const test = await onInfluxDb("influx alerts", alertsContract);
test.run();
