import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";

type Register = (name: string, help: string, read: () => number) => void;

/** A figure for each value of a label; values that are not read any more have none. */
type RegisterBy = (
  name: string,
  help: string,
  figures: { readonly label: string; readonly read: () => Iterable<readonly [value: string, figure: number]> },
) => void;

export interface ScrapedMetrics {
  readonly gauge: Register;
  readonly counter: Register;
  readonly gaugeBy: RegisterBy;
  readonly counterBy: RegisterBy;
}

/** Registers figures that are kept elsewhere and read at each scrape. */
export function scrapedMetrics(registry: Registry): ScrapedMetrics {
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
    gaugeBy(name, help, { label, read }) {
      new Gauge({
        ...{ name, help, registers, labelNames: [label] },
        collect() {
          this.reset();
          for (const [value, figure] of read()) this.set({ [label]: value }, figure);
        },
      });
    },
    counterBy(name, help, { label, read }) {
      new Counter({
        ...{ name, help, registers, labelNames: [label] },
        collect() {
          this.reset();
          for (const [value, figure] of read()) this.inc({ [label]: value }, figure);
        },
      });
    },
  };
}
