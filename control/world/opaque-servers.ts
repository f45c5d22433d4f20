import type { EdgeState } from "./edge-state.ts";
import { VIEWS, isOnlyOnTheWire } from "./reporter-rule.ts";

/** Nodes that are asked what no sidecar reads: queries of stores, or what sidecars themselves call opaque TCP. */
export function opaqueServersOf(edges: Iterable<EdgeState>): ReadonlySet<string> {
  const servers = new Set<string>();
  for (const { protocol, server, isSeen } of edges) {
    // That there is a connection below each request a tap says of all.
    const isTold = VIEWS.some((view, at) => view !== "wire" && isSeen[at]);
    if (isOnlyOnTheWire(protocol) || (protocol === "tcp" && isTold)) servers.add(server.id);
  }
  return servers;
}
