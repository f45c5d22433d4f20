import { OTHER_EXTERNAL_HOSTS } from "../identity/identities.ts";
import type { Observation } from "../identity/observation.ts";

/** What names an endpoint of a server. */
export type EndpointKey = Pick<Observation, "server" | "protocol" | "method" | "route">;

/** The route that an endpoint has by now. Told of one that it gave itself, it gives the same. */
export type RouteOf = (key: EndpointKey) => string;

/** Whether a server has paths of its own. Behind what could not be resolved, and behind the hosts that share a node, stand many. */
export function hasPathsOfItsOwn(server: string): boolean {
  return !server.startsWith("unresolved/") && server !== OTHER_EXTERNAL_HOSTS.id;
}
