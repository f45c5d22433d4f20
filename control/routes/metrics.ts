import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { RouteBookSize } from "./route-book.ts";

/** Figures that are read from the book when they are asked for. */
export function registerRouteMetrics(registry: Registry, size: () => RouteBookSize): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (size: RouteBookSize) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(size()));
      },
    });
  };
  gauge("sidelight_routes_places", "Places of paths that were learned to be ids.", ({ places }) => places);
  gauge("sidelight_routes_services", "Services whose paths are watched.", ({ services }) => services);
  gauge("sidelight_routes_nodes", "Names and values that are held as evidence.", ({ nodes }) => nodes);
  const cut = new Counter({
    name: "sidelight_routes_cut_total",
    help: "What was not learned from since a limit was reached, by what was too many.",
    labelNames: ["what"],
    registers,
    collect() {
      const { nodesCut, placesCut, servicesCut } = size();
      cut.reset();
      cut.inc({ what: "nodes" }, nodesCut);
      cut.inc({ what: "places" }, placesCut);
      cut.inc({ what: "services" }, servicesCut);
    },
  });
}
