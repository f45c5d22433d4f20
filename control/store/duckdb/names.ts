import type { NodeIdentity, NodeKind } from "../../identity/node.ts";
import type { Observation, Outcome, Protocol, ReporterSide } from "../../identity/observation.ts";
import type { Row, Transaction } from "./session.ts";

/** What a key stands for. */
export type KeyFields = Pick<
  Observation,
  "side" | "client" | "server" | "protocol" | "method" | "route" | "outcome" | "status"
>;

/**
 * The names in the history: keys (what a counter counts) and identities. Mirrored in memory, so that an append looks
 * nothing up. What an append adds is kept only when its transaction was committed.
 */
export class Names {
  readonly #keyIds = new Map<string, number>();
  readonly #identities = new Map<string, NodeIdentity>();
  #nextKey = 1;

  /** Reads what the database holds. */
  static async load(tx: Transaction): Promise<Names> {
    const names = new Names();
    for (const row of await tx.rows("SELECT * FROM keys")) {
      const id = row["key_id"] as number;
      names.#keyIds.set(keyText(keyOf(row)), id);
      names.#nextKey = Math.max(names.#nextKey, id + 1);
    }
    for (const row of await tx.rows("SELECT * FROM nodes ORDER BY since_ms")) {
      const identity = identityOf(row);
      names.#identities.set(identity.id, identity);
    }
    return names;
  }

  /** The number of a key; a new one is put on `added` and must be written by the caller. */
  keyId(key: KeyFields, added: Map<string, AddedKey>): number {
    const text = keyText(key);
    const known = this.#keyIds.get(text) ?? added.get(text)?.id;
    if (known !== undefined) return known;
    const id = this.#nextKey + added.size;
    added.set(text, { id, key });
    return id;
  }

  /** Whether an identity says something else than the last one that was kept. */
  isNew(identity: NodeIdentity): boolean {
    const known = this.#identities.get(identity.id);
    return !known || identityText(known) !== identityText(identity);
  }

  /** Takes over what was committed. */
  keep(keys: ReadonlyMap<string, AddedKey>, identities: Iterable<NodeIdentity>): void {
    for (const [text, { id }] of keys) this.#keyIds.set(text, id);
    this.#nextKey += keys.size;
    for (const identity of identities) this.#identities.set(identity.id, identity);
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

function keyText(key: KeyFields): string {
  const { side, client, server, protocol, method, route, outcome, status } = key;
  return JSON.stringify([side, client, server, protocol, method, route, outcome, status]);
}

function identityText(identity: NodeIdentity): string {
  const { id, kind, namespace, name, workloadKind, service, reason } = identity;
  return JSON.stringify([id, kind, namespace, name, workloadKind, service, reason]);
}
