import type { Registry } from "prom-client";
import { scrapedMetrics } from "../ingest/scraped-metrics.ts";
import type { RouteBookSize } from "./route-book.ts";

/** What the book holds, and what reporters could not be taught of it. */
export interface RoutesSize extends RouteBookSize {
  /** Rules and places that reporters that are connected have no room for. */
  readonly untaught: number;
  /** Clusters that were not followed since their caller has too many, each time that one was seen. */
  readonly clustersCut: number;
}

/** Figures that are read when they are asked for. */
export function registerRouteMetrics(registry: Registry, size: () => RoutesSize): void {
  const { gauge, counterBy } = scrapedMetrics(registry);
  gauge("sidelight_routes_places", "Places of paths that were learned to be ids.", () => size().places);
  gauge("sidelight_routes_services", "Services whose paths are watched.", () => size().services);
  gauge("sidelight_routes_nodes", "Names and values that are held as evidence.", () => size().nodes);
  gauge(
    "sidelight_routes_untaught",
    "Rules and places that connected reporters have no room for, over all of them; control applies them itself.",
    () => size().untaught,
  );
  const cut = (): Record<string, number> => {
    const { nodesCut, placesCut, servicesCut, clustersCut } = size();
    return { nodes: nodesCut, places: placesCut, services: servicesCut, clusters: clustersCut };
  };
  counterBy(
    "sidelight_routes_cut_total",
    "What was not learned from or not taught since a limit was reached, by what was too many.",
    { label: "what", read: () => Object.entries(cut()) },
  );
}
