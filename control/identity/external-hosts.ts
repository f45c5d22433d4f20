import { external, OTHER_EXTERNAL_HOSTS } from "./identities.ts";
import { normalizeHost } from "./inventory-table.ts";
import type { NodeIdentity } from "./node.ts";

/** Hosts that get a node of their own. */
const MAX_HOSTS = 200;
/** RFC 1035, section 2.3.4. */
const MAX_HOST_LENGTH = 253;

/** The hosts outside the cluster that workloads call: a bounded number of nodes, first come, first served. */
export class ExternalHosts {
  readonly #nodes = new Map<string, NodeIdentity>();
  readonly #max: number;
  #cut = 0;

  constructor(max = MAX_HOSTS) {
    this.#max = max;
  }

  /** Takes over hosts that had a node before a restart, so that they keep it. */
  restore(nodes: readonly NodeIdentity[]): void {
    for (const node of nodes) {
      if (node.kind !== "external" || !isPlausible(node.name)) continue;
      if (this.#nodes.size < this.#max) this.#nodes.set(node.name, node);
    }
  }

  /** The node of a host name as it stands in SNI or Host: lower case, without port. */
  node(host: string): NodeIdentity {
    const name = normalizeHost(host);
    const known = this.#nodes.get(name);
    if (known) return known;
    if (this.#nodes.size >= this.#max || !isPlausible(name)) {
      this.#cut += 1;
      return OTHER_EXTERNAL_HOSTS;
    }
    const node = external(name);
    this.#nodes.set(name, node);
    return node;
  }

  /** How often a host was named `external/~other`. */
  get cut(): number {
    return this.#cut;
  }
}

/** Letters, digits and what else the authority of a host may hold (RFC 3986, section 3.2.2); "clients" is taken. */
function isPlausible(name: string): boolean {
  return name.length <= MAX_HOST_LENGTH && /^[a-z0-9[\]:._-]+$/.test(name) && name !== "clients";
}
