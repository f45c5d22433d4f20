import type { Observation, Protocol, ReporterSide } from "../identity/observation.ts";
import type { RouteOf } from "../routes/route-of.ts";
import type { Counts, OwnCounts } from "./counter-sums.ts";
import { EdgeCounters } from "./edge-counters.ts";
import type { NodeState } from "./node-state.ts";
import { VIEWS, viewOf } from "./reporter-rule.ts";
import type { View } from "./reporter-rule.ts";
import { ViewSums } from "./view-sums.ts";

/** Where requests are counted that no endpoint could be kept for. */
export const OTHER_ROUTE = "~other";

/** An endpoint of one edge: what each view says of it in the window, and the connections open at last report. */
export class EndpointState {
  /** Unique among the endpoints of all edges. */
  readonly id: string;
  readonly method: string;
  readonly route: string;
  readonly window = new ViewSums();
  readonly open = new OpenConnections();
  /** Whether a view ever said anything of it. */
  readonly isSeen = VIEWS.map(() => false);
  lastSeenMs = 0;
  /** Where it went when its route became another one. */
  #movedTo: EndpointState | undefined;

  constructor(edge: string, method: string, route: string) {
    this.id = `${edge} ${endpointKey(method, route)}`;
    this.method = method;
    this.route = route;
  }

  /** The endpoint that stands for this one by now. */
  get current(): EndpointState {
    return this.#movedTo ? (this.#movedTo = this.#movedTo.current) : this;
  }

  /** Makes this endpoint a part of another one of its edge; what is still to leave the window leaves that one. */
  moveTo(target: EndpointState): void {
    this.#movedTo = target;
    target.window.merge(this.window);
    this.isSeen.forEach((isSeen, view) => (target.isSeen[view] ||= isSeen));
    target.lastSeenMs = Math.max(target.lastSeenMs, this.lastSeenMs);
  }
}

/** Open connections by reporter instance: a gauge, so the latest report of each stands, and instances are added. */
export class OpenConnections {
  readonly #latest = new Map<string, { readonly atMs: number; readonly bySide: Map<ReporterSide, number> }>();

  /** Counters of one window that differ in outcome or status state the same gauge: the largest is taken. */
  set(instance: string, atMs: number, { side, active }: Pick<Observation, "side" | "active">): void {
    const known = this.#latest.get(instance);
    if (known && known.atMs > atMs) return;
    const bySide = known?.atMs === atMs ? known.bySide : new Map<ReporterSide, number>();
    bySide.set(side, Math.max(bySide.get(side) ?? 0, active));
    this.#latest.set(instance, { atMs, bySide });
  }

  sum(side: ReporterSide): number {
    let sum = 0;
    for (const { bySide } of this.#latest.values()) sum += bySide.get(side) ?? 0;
    return sum;
  }

  forget(isGone: (instance: string) => boolean): void {
    for (const instance of this.#latest.keys()) if (isGone(instance)) this.#latest.delete(instance);
  }
}

/** Counters, or parts of them, on their way through the window: which sums they belong to, and what they add up to. */
export interface Held {
  readonly edge: EdgeState;
  readonly endpoint: EndpointState;
  readonly view: View;
  counts: Counts;
  /** What it adds up to by now, where others were joined with it: the same as `counts`. */
  sums?: OwnCounts | undefined;
}

/** When an observation's window ended, and whether it was counted before control started. */
export interface Sight {
  readonly endMs: number;
  readonly isRestored: boolean;
}

/** Everything known of one edge: sums of the window by endpoint, requests since the start by view. */
export class EdgeState {
  readonly id: string;
  readonly client: NodeState;
  readonly server: NodeState;
  readonly protocol: Protocol;
  readonly endpoints = new Map<string, EndpointState>();
  /** The same by method and route: their keys are texts that would be put together for each counter. */
  readonly #byMethod = new Map<string, Map<string, EndpointState>>();
  /** Requests counted since the start, by view. */
  readonly counted = VIEWS.map(() => 0);
  /** The same and more, in sums that only grow. */
  readonly counters = new EdgeCounters();
  /** Whether a view ever said anything of it, be it only that connections are open. */
  readonly isSeen = VIEWS.map(() => false);
  lastSeenMs = 0;
  /** Changes with everything that changes what is shown of the window. */
  revision = 0;

  constructor(client: NodeState, server: NodeState, protocol: Protocol) {
    this.id = edgeId({ client: client.id, server: server.id, protocol });
    this.client = client;
    this.server = server;
    this.protocol = protocol;
  }

  /** The endpoint of an observation; `~other`, if this edge may have no more of them. */
  endpointOf(observation: Observation, maxEndpoints: number): EndpointState {
    const { method, route } = observation;
    const known = this.#byMethod.get(method)?.get(route);
    if (known) return known;
    if (this.endpoints.size < maxEndpoints) return this.#create(method, route);
    return this.#byMethod.get("")?.get(OTHER_ROUTE) ?? this.#create("", OTHER_ROUTE);
  }

  /** Counts an observation in what lasts. Restored ones are seen, but not counted since the start. */
  see(observation: Observation, endpoint: EndpointState, { endMs, isRestored }: Sight): View {
    const view = viewOf(observation);
    this.isSeen[view] = endpoint.isSeen[view] = true;
    if (!isRestored) this.counted[view]! += observation.count;
    this.lastSeenMs = Math.max(this.lastSeenMs, endMs);
    endpoint.lastSeenMs = Math.max(endpoint.lastSeenMs, endMs);
    if (observation.side === "destination") this.server.asDestination.ever = this.server.asReporter.ever = true;
    if (observation.side === "source") this.client.asReporter.ever = true;
    return view;
  }

  /** Gives each endpoint the route that it has by now; those that have the same become one. */
  moveRoutes(routeOf: RouteOf): void {
    const { protocol } = this;
    for (const endpoint of [...this.endpoints.values()]) {
      const { method, route } = endpoint;
      const now = routeOf({ server: this.server.id, protocol, method, route });
      if (now === route) continue;
      this.#delete(endpoint);
      endpoint.moveTo(this.#byMethod.get(method)?.get(now) ?? this.#create(method, now));
      this.revision++;
    }
  }

  /** Connections that are open, as one side counts them. */
  open(side: ReporterSide): number {
    let open = 0;
    for (const endpoint of this.endpoints.values()) open += endpoint.open.sum(side);
    return open;
  }

  /** Endpoints whose window is empty and that were not seen since. */
  forgetEndpoints(beforeMs: number): void {
    for (const endpoint of this.endpoints.values()) {
      if (endpoint.lastSeenMs >= beforeMs || !endpoint.window.isEmpty) continue;
      this.#delete(endpoint);
      this.revision++;
    }
  }

  #create(method: string, route: string): EndpointState {
    const endpoint = new EndpointState(this.id, method, route);
    this.endpoints.set(endpointKey(method, route), endpoint);
    const ofMethod = this.#byMethod.get(method) ?? new Map<string, EndpointState>();
    this.#byMethod.set(method, ofMethod.set(route, endpoint));
    return endpoint;
  }

  #delete({ method, route }: EndpointState): void {
    this.endpoints.delete(endpointKey(method, route));
    const ofMethod = this.#byMethod.get(method);
    ofMethod?.delete(route);
    if (ofMethod?.size === 0) this.#byMethod.delete(method);
  }
}

/** "client>server/protocol" */
export function edgeId(edge: Pick<Observation, "client" | "server" | "protocol">): string {
  return `${edge.client}>${edge.server}/${edge.protocol}`;
}

/** The name of an endpoint among those of its edge. */
export function endpointKey(method: string, route: string): string {
  return `${method} ${route}`;
}
