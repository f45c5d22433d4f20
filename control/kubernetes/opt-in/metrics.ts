import type { Registry } from "prom-client";
import { scrapedMetrics } from "../../ingest/scraped-metrics.ts";
import type { OptIn } from "./opt-in.ts";

/** Registers what tells of opt-in. */
export function registerOptInMetrics(registry: Registry, optIn: OptIn): void {
  const scraped = scrapedMetrics(registry);
  scraped.gauge("sidelight_opt_in_leader", "1 where this control is the one that writes WasmPlugins.", () =>
    optIn.isLeader ? 1 : 0,
  );
  scraped.counter(
    "sidelight_opt_in_writes_total",
    "WasmPlugins that were created, changed or removed; each has the filter built anew in sidecars.",
    () => optIn.counts.created + optIn.counts.updated + optIn.counts.removed,
  );
  scraped.counter(
    "sidelight_opt_in_refused_total",
    "Writes of WasmPlugins that the API server refused.",
    () => optIn.counts.refused,
  );
}
