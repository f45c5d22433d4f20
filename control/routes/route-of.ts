import type { Observation } from "../identity/observation.ts";

/** What names an endpoint of a server. */
export type EndpointKey = Pick<Observation, "server" | "protocol" | "method" | "route">;

/** The route that an endpoint has by now. Told of one that it gave itself, it gives the same. */
export type RouteOf = (key: EndpointKey) => string;
