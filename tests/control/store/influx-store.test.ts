/** The contract on a real InfluxDB. */
import { storeContract } from "./contract.ts";
import { onInfluxDb } from "./on-influxdb.ts";

const test = await onInfluxDb("influx store", storeContract);
test.run();
