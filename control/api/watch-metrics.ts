import { Counter, Gauge, type Registry } from "prom-client";
import type { Watches } from "./watches.ts";

/** Registers how many watches there are, and what of them was refused, replayed or left out. Read at the scrape. */
export function registerWatchMetrics(registry: Registry, watches: Watches): void {
  const registers = [registry];
  new Gauge({
    name: "sidelight_watches",
    help: "Watches that are open, over both APIs.",
    registers,
    collect() {
      this.set(watches.size);
    },
  });
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: `sidelight_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  counter("watches_refused", "Watches refused at the limit.", () => watches.stats.refused);
  counter("watch_answers_replayed", "Answers of watches told later, out of the history.", () => watches.stats.replayed);
  counter("watch_answers_skipped", "Answers of watches left out: missed for too long, or read too slowly.", () => {
    return watches.stats.skipped;
  });
}
