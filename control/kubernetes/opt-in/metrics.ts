import type { Registry } from "prom-client";
import type { OptedInWorkload } from "../../api/opt-in-source.ts";
import { scrapedMetrics } from "../../ingest/scraped-metrics.ts";
import type { OptIn } from "./opt-in.ts";

const STATES: readonly OptedInWorkload["state"][] = [
  ...(["reporting", "waiting", "silent", "noSidecar", "noPods", "notWritten", "excluded", "off"] as const),
];

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
  scraped.gaugeBy("sidelight_opt_in_workloads", "Workloads that are annotated, or in a namespace that is, by state.", {
    label: "state",
    read() {
      const sums = new Map(STATES.map((state) => [state, 0]));
      for (const { state } of optIn.workloads) sums.set(state, (sums.get(state) ?? 0) + 1);
      return sums;
    },
  });
}
