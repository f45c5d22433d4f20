/** Everything that is counted apart: an endpoint of an edge. */
import type { NodeIdentity } from "../../identity/node.ts";
import { partsOfId } from "../../identity/node.ts";
import type { Observation } from "../../identity/observation.ts";
import type { Counted } from "../../world/counted.ts";

/** What names a series. */
export type SeriesName = Pick<Observation, "client" | "server" | "protocol" | "method" | "route">;

/** One series, and the groups of each column that it belongs to. */
export interface CountedSeries {
  readonly counted: Counted;
  /** By the column's number; undefined where it was not looked up yet, -1 where it belongs to none. */
  readonly groups: (number | undefined)[];
}

/** Series told apart at most; further ones are counted by `skipped`. */
const MAX_SERIES = 200_000;

/** All series, by name, with the identities of their ends as they were told last. */
export class SeriesTable {
  readonly #nodes = new Map<string, NodeIdentity>();
  /** By client, then server, then route, of which there are few: no text is made for each counter. */
  readonly #series = new Map<string, Map<string, Map<string, CountedSeries[]>>>();
  /** Nodes that series have at an end. */
  readonly #ends = new Set<string>();
  readonly #onRenamed: () => void;
  #size = 0;
  #skipped = 0;

  /** @param onRenamed called when what was known of nodes has changed */
  constructor(onRenamed: () => void = () => undefined) {
    this.#onRenamed = onRenamed;
  }

  get size(): number {
    return this.#size;
  }

  /** Counters that found no room. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Takes identities. Where a node is of another kind or service than before, series are looked up anew. */
  name(nodes: readonly NodeIdentity[]): void {
    let isRenamed = false;
    for (const node of nodes) {
      const before = this.nodeOf(node.id);
      this.#nodes.set(node.id, node);
      isRenamed ||= this.#ends.has(node.id) && (before.kind !== node.kind || before.service !== node.service);
    }
    if (!isRenamed) return;
    for (const series of this.all()) series.groups.length = 0;
    this.#onRenamed();
  }

  nodeOf(id: string): NodeIdentity {
    return this.#nodes.get(id) ?? unnamed(id);
  }

  /** Undefined where there is no room for one more. */
  of(name: SeriesName): CountedSeries | undefined {
    // Each counter passes here: what a function would keep of it is left to `#make`.
    const { method, protocol } = name;
    const ofRoute = this.#series.get(name.client)?.get(name.server)?.get(name.route);
    for (const known of ofRoute ?? []) {
      if (known.counted.method === method && known.counted.protocol === protocol) return known;
    }
    if (this.#size < MAX_SERIES) return this.#make(name);
    this.#skipped++;
    return undefined;
  }

  #make({ client, server, protocol, method, route }: SeriesName): CountedSeries {
    this.#size++;
    const nodeOf = (id: string): NodeIdentity => this.nodeOf(id);
    const made: CountedSeries = {
      counted: {
        get client() {
          return nodeOf(client);
        },
        get server() {
          return nodeOf(server);
        },
        protocol,
        method,
        route,
      },
      groups: [],
    };
    this.#ends.add(client).add(server);
    const ofServer = inner(inner(this.#series, client), server);
    const ofRoute = ofServer.get(route);
    if (ofRoute) ofRoute.push(made);
    else ofServer.set(route, [made]);
    return made;
  }

  *all(): Generator<CountedSeries> {
    for (const servers of this.#series.values()) {
      for (const routes of servers.values()) for (const ofRoute of routes.values()) yield* ofRoute;
    }
  }
}

function inner<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const known = map.get(key);
  if (known) return known;
  const made = new Map<string, V>();
  map.set(key, made);
  return made;
}

/** What an id says by itself, of a node that nobody described. */
function unnamed(id: string): NodeIdentity {
  const { namespace, name } = partsOfId(id);
  const kind = namespace === "external" || namespace === "unresolved" ? namespace : "workload";
  const isOutside = kind !== "workload";
  return { id, kind, namespace: isOutside ? "" : namespace, name, workloadKind: "", service: name, reason: "" };
}
