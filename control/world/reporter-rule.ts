/**
 * Whose report of an edge is shown. Two reporters see each request, so their counts are never added.
 *
 * - The server's sidecar is heard (any `destination` observation for that server in the range): all of its
 *   observations, and of the `source` observations those that were not reached, which no server can see.
 * - Otherwise: the `source` observations.
 * - `wire` observations where neither end has a sidecar that is heard, and those of protocols that no sidecar counts: what a
 *   sidecar says of the same bytes is an edge of TCP, whose connections are no requests.
 *
 * "Heard" is a property of the server and not of the edge: where the server's sidecar names a client differently than
 * the client names itself, one of two edges is shown, and no request twice.
 *
 * The store states the same rule in SQL (store/duckdb/shown.ts); its contract suite compares the two.
 */
import type { Observation, Protocol, ReporterSide } from "../identity/observation.ts";

/** Observations of one edge fall into four views; the rule picks among these and never looks into one. */
export const VIEWS = ["destination", "sourceArrived", "sourceNotReached", "wire"] as const;

/** A position in VIEWS. */
export type View = 0 | 1 | 2 | 3;

/** What the rule shows for an edge. */
export interface Shown {
  readonly side: ReporterSide;
  readonly views: readonly View[];
}

const FROM_DESTINATION: Shown = { side: "destination", views: [0, 2] };
const FROM_SOURCE: Shown = { side: "source", views: [1, 2] };
const FROM_WIRE: Shown = { side: "wire", views: [3] };

/** What sidecars never count as such. Not among them is TLS: what protects the requests of a mesh is counted with these. */
const ONLY_ON_THE_WIRE: ReadonlySet<Protocol> = new Set(["dns", "redis", "postgresql", "mysql", "mongodb", "amqp"]);

/** Whether only a tap counts a protocol. */
export function isOnlyOnTheWire(protocol: Protocol): boolean {
  return ONLY_ON_THE_WIRE.has(protocol);
}

/** Which sidecars were heard in the range that is shown, and what the edge speaks. */
export interface Heard {
  readonly protocol: Protocol;
  /** A `destination` observation for this edge's server. */
  readonly serverAsDestination: boolean;
  /** Any observation by a sidecar of either end, whatever edge it was about. */
  readonly eitherEnd: boolean;
}

/** The view that an observation belongs to. */
export function viewOf(observation: Pick<Observation, "side" | "outcome">): View {
  switch (observation.side) {
    case "destination":
      return 0;
    case "source":
      return observation.outcome === "notReached" ? 2 : 1;
    case "wire":
      return 3;
  }
}

/** The reporter rule. */
export function shownOf(heard: Heard): Shown {
  if (isOnlyOnTheWire(heard.protocol)) return FROM_WIRE;
  if (heard.serverAsDestination) return FROM_DESTINATION;
  return heard.eitherEnd ? FROM_SOURCE : FROM_WIRE;
}
