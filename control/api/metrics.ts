import { Counter, Gauge, type Registry } from "prom-client";
import type { ApiSources } from "./sources.ts";

/**
 * Registers control's own view of the world and of its subscribers. Everything is read at the scrape; the traffic's own series
 * are edge-metrics.ts.
 */
export function registerApiMetrics(registry: Registry, sources: ApiSources): void {
  const { feed } = sources;
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `sidelight_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: `sidelight_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };

  gauge("world_edges", "Edges in the newest snapshot.", () => feed.latest().edges.length);
  gauge("world_nodes", "Nodes in the newest snapshot.", () => feed.latest().nodes.length);
  gauge("world_reporters", "Reporters heard within the window of the newest snapshot.", () => feed.latest().reporters);
  gauge("snapshot_last_compute_seconds", "Seconds that computing the newest snapshot took.", () => {
    return feed.stats.lastComputeSeconds;
  });
  gauge("feed_subscribers", "Live subscribers: event streams and WatchTopology calls.", () => feed.stats.subscribers);
  counter("snapshots_computed", "Snapshots computed.", () => feed.stats.computed);
  counter("snapshot_compute_seconds", "Seconds spent computing snapshots.", () => feed.stats.computeSeconds);
  counter("snapshots_published", "Snapshots published to subscribers.", () => feed.stats.published);
  counter("feed_failures", "Snapshots or subscribers that failed.", () => feed.stats.failed);
  counter("feed_skipped", "Snapshots that slow subscribers skipped.", () => feed.stats.skipped);
  counter("feed_stalled", "Subscribers cut off since they took nothing for too long.", () => feed.stats.stalled);
  counter("feed_refused", "Subscriptions refused at the limit.", () => feed.stats.refused);

  new Counter({
    name: "sidelight_losses_total",
    help: "What reporters and control had to give up since control started, by kind.",
    labelNames: ["kind"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { kind, count } of sources.status().losses) this.inc({ kind }, count);
    },
  });
}
