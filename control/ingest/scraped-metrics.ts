import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";

type Register = (name: string, help: string, read: () => number) => void;

/** Registers figures that are kept elsewhere and read at each scrape. */
export function scrapedMetrics(registry: Registry): { readonly gauge: Register; readonly counter: Register } {
  const registers = [registry];
  return {
    gauge(name, help, read) {
      new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(read());
        },
      });
    },
    counter(name, help, read) {
      new Counter({
        ...{ name, help, registers },
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
  };
}
