/**
 * What tests of taught routes share: a sidecar that can be taught, and what becomes of one more request.
 */
import * as assert from "uvu/assert";

import type { ServiceRoutes } from "#proto/ingest.ts";
import { type Request, Sidecar } from "./sidecar.ts";

/** A sidecar whose stream is open, so that it can be taught. */
export function connected(configuration: object = { side: "inbound" }): Sidecar {
  const sidecar = new Sidecar(configuration);
  sidecar.request({ path: "/hello", source: "10.9.9.9:1" });
  sidecar.tick();
  sidecar.collect();
  sidecar.acknowledge();
  return sidecar;
}

export function service(cluster: string, what: Partial<Omit<ServiceRoutes, "cluster">>): ServiceRoutes {
  return { cluster, rules: [], idPlaces: [], addresses: [], ...what };
}

/** The route under which one more request is counted. */
export function routeOf(sidecar: Sidecar, request: Request): string {
  sidecar.received.clear();
  sidecar.request(request);
  sidecar.tick();
  const [batch] = sidecar.collect();
  sidecar.acknowledge();
  const counter = batch?.counters.find(({ count }) => count === 1);
  assert.ok(counter, `${request.path} was not counted`);
  return batch!.strings[counter.route]!;
}

export function outbound(cluster: string, path: string): Request {
  return { path, cluster, upstream: "10.0.0.2:80", direction: 2 };
}
