import { collectDefaultMetrics } from "prom-client";
import type { Registry } from "prom-client";

/** Gauges that are named as counters are; each is the sum of the one without "_total", by type. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Figures of the process: processor, memory, event loop. Only those whose names keep Prometheus' conventions. */
export function registerProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
}
