import type { NodeIdentity } from "../../identity/node.ts";
import type { ReportedWindow } from "../../identity/observation.ts";
import type { EndpointKey, RouteOf } from "../../routes/route-of.ts";
import { OTHER_ROUTE } from "../../world/edge-state.ts";
import { IDENTITY_EVERY_MS, MAX_SERIES } from "./limits.ts";
import { keyIn, keyText } from "./rows.ts";
import { PodSeries } from "./pod-series.ts";
import type { PodAdditions } from "./pod-series.ts";
import type { Key } from "./rows.ts";

/** An endpoint whose route became another one. */
export interface Move {
  readonly from: EndpointKey;
  readonly route: string;
}

interface Known {
  readonly key: Key;
  lastMs: number;
}

interface Written {
  readonly identity: NodeIdentity;
  readonly atMs: number;
}

/** What a group would add; to be kept when the journal has it. */
export class Additions {
  readonly series = new Map<string, Known>();
  readonly pods: PodAdditions = new Map();
  readonly identities = new Map<string, Written>();
}

/**
 * The names that the history has, mirrored in memory: the series that this control writes, what each node is, and which
 * routes have become others. InfluxDB cannot rename a tag, so moves are applied to whatever is read.
 */
export class Names {
  readonly pods: PodSeries;
  readonly #maxSeries: number;
  readonly #series = new Map<string, Known>();
  readonly #identities = new Map<string, Written>();
  readonly #moves = new Map<string, Move>();

  /** @param maxSeries past it new endpoints are `~other`, until some have expired; `maxPodSeries` likewise of pods */
  constructor(maxSeries = MAX_SERIES, maxPodSeries?: number) {
    this.#maxSeries = maxSeries;
    this.pods = new PodSeries(maxPodSeries);
  }

  /** The window as there is room for it: new endpoints past the limit become `~other`, and a loss says how many. */
  bounded(window: ReportedWindow, { series }: Additions): ReportedWindow {
    if (this.#series.size + series.size + window.observations.length <= this.#maxSeries) return window;
    let cut = 0;
    const observations = window.observations.map((observation) => {
      const text = keyText(observation);
      if (observation.route === OTHER_ROUTE || this.#series.has(text) || series.has(text)) return observation;
      cut += observation.count;
      return { ...observation, method: "", route: OTHER_ROUTE };
    });
    const losses = cut === 0 ? window.losses : [...window.losses, { kind: "endpointsFull" as const, count: cut }];
    return { ...window, observations, losses };
  }

  /** A series got a point that ends at `endMs`. */
  noteSeries(key: Key, endMs: number, { series }: Additions): void {
    const text = keyText(key);
    const known = series.get(text);
    if (known) known.lastMs = Math.max(known.lastMs, endMs);
    else series.set(text, { key: keyIn(key), lastMs: endMs });
  }

  /** The identities of a window that must be written: changed, or not written for long. */
  newIdentities(window: ReportedWindow, { identities }: Additions): NodeIdentity[] {
    const atMs = Math.floor(window.startMs);
    return window.nodes.filter((identity) => {
      const known = identities.get(identity.id) ?? this.#identities.get(identity.id);
      const isKnown = known && identityText(known.identity) === identityText(identity);
      if (isKnown && atMs - known.atMs < IDENTITY_EVERY_MS) return false;
      identities.set(identity.id, { identity, atMs });
      return true;
    });
  }

  /** Takes over what is written for sure. */
  keep({ series, pods, identities }: Additions): void {
    this.pods.keep(pods);
    for (const [text, { key, lastMs }] of series) {
      const known = this.#series.get(text);
      if (known) known.lastMs = Math.max(known.lastMs, lastMs);
      else this.#series.set(text, { key, lastMs });
    }
    for (const [id, written] of identities) this.#identities.set(id, written);
  }

  /** Forgets series that have nothing after an instant, and the identities that no series names any more. */
  forget(beforeMs: number): void {
    let gone = 0;
    for (const [text, { lastMs }] of this.#series) if (lastMs <= beforeMs && this.#series.delete(text)) gone += 1;
    if (gone === 0) return;
    const named = new Set<string>();
    for (const { key } of this.#series.values()) named.add(key.client).add(key.server);
    for (const id of this.#identities.keys()) if (!named.has(id)) this.#identities.delete(id);
  }

  identities(): NodeIdentity[] {
    return [...this.#identities.values()].map(({ identity }) => identity);
  }

  /** The moves that bring the endpoints of these servers, or of all, to the routes that they have by now. */
  movesTo(routeOf: RouteOf, servers?: ReadonlySet<string>): Move[] {
    const moves = new Map<string, Move>();
    for (const { key } of this.#series.values()) {
      if (servers && !servers.has(key.server)) continue;
      const from = { ...endpointOf(key), route: this.routeOf(key) };
      const route = routeOf(from);
      if (route !== from.route) moves.set(endpointText(from), { from, route });
    }
    return [...moves.values()];
  }

  /** Takes over a move. */
  move(move: Move): void {
    // Whatever moved away from there once: it is a route of its own again.
    this.#moves.delete(endpointText({ ...move.from, route: move.route }));
    this.#moves.set(endpointText(move.from), move);
  }

  /** The route by which an endpoint is known by now. */
  routeOf(endpoint: EndpointKey): string {
    if (this.#moves.size === 0) return endpoint.route;
    let at = endpoint;
    for (let hops = 0; hops <= this.#moves.size; hops++) {
      const move = this.#moves.get(endpointText(at));
      if (!move) break;
      at = { ...at, route: move.route };
    }
    return at.route;
  }

  /** The routes, of whatever endpoint, under which points may lie that are read as this route. */
  routesReadAs(route: string): Set<string> {
    const routes = new Set([route]);
    for (const { from } of this.#moves.values()) if (this.routeOf(from) === route) routes.add(from.route);
    return routes;
  }
}

function endpointOf({ server, protocol, method, route }: EndpointKey): EndpointKey {
  return { server, protocol, method, route };
}

function endpointText({ server, protocol, method, route }: EndpointKey): string {
  return JSON.stringify([server, protocol, method, route]);
}

function identityText(identity: NodeIdentity): string {
  const { id, kind, namespace, name, workloadKind, service, reason } = identity;
  return JSON.stringify([id, kind, namespace, name, workloadKind, service, reason]);
}
