import { mergeObservations } from "../identity/merge-observations.ts";
import type { Observation, ReportedWindow } from "../identity/observation.ts";
import type { BookContent } from "./book-content.ts";
import { MAX_CACHED_ROUTES, MAX_NODES, MAX_SERVICES } from "./limits.ts";
import { hasPathsOfItsOwn } from "./route-of.ts";
import type { EndpointKey, RouteOf } from "./route-of.ts";
import { segmentsOf } from "./route-tree.ts";
import type { RouteParts } from "./route-tree.ts";
import type { RuleSet } from "./rule-set.ts";
import { ServiceRoutes } from "./service-routes.ts";
import type { NodeBudget, Place } from "./service-routes.ts";

/** What was given up since the start, and how much there is, for metrics. */
export interface RouteBookSize {
  readonly services: number;
  readonly places: number;
  readonly nodes: number;
  /** Observations of services that are too many to be watched. */
  readonly servicesCut: number;
  readonly nodesCut: number;
  readonly placesCut: number;
}

/** What became of a route. */
interface Resolved {
  readonly route: string;
  /** Whether the user's rules say so; then nothing is to be learned from it. */
  readonly isRule: boolean;
  /** The route that was asked for, taken apart. */
  readonly parts: RouteParts | undefined;
}

export interface RouteBookOptions {
  /** The user's rules for a server. When they change, `rulesChanged` is to be called. */
  readonly rulesOf: (server: string) => RuleSet;
  /** Told of which servers something was learned or forgotten, so that it can be kept. */
  readonly onChange: (servers: readonly string[]) => void;
}

/**
 * How the paths of every service become routes, by the user's rules and by what was learned. It has the last word:
 * reporters are taught the same, and until they are, or where they cannot be, their routes are put right here, so that
 * world and history agree whatever a reporter knew.
 *
 * A route that was learned stays: a place is never unlearned but by `forget`, and what says already what the book says is
 * not changed again.
 */
export class RouteBook {
  readonly #rulesOf: RouteBookOptions["rulesOf"];
  readonly #onChange: RouteBookOptions["onChange"];
  readonly #services = new Map<string, ServiceRoutes>();
  readonly #seen = new Set<string>();
  readonly #budget: NodeBudget = { left: MAX_NODES };
  readonly #cuts = { nodes: 0, places: 0, services: 0 };
  /** What became of routes, by server, method and route. */
  readonly #cache = new Map<string, Map<string, Map<string, Resolved>>>();
  #cached = 0;
  #revision = 0;
  /** Lists of places, as reporters ask for them again and again. */
  readonly #places = new Map<string, readonly Place[]>();

  constructor({ rulesOf, onChange }: RouteBookOptions) {
    this.#rulesOf = rulesOf;
    this.#onChange = onChange;
  }

  /** Takes over what was learned before. */
  restore(content: BookContent): void {
    for (const [server, { places, forgotten }] of content) {
      this.#service(server)?.restore(places, forgotten);
    }
    this.#forgetCached();
    this.#places.clear();
  }

  /** All that is to be kept. */
  content(): BookContent {
    const services = [...this.#services].map(([server, routes]) => {
      return [server, { places: routes.places(), forgotten: routes.forgotten }] as const;
    });
    return new Map(services.filter(([, { places, forgotten }]) => places.length > 0 || forgotten.length > 0));
  }

  rulesChanged(): void {
    this.#revision += 1;
    this.#forgetCached();
  }

  /** Grows with everything that may change the route of an endpoint. */
  get revision(): number {
    return this.#revision;
  }

  /** The route of an endpoint as the book says by now. */
  readonly routeOf: RouteOf = (key) => this.#resolve(key).route;

  /** The window with every route as the book says by now; the same one where nothing changes. */
  template(window: ReportedWindow): ReportedWindow {
    const isCurrent = (key: EndpointKey): boolean => this.routeOf(key) === key.route;
    const current = <Key extends EndpointKey>(key: Key): Key => ({ ...key, route: this.routeOf(key) });
    const { observations, exemplars } = window;
    if (observations.every(isCurrent) && exemplars.every(isCurrent)) return window;
    return {
      ...window,
      observations: mergeObservations(observations.map(current)),
      exemplars: exemplars.map(current),
    };
  }

  /** Takes a window as evidence. `template` comes first. */
  learn(window: ReportedWindow): void {
    for (const observation of window.observations) {
      if (!isEvidence(observation)) continue;
      const { isRule, parts } = this.#resolve(observation);
      if (isRule) continue;
      const service = this.#service(observation.server);
      if (!service) {
        this.#cuts.services += 1;
        continue;
      }
      service.see(observation, window.startMs, parts);
      this.#seen.add(observation.server);
    }
  }

  /**
   * Learns what the evidence says by now.
   * @param nowMs milliseconds since the epoch
   * @returns the servers of which something was learned: their routes from before are to be moved
   */
  decide(nowMs: number): readonly string[] {
    const changed = [...this.#seen].filter((server) => this.#services.get(server)?.decide(nowMs));
    this.#seen.clear();
    if (changed.length > 0) this.#changed(changed);
    return changed;
  }

  /** Undoes a learned place and never learns it again. What was counted there stays where it is. */
  forget(server: string, place: string): boolean {
    const isGone = this.#services.get(server)?.forget(place) ?? false;
    if (isGone) this.#changed([server]);
    return isGone;
  }

  /** What was learned of a server's routes, in their order. */
  placesOf(server: string): readonly Place[] {
    const known = this.#places.get(server);
    if (known) return known;
    const service = this.#services.get(server);
    if (!service || service.placeCount === 0) return [];
    const places = service.places();
    this.#places.set(server, places);
    return places;
  }

  /** Servers of which something was learned. */
  learned(): readonly string[] {
    return [...this.#services].filter(([, routes]) => routes.placeCount > 0).map(([server]) => server);
  }

  size(): RouteBookSize {
    let places = 0;
    for (const service of this.#services.values()) places += service.placeCount;
    return {
      services: this.#services.size,
      places,
      nodes: MAX_NODES - this.#budget.left,
      servicesCut: this.#cuts.services,
      nodesCut: this.#cuts.nodes,
      placesCut: this.#cuts.places,
    };
  }

  #changed(servers: readonly string[]): void {
    this.#revision += 1;
    this.#forgetCached();
    this.#places.clear();
    this.#onChange(servers);
  }

  #resolve({ server, protocol, method, route }: EndpointKey): Resolved {
    // The path of an RPC is its own template, and opaque TCP has none.
    if (protocol !== "http") return { route, isRule: false, parts: undefined };
    const known = this.#cache.get(server)?.get(method)?.get(route);
    if (known) return known;
    const byRule = this.#rulesOf(server).match(method, route);
    const resolved = {
      route: byRule ?? this.#services.get(server)?.template(route) ?? route,
      isRule: byRule !== undefined,
      parts: segmentsOf(route),
    };
    this.#remember({ server, method, route }, resolved);
    return resolved;
  }

  #remember({ server, method, route }: Omit<EndpointKey, "protocol">, resolved: Resolved): void {
    if (this.#cached >= MAX_CACHED_ROUTES) this.#forgetCached();
    const methods = this.#cache.get(server) ?? new Map<string, Map<string, Resolved>>();
    const routes = methods.get(method) ?? new Map<string, Resolved>();
    this.#cache.set(server, methods.set(method, routes.set(route, resolved)));
    this.#cached += 1;
  }

  #forgetCached(): void {
    this.#cache.clear();
    this.#cached = 0;
  }

  #service(server: string): ServiceRoutes | undefined {
    const known = this.#services.get(server);
    if (known || this.#services.size >= MAX_SERVICES || !hasPathsOfItsOwn(server)) return known;
    const service = new ServiceRoutes(this.#budget, this.#cuts);
    this.#services.set(server, service);
    return service;
  }
}

/**
 * What was answered as asked tells of the paths that a service has. Refusals do not: whoever scans for holes asks for
 * thousands of paths that are none, and a server that wants a sign-in refuses every one alike.
 */
function isEvidence({ protocol, outcome }: Observation): boolean {
  return protocol === "http" && (outcome === "success" || outcome === "serverError");
}
