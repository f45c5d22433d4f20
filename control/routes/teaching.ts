import { ReporterKind, Switch } from "#proto/ingest.ts";
import type { Hello, Settings } from "#proto/ingest.ts";
import type { FollowedSettings, SettingsSource } from "../ingest/settings.ts";
import { AskedAddresses } from "./asked-addresses.ts";
import { Callers } from "./callers.ts";
import type { CallersContent } from "./callers.ts";
import { hasPathsOfItsOwn } from "./route-of.ts";
import type { Place } from "./service-routes.ts";
import { taughtOf } from "./taught.ts";
import type { Knowledge } from "./taught.ts";

/** Changes that come within so long are told together. */
const SETTLE_MS = 1_000;

export interface TeachingDeps {
  /** What holds for every reporter. */
  readonly settings: Omit<Settings, "serviceRoutes">;
  /** The caller that a reporter reports for: the node id of its workload, which is also the server that it stands at. */
  readonly callerOf: (hello: Hello) => string;
  /** Rules of one server beside those for all. */
  readonly rulesOf: (server: string) => readonly string[];
  readonly placesOf: (server: string) => readonly Place[];
  /** Told when what `callers` says has changed, so that it can be kept. */
  readonly onCallers: () => void;
  /** Milliseconds; a test may want it shorter. */
  readonly settleMs?: number;
}

/** A reporter that listens. */
interface Follower {
  readonly hello: Hello;
  readonly changed: () => void;
  caller: string;
  /** Rules and places that it has no room for. */
  cut: number;
}

/**
 * What each reporter is told of routes: the rules and places of the service that it stands at, and of those that its
 * workload was seen to call, by the name of Envoy's cluster, which is all that a reporter knows of a service. A tap is told those
 * of the services that it hears, by their addresses.
 */
export class Teaching implements SettingsSource {
  readonly #deps: TeachingDeps;
  readonly #callers = new Callers();
  readonly #asked = new AskedAddresses();
  readonly #followers = new Set<Follower>();
  /** Whom the changes concern that are told next: those who see one of these servers, and these callers. */
  #servers = new Set<string>();
  #news = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: TeachingDeps) {
    this.#deps = deps;
  }

  get areExemplarsKept(): boolean {
    return this.#deps.settings.exemplars !== Switch.SWITCH_OFF;
  }

  /** A caller asked something of a server, through this cluster. */
  saw(caller: string, cluster: string, server: string): void {
    if (!hasPathsOfItsOwn(server) || !this.#callers.saw(caller, cluster, server) || !this.#knows(server)) return;
    this.#news.add(caller);
    this.#tellSoon();
  }

  /** A tap has heard a server being asked at an address. */
  heard(tap: string, address: string, server: string): void {
    const news = this.#asked.saw(tap, address, server);
    if (!news || !(this.#knows(server) || (news.before !== undefined && this.#knows(news.before)))) return;
    this.#news.add(tap);
    this.#tellSoon();
  }

  /** Who calls what of which something is known. */
  callers(): CallersContent {
    return this.#callers.content((server) => this.#knows(server));
  }

  /** Takes over what `callers` said before a restart. */
  restore(callers: CallersContent): void {
    this.#callers.restore(callers);
  }

  /** Rules or places of these servers have changed: who follows is told soon. */
  changed(servers: readonly string[]): void {
    for (const server of servers) this.#servers.add(server);
    this.#tellSoon();
  }

  /** Workloads may have other names than before. */
  renamed(): void {
    this.#tellSoon();
  }

  follow(hello: Hello, changed: () => void): FollowedSettings {
    const follower = { hello, changed, caller: this.#deps.callerOf(hello), cut: 0 };
    this.#followers.add(follower);
    return { now: () => this.#settingsOf(follower), end: () => void this.#followers.delete(follower) };
  }

  /** Rules and places that reporters have no room for, over all that follow now; clusters of callers that have too many. */
  size(): { readonly untaught: number; readonly clustersCut: number } {
    let untaught = 0;
    for (const { cut } of this.#followers) untaught += cut;
    return { untaught, clustersCut: this.#callers.cut };
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#followers.clear();
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), this.#deps.settleMs ?? SETTLE_MS).unref();
  }

  #tell(): void {
    const [servers, news] = [this.#servers, this.#news];
    this.#servers = new Set();
    this.#news = new Set();
    this.#timer = undefined;
    if (servers.size + news.size > 0) this.#deps.onCallers();
    for (const follower of this.#followers) {
      const before = follower.caller;
      follower.caller = this.#deps.callerOf(follower.hello);
      const { caller } = follower;
      const asks = this.#callers.calls(caller, servers) || this.#asked.hears(caller, servers);
      if (asks || servers.has(caller) || news.has(caller) || caller !== before) follower.changed();
    }
  }

  #settingsOf(follower: Follower): Settings {
    const { settings } = this.#deps;
    const services =
      follower.hello.kind === ReporterKind.REPORTER_KIND_TAP ? this.#heardBy(follower) : this.#seenBy(follower);
    const { serviceRoutes, cut } = taughtOf(services, settings.routes);
    follower.cut = cut;
    return { ...settings, serviceRoutes };
  }

  #seenBy({ caller }: Follower): readonly Knowledge[] {
    const clusters = this.#callers.clustersOf(caller);
    return [this.#knowledge("", [caller]), ...clusters.map(([cluster, servers]) => this.#knowledge(cluster, servers))];
  }

  #heardBy({ caller }: Follower): readonly Knowledge[] {
    const servers = this.#asked.serversOf(caller).filter(([server]) => hasPathsOfItsOwn(server));
    return servers.map(([server, addresses]) => ({ ...this.#knowledge("", [server]), addresses }));
  }

  #knows(server: string): boolean {
    return this.#deps.rulesOf(server).length > 0 || this.#deps.placesOf(server).length > 0;
  }

  /** Versions of one workload stand behind one cluster; what was learned of one holds for the others. */
  #knowledge(cluster: string, servers: readonly string[]): Knowledge {
    const rules = new Set(servers.flatMap((server) => this.#deps.rulesOf(server)));
    const places = new Map<string, Place>();
    for (const place of servers.flatMap((server) => this.#deps.placesOf(server))) {
      const names = [...(places.get(place.place)?.names ?? []), ...place.names];
      places.set(place.place, { ...place, names: new Set(names) });
    }
    return { cluster, rules: [...rules], places: [...places.values()] };
  }
}
