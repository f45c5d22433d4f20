/** Health in words and in order. */
import type { Health, SnapshotEdge, SnapshotNode } from "../../../control/world/model.ts";
import { edgesInto, edgesOutOf, type World } from "./world.ts";

/** Worst first. */
export const HEALTH_ORDER: readonly Health[] = ["failing", "degraded", "affected", "healthy", "idle"];

export const HEALTH_WORD: Readonly<Record<Health, string>> = {
  failing: "Failing",
  degraded: "Degraded",
  affected: "Affected",
  healthy: "Healthy",
  idle: "Idle",
};

/** What each state means, for tooltips and the legend. */
export const HEALTH_MEANING: Readonly<Record<Health, string>> = {
  failing: "At least 5 % errors, or 10 % of requests slower than 1 s",
  degraded: "At least 1 % errors, or 10 % of requests slower than 500 ms",
  affected: "Past a limit, but because of something that it calls",
  healthy: "Within every limit",
  idle: "No request in the window",
};

/** For sorting: 0 is worst. */
export function severity(health: Health): number {
  return HEALTH_ORDER.indexOf(health);
}

/** Whether a state asks for attention. */
export function hurts(health: Health): boolean {
  return health === "failing" || health === "degraded" || health === "affected";
}

/** The worst of several; idle for none. */
export function worst(healths: Iterable<Health>): Health {
  let found: Health = "idle";
  for (const health of healths) if (severity(health) < severity(found)) found = health;
  return found;
}

/** A connection that is open and silent is in use, whatever the request counters say. */
export function edgeHealth(edge: SnapshotEdge): Health {
  return edge.health === "idle" && (edge.active ?? 0) > 0 ? "healthy" : edge.health;
}

/** A node that only clients' open connections keep alive is not idle. */
export function nodeHealth(world: World, node: SnapshotNode): Health {
  if (node.health !== "idle") return node.health;
  const inUse = edgesInto(world, node.id).some((edge) => (edge.active ?? 0) > 0);
  const sends = edgesOutOf(world, node.id).some((edge) => edgeHealth(edge) !== "idle");
  return inUse || sends ? "healthy" : "idle";
}
