import type { Registry } from "prom-client";
import { scrapedMetrics } from "../ingest/scraped-metrics.ts";
import type { ApiSources } from "./sources.ts";

/**
 * Registers control's own view of the world and of its subscribers. Everything is read at the scrape; the traffic's own series
 * are edge-metrics.ts.
 */
export function registerApiMetrics(registry: Registry, sources: ApiSources): void {
  const { feed } = sources;
  const { gauge, counter, counterBy } = scrapedMetrics(registry);
  gauge("sidelight_world_edges", "Edges in the newest snapshot.", () => feed.latest().edges.length);
  gauge("sidelight_world_nodes", "Nodes in the newest snapshot.", () => feed.latest().nodes.length);
  gauge(
    "sidelight_world_reporters",
    "Reporters heard within the window of the newest snapshot.",
    () => feed.latest().reporters,
  );
  gauge("sidelight_snapshot_last_compute_seconds", "Seconds that computing the newest snapshot took.", () => {
    return feed.stats.lastComputeSeconds;
  });
  gauge(
    "sidelight_feed_subscribers",
    "Live subscribers: event streams and WatchTopology calls.",
    () => feed.stats.subscribers,
  );
  counter("sidelight_snapshots_computed_total", "Snapshots computed.", () => feed.stats.computed);
  counter(
    "sidelight_snapshot_compute_seconds_total",
    "Seconds spent computing snapshots.",
    () => feed.stats.computeSeconds,
  );
  counter("sidelight_snapshots_published_total", "Snapshots published to subscribers.", () => feed.stats.published);
  counter("sidelight_feed_failures_total", "Snapshots or subscribers that failed.", () => feed.stats.failed);
  counter("sidelight_feed_skipped_total", "Snapshots that slow subscribers skipped.", () => feed.stats.skipped);
  counter(
    "sidelight_feed_stalled_total",
    "Subscribers cut off since they took nothing for too long.",
    () => feed.stats.stalled,
  );
  counter("sidelight_feed_refused_total", "Subscriptions refused at the limit.", () => feed.stats.refused);

  counterBy("sidelight_losses_total", "What reporters and control had to give up since control started, by kind.", {
    label: "kind",
    read: () => sources.status().losses.map(({ kind, count }) => [kind, count] as const),
  });
}
