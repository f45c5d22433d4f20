import type { Inventory } from "./inventory.ts";
import type { NodeIdentity } from "./node.ts";
import type { PodEnd } from "./pod-end.ts";

/**
 * Two inventories as one: the second is asked for what the first knows nothing of, such as machines that stand beside a
 * cluster. What both name is what the first says.
 */
export class JointInventory implements Inventory {
  readonly #first: Inventory;
  readonly #second: Inventory;

  constructor(first: Inventory, second: Inventory) {
    this.#first = first;
    this.#second = second;
  }

  byAddress(...asked: Parameters<Inventory["byAddress"]>): NodeIdentity | undefined {
    return this.#first.byAddress(...asked) ?? this.#second.byAddress(...asked);
  }

  podAt(...asked: Parameters<Inventory["podAt"]>): PodEnd | undefined {
    return this.#first.podAt(...asked) ?? this.#second.podAt(...asked);
  }

  whyNobody(...asked: Parameters<Inventory["whyNobody"]>): NodeIdentity | undefined {
    return this.#first.whyNobody(...asked) ?? this.#second.whyNobody(...asked);
  }

  byHost(host: string, atMs: number): NodeIdentity | undefined {
    return this.#first.byHost(host, atMs) ?? this.#second.byHost(host, atMs);
  }

  byName(namespace: string, name: string): NodeIdentity | undefined {
    return this.#first.byName(namespace, name) ?? this.#second.byName(namespace, name);
  }

  byServiceAccount(namespace: string, account: string): readonly NodeIdentity[] {
    return distinct([
      ...this.#first.byServiceAccount(namespace, account),
      ...this.#second.byServiceAccount(namespace, account),
    ]);
  }

  isInside(address: string): boolean {
    return this.#first.isInside(address) || this.#second.isInside(address);
  }

  annotated(annotation: string): ReadonlyMap<string, string> {
    const [first, second] = [this.#first.annotated(annotation), this.#second.annotated(annotation)];
    return second.size === 0 ? first : new Map([...second, ...first]);
  }

  workloads(): readonly NodeIdentity[] {
    return distinct([...this.#first.workloads(), ...this.#second.workloads()]);
  }
}

/** The first of each id. */
function distinct(nodes: readonly NodeIdentity[]): NodeIdentity[] {
  const byId = new Map<string, NodeIdentity>();
  for (const node of nodes) if (!byId.has(node.id)) byId.set(node.id, node);
  return [...byId.values()];
}
