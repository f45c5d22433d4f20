import type { Observation } from "../identity/observation.ts";
import { BucketSums } from "./bucket-sums.ts";
import { addCounts } from "./counter-sums.ts";
import type { OwnCounts } from "./counter-sums.ts";
import type { EdgeState, Held } from "./edge-state.ts";
import { endpointKey } from "./edge-state.ts";
import type { Percentiles } from "./model.ts";
import { shownOf } from "./reporter-rule.ts";
import type { Shown, View } from "./reporter-rule.ts";

/** What is summed of an observation. Status 101: the connection went on as another protocol, its duration is no latency. */
export function countsOf(observation: Observation): Held["counts"] {
  if (observation.status !== 101) return observation;
  const { outcome, status, count, requestBytes, responseBytes } = observation;
  return { outcome, status, count, buckets: [], requestBytes, responseBytes };
}

/** What the reporter rule asks of an edge. */
type Ends = Pick<EdgeState, "client" | "server">;
type Edge = Pick<EdgeState, "client" | "server" | "protocol">;

/** What the reporter rule shows of an edge since the start. */
export function shownEver({ client, server, protocol }: Edge): Shown {
  const eitherEnd = server.asReporter.ever || client.asReporter.ever;
  return shownOf({ protocol, serverAsDestination: server.asDestination.ever, eitherEnd });
}

/** What it shows of the window; where neither end is heard in it, as before, so that what fell silent looks the same. */
export function shownInWindow(edge: Edge): Shown {
  const { client, server, protocol } = edge;
  if (!server.asReporter.inWindow && !client.asReporter.inWindow) return shownEver(edge);
  return shownOf({ protocol, serverAsDestination: server.asDestination.inWindow, eitherEnd: true });
}

/**
 * Percentiles of one endpoint over several edges, out of their merged buckets.
 * @param edges edge ids; those that are not known count for nothing, nor do those of TCP, which has no latency
 */
export function latencyOver(
  known: ReadonlyMap<string, EdgeState>,
  edges: readonly string[],
  { method, route }: { readonly method: string; readonly route: string },
): Percentiles {
  const durations = edges.map((id) => {
    const edge = known.get(id);
    const endpoint = edge?.endpoints.get(endpointKey(method, route));
    if (!edge || !endpoint || edge.protocol === "tcp") return undefined;
    return endpoint.window.shown(shownInWindow(edge).views).latency;
  });
  return percentilesOver(durations);
}

/** Percentiles out of the merged buckets of several edges; what is undefined counts for nothing. */
export function percentilesOver(durations: Iterable<BucketSums | undefined>): Percentiles {
  const merged = new BucketSums();
  for (const each of durations) if (each) merged.merge(each);
  const { p50Ms, p95Ms, p99Ms } = merged.read([]);
  return { p50Ms, p95Ms, p99Ms };
}

/** An item enters (1) or leaves (-1) the window. */
export function moveHeld({ edge, endpoint, view, counts }: Held, times: 1 | -1): void {
  endpoint.current.window.add(view, counts, times);
  edge.revision++;
  hear(view, edge, times);
}

/** What a view says of who is heard, on its way into the window (1) or out of it (-1). */
export function hear(view: View, { client, server }: Ends, times: 1 | -1): void {
  if (view === 0) {
    server.asDestination.move(times);
    server.asReporter.move(times);
  } else if (view !== 3) {
    client.asReporter.move(times);
  }
}

/**
 * Adds a counter to one that is held, where both are of the same sums, outcome and status: the pods of a workload mostly say
 * the same, and ten thousand reporters would fill the memory otherwise.
 * @param isInside whether the one that is held has entered the window
 */
export function joinHeld(held: Held, { view, counts }: Held, isInside: boolean): boolean {
  const { outcome, status } = held.counts;
  if (held.view !== view || outcome !== counts.outcome || status !== counts.status) return false;
  addCounts(held.sums ?? ownSums(held), counts);
  if (isInside) {
    held.endpoint.current.window.add(view, counts, 1);
    held.edge.revision++;
  }
  return true;
}

/** Makes the counts of an item its own. */
function ownSums(held: Held): OwnCounts {
  const { outcome, status, count, buckets, requestBytes, responseBytes } = held.counts;
  return (held.counts = held.sums = { outcome, status, count, buckets: [...buckets], requestBytes, responseBytes });
}
