import type { Registry } from "prom-client";
import { scrapedMetrics } from "../ingest/scraped-metrics.ts";
import type { Watches } from "./watches.ts";

/** Registers how many watches there are, and what of them was refused, replayed or left out. Read at the scrape. */
export function registerWatchMetrics(registry: Registry, watches: Watches): void {
  const { gauge, counter } = scrapedMetrics(registry);
  gauge("sidelight_watches", "Watches that are open, over both APIs.", () => watches.size);
  counter("sidelight_watches_refused_total", "Watches refused at the limit.", () => watches.stats.refused);
  counter(
    "sidelight_watch_answers_replayed_total",
    "Answers of watches told later, out of the history.",
    () => watches.stats.replayed,
  );
  counter(
    "sidelight_watch_answers_skipped_total",
    "Answers of watches left out: missed for too long, or read too slowly.",
    () => watches.stats.skipped,
  );
}
