import { Switch } from "#proto/ingest.ts";
import type { Hello, Settings } from "#proto/ingest.ts";
import { MAX_REPORTERS, MAX_SERVERS_PER_CLUSTER, MAX_SERVICES_PER_REPORTER } from "./limits.ts";
import type { Place } from "./service-routes.ts";
import { taughtOf } from "./taught.ts";
import type { Knowledge } from "./taught.ts";

/** Changes that come within so long are told together. */
const SETTLE_MS = 1_000;

export interface TeachingDeps {
  /** What holds for every reporter. */
  readonly settings: Omit<Settings, "serviceRoutes">;
  /** The node id of the workload that a reporter stands beside. */
  readonly serverOf: (hello: Hello) => string;
  /** Rules of one server beside those for all. */
  readonly rulesOf: (server: string) => readonly string[];
  readonly placesOf: (server: string) => readonly Place[];
  /** Milliseconds; a test may want it shorter. */
  readonly settleMs?: number;
}

/**
 * What each reporter is told of routes: the rules and places of the service that it stands at, and of those that it was seen
 * to call, by the name of Envoy's cluster, which is all that a reporter knows of a service.
 */
export class Teaching {
  readonly #deps: TeachingDeps;
  /** By instance, then by cluster: the servers behind it. */
  readonly #upstreams = new Map<string, Map<string, Set<string>>>();
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: TeachingDeps) {
    this.#deps = deps;
  }

  get areExemplarsKept(): boolean {
    return this.#deps.settings.exemplars !== Switch.SWITCH_OFF;
  }

  /** A reporter asked something of a server, through this cluster. */
  saw(instance: string, cluster: string, server: string): void {
    const clusters = this.#upstreams.get(instance) ?? new Map<string, Set<string>>();
    const servers = clusters.get(cluster) ?? new Set();
    const isKnown = servers.has(server) || servers.size > MAX_SERVERS_PER_CLUSTER;
    if (isKnown || (servers.size === 0 && clusters.size >= MAX_SERVICES_PER_REPORTER)) return;
    this.#upstreams.set(instance, clusters.set(cluster, servers.add(server)));
    for (const oldest of this.#upstreams.keys()) {
      if (this.#upstreams.size <= MAX_REPORTERS) break;
      this.#upstreams.delete(oldest);
    }
    if (this.#knows(server)) this.changed();
  }

  /** The settings for a reporter as they are now. */
  of(hello: Hello): Settings {
    const { settings, serverOf } = this.#deps;
    const clusters = [...(this.#upstreams.get(hello.instance) ?? [])];
    const services = [
      this.#knowledge("", [serverOf(hello)]),
      ...clusters
        // Behind one with so many stands no service: it lets through whatever is asked for.
        .filter(([, servers]) => servers.size <= MAX_SERVERS_PER_CLUSTER)
        .map(([cluster, servers]) => this.#knowledge(cluster, [...servers])),
    ];
    return { ...settings, serviceRoutes: taughtOf(services, settings.routes).serviceRoutes };
  }

  /** Rules or places have changed: who follows is told soon. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const listener of this.#listeners) listener();
    }, this.#deps.settleMs ?? SETTLE_MS).unref();
  }

  /** Is told when settings may have changed. @returns what ends it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #knows(server: string): boolean {
    return this.#deps.rulesOf(server).length > 0 || this.#deps.placesOf(server).length > 0;
  }

  /** Versions of one workload stand behind one cluster; what was learned of one holds for the others. */
  #knowledge(cluster: string, servers: readonly string[]): Knowledge {
    const rules = new Set(servers.flatMap((server) => this.#deps.rulesOf(server)));
    const places = new Map(servers.flatMap((server) => this.#deps.placesOf(server)).map((one) => [one.place, one]));
    return { cluster, rules: [...rules], places: [...places.values()] };
  }
}
