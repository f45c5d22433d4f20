import type { NodeIdentity, NodeKind } from "../../identity/node.ts";
import type { Outcome, Protocol, ReportedWindow, ReporterSide } from "../../identity/observation.ts";
import { OTHER_ROUTE } from "../../world/edge-state.ts";
import { KeyIds } from "./key-ids.ts";
import type { KeyFields } from "./key-ids.ts";
import type { Move } from "./move-routes.ts";
import type { Row, Transaction } from "./session.ts";

/** Keys that a history holds by default, about 100 MB in memory. Clients can make reporters see new routes for ever. */
const MAX_KEYS = 200_000;

/**
 * The names in the history: keys (what a counter counts) and identities. Mirrored in memory, so that an append looks
 * nothing up. What an append adds is kept only when its transaction was committed.
 */
export class Names {
  readonly #keyIds = new KeyIds();
  readonly #identities = new Map<string, NodeIdentity>();
  readonly #maxKeys: number;
  #nextKey = 1;
  /** Keys in the database: more than there are distinct ones, where routes have become the same. */
  #keys = 0;

  /** @param maxKeys past it new endpoints are `~other`, until expiry has made room */
  constructor(maxKeys = MAX_KEYS) {
    this.#maxKeys = maxKeys;
  }

  /** Reads what the database holds. */
  static async load(tx: Transaction, maxKeys?: number): Promise<Names> {
    const names = new Names(maxKeys);
    for (const row of await tx.rows("SELECT * FROM keys")) {
      const id = row["key_id"] as number;
      names.#keyIds.add(keyOf(row), id);
      names.#keys += 1;
      names.#nextKey = Math.max(names.#nextKey, id + 1);
    }
    for (const row of await tx.rows("SELECT * FROM nodes ORDER BY since_ms")) {
      const identity = identityOf(row);
      names.#identities.set(identity.id, identity);
    }
    return names;
  }

  /** The window as there is room for it: new endpoints past the limit become `~other`, and a loss says how many. */
  bounded(window: ReportedWindow, added: ReadonlyMap<string, AddedKey>): ReportedWindow {
    const isFull = this.#keys + added.size + window.observations.length > this.#maxKeys;
    if (!isFull) return window;
    let cut = 0;
    const observations = window.observations.map((observation) => {
      const isKnown = this.#keyIds.get(observation) !== undefined || added.has(keyText(observation));
      if (observation.route === OTHER_ROUTE || isKnown) return observation;
      cut += observation.count;
      return { ...observation, method: "", route: OTHER_ROUTE };
    });
    const losses = cut === 0 ? window.losses : [...window.losses, { kind: "endpointsFull" as const, count: cut }];
    return { ...window, observations, losses };
  }

  /** The number of a key; a new one is put on `added` and must be written by the caller. */
  keyId(key: KeyFields, added: Map<string, AddedKey>): number {
    const known = this.#keyIds.get(key);
    if (known !== undefined) return known;
    const text = keyText(key);
    const id = added.get(text)?.id ?? this.#nextKey + added.size;
    if (!added.has(text)) added.set(text, { id, key });
    return id;
  }

  /** Whether an identity says something else than the last one that was kept. */
  isNew(identity: NodeIdentity): boolean {
    const known = this.#identities.get(identity.id);
    return !known || !isSame(known, identity);
  }

  /** Takes over what was committed. */
  keep(keys: ReadonlyMap<string, AddedKey>, identities: Iterable<NodeIdentity>): void {
    for (const { id, key } of keys.values()) this.#keyIds.add(key, id);
    this.#nextKey += keys.size;
    this.#keys += keys.size;
    for (const identity of identities) this.#identities.set(identity.id, identity);
  }

  /** Takes over that keys were renamed. */
  move(moves: readonly Move[]): void {
    this.#keyIds.move(moves);
  }

  identities(): NodeIdentity[] {
    return [...this.#identities.values()];
  }
}

export interface AddedKey {
  readonly id: number;
  readonly key: KeyFields;
}

/** The key of a row that holds the columns of `keys`. */
export function keyOf(row: Row): KeyFields {
  return {
    side: row["side"] as ReporterSide,
    client: row["client"] as string,
    server: row["server"] as string,
    protocol: row["protocol"] as Protocol,
    method: row["method"] as string,
    route: row["route"] as string,
    outcome: row["outcome"] as Outcome,
    status: row["status"] as number,
  };
}

/** The identity in a row of `nodes`. */
export function identityOf(row: Row): NodeIdentity {
  return {
    id: row["node_id"] as string,
    kind: row["kind"] as NodeKind,
    namespace: row["namespace"] as string,
    name: row["name"] as string,
    workloadKind: row["workload_kind"] as string,
    service: row["service"] as string,
    reason: row["reason"] as string,
  };
}

/** A key as one text. Lengths stand before the names, which may hold anything. */
function keyText({ side, client, server, protocol, method, route, outcome, status }: KeyFields): string {
  const lengths = `${client.length} ${server.length} ${method.length}`;
  return `${side} ${protocol} ${outcome} ${status} ${lengths} ${client}${server}${method}${route}`;
}

function isSame(a: NodeIdentity, b: NodeIdentity): boolean {
  if (a === b) return true;
  const isSameNode = a.id === b.id && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
  return isSameNode && a.workloadKind === b.workloadKind && a.service === b.service && a.reason === b.reason;
}
