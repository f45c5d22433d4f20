import type { Registry } from "prom-client";
import { scrapedMetrics } from "./scraped-metrics.ts";
import type { TapStats } from "./tap-hub.ts";

/** Control's own numbers about live requests, read when they are asked for. */
export function registerTapMetrics(registry: Registry, stats: TapStats): void {
  const { gauge, counter, counterBy } = scrapedMetrics(registry);
  gauge("sidelight_taps", "Taps that run.", () => stats.taps);
  gauge("sidelight_tap_subscribers", "Those who watch live requests.", () => stats.subscribers);
  counter("sidelight_tap_requests_total", "Live requests shown, of each tap once.", () => stats.shown);
  counter("sidelight_tap_bad_messages_total", "Messages of live requests that could not be used.", () => stats.bad);
  counter("sidelight_tap_stray_messages_total", "Messages of taps that had ended.", () => stats.stray);
  counter("sidelight_tap_refused_total", "Those who wanted to watch and found no place.", () => stats.refused);
  counterBy(
    "sidelight_tap_skipped_total",
    "Matching live requests that were left out, by who did: the reporter, control past the rate, a slow subscriber.",
    { label: "by", read: () => Object.entries(stats.skipped) },
  );
}
