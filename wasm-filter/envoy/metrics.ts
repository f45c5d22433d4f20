import { requestsEver } from "../core/counters";
import { lossesEver } from "../core/losses";
import { Text, bytesOf, sizeOf, text } from "../core/text";
import { proxy_define_metric, proxy_increment_metric } from "./env";
import { MetricType, OK } from "./host";

/**
 * Counters in Envoy's own statistics (wasmcustom.sidelight_...), by which an operator sees that the filter works
 * without asking control.
 */
export namespace Metric {
  export const REQUESTS: u32 = 0;
  export const BATCHES_SENT: u32 = 1;
  export const BATCHES_ACKED: u32 = 2;
  export const LOSSES: u32 = 3;
  export const STREAMS_FAILED: u32 = 4;
}

const NAMES: StaticArray<Text> = [
  text("sidelight_requests"),
  text("sidelight_batches_sent"),
  text("sidelight_batches_acked"),
  text("sidelight_losses"),
  text("sidelight_streams_failed"),
];
/** (u32 id, u32 defined) a metric. */
const ids = memory.data(40, 8);
let isDefined: bool = false;
let requestsTold: u32 = 0;
let lossesTold: u32 = 0;

/** Defines the metrics, once a VM. Not before on_configure: the host forbids it. */
export function defineMetrics(): void {
  if (isDefined) return;
  isDefined = true;
  for (let i = 0; i < NAMES.length; i++) {
    const id = ids + (i << 3);
    const status = proxy_define_metric(MetricType.COUNTER, bytesOf(NAMES[i]), sizeOf(NAMES[i]), id);
    store<u32>(id, status == OK ? 1 : 0, 4);
  }
}

export function addToMetric(metric: u32, by: u32): void {
  const id = ids + ((<usize>metric) << 3);
  if (by && load<u32>(id, 4)) proxy_increment_metric(load<u32>(id), by);
}

/** Tells what was counted since the last tick, so that a request costs no call for it. */
export function tellTotals(): void {
  addToMetric(Metric.REQUESTS, requestsEver() - requestsTold);
  requestsTold = requestsEver();
  addToMetric(Metric.LOSSES, lossesEver() - lossesTold);
  lossesTold = lossesEver();
}
