/**
 * What the tests of taps share.
 */
import { Sidecar } from "./sidecar.ts";

/** A sidecar with a stream, which is there once something was counted. */
export function connected(configuration: object = {}): Sidecar {
  const sidecar = new Sidecar({ exemplars: false, ...configuration });
  sidecar.request({ path: "/first" });
  sidecar.tick();
  sidecar.collect();
  sidecar.acknowledge();
  return sidecar;
}

/** Paths of what was tapped since the last look, over all taps or of one. */
export function paths(sidecar: Sidecar, ms = 250, id?: number): string[] {
  sidecar.tick(ms);
  sidecar.collect();
  const told = sidecar.tapped.splice(0).filter(({ tap }) => id === undefined || tap === id);
  return told.flatMap(({ requests }) => requests!.exemplars.map(({ path }) => path)).sort();
}

/** How many requests control was told of as sent and as skipped. */
export function tally(sidecar: Sidecar): [sent: number, skipped: number] {
  sidecar.collect();
  const sent = sidecar.tapped.reduce((sum, { requests }) => sum + requests!.exemplars.length, 0);
  const skipped = sidecar.tapped.reduce((sum, tapped) => sum + tapped.skipped, 0);
  return [sent, skipped];
}
