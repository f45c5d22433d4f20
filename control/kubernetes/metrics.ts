import type { Registry } from "prom-client";
import { scrapedMetrics } from "../ingest/scraped-metrics.ts";
import type { KubernetesInventory } from "./kubernetes-inventory.ts";
import type { ReflectorStatus } from "./reflector.ts";
import type { Watching } from "./watching.ts";

/** Registers what tells how well the inventory is in step with the cluster. */
export function registerKubernetesMetrics(
  registry: Registry,
  deps: { readonly watching: Watching; readonly inventory: KubernetesInventory; readonly now: () => number },
): void {
  const { watching, inventory, now } = deps;
  const startedMs = now();
  const scraped = scrapedMetrics(registry);
  const byResource = (read: (status: ReflectorStatus) => number) => ({
    label: "resource",
    read: () => [...watching.status()].map(([resource, status]) => [resource, read(status)] as const),
  });
  const gauge = (name: string, help: string, read: (status: ReflectorStatus) => number): void =>
    scraped.gaugeBy(name, help, byResource(read));
  const counter = (name: string, help: string, read: (status: ReflectorStatus) => number): void =>
    scraped.counterBy(name, help, byResource(read));
  gauge(
    "sidelight_kubernetes_staleness_seconds",
    "How long ago the inventory was last known to be what the API has; up to a minute and a half where nothing changes.",
    ({ inStepMs }) => Math.max(0, now() - (inStepMs || startedMs)) / 1_000,
  );
  scraped.gauge(
    "sidelight_kubernetes_away_seconds",
    "Since when the API server cannot be followed, so that names may be old; 0 while it can.",
    () => Math.max(0, now() - (watching.awaySinceMs ?? now())) / 1_000,
  );
  gauge("sidelight_kubernetes_objects", "Objects that are known.", ({ objects }) => objects);
  counter("sidelight_kubernetes_lists_total", "Times that all objects were listed.", ({ lists }) => lists);
  counter("sidelight_kubernetes_watches_total", "Watches that were opened.", ({ watches }) => watches);
  counter("sidelight_kubernetes_events_total", "Events that came, bookmarks included.", ({ events }) => events);
  counter("sidelight_kubernetes_failures_total", "Lists and watches that failed.", ({ failures }) => failures);
  scraped.gauge(
    "sidelight_kubernetes_past_addresses",
    "Addresses of pods that have gone, kept for batches that come late.",
    () => inventory.figures.gone,
  );
  scraped.counter(
    "sidelight_kubernetes_past_addresses_dropped_total",
    "Of these, those that were dropped before their time for lack of room.",
    () => inventory.figures.forgotten,
  );
  scraped.gauge(
    "sidelight_kubernetes_pods_waiting",
    "Pods of which it is not known what made them.",
    () => inventory.figures.waiting,
  );
}
