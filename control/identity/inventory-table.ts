import { AddressRanges, normalizeAddress } from "./address.ts";
import { ADDRESS_REUSED } from "./identities.ts";
import type { Inventory } from "./inventory.ts";
import type { InventoryFile, WorkloadEntry } from "./inventory-file.ts";
import type { NodeIdentity } from "./node.ts";
import type { PodEnd } from "./pod-end.ts";

/** One holder of an address, from `from` (included) to `to` (not), milliseconds since the epoch. */
interface Tenure {
  readonly from: number;
  readonly to: number;
  readonly node: NodeIdentity;
  readonly end: PodEnd;
}

/**
 * The look-ups of one state of an inventory. Immutable: a change makes a new table, so a window is never named half
 * by the old one and half by the new one.
 */
export class InventoryTable implements Inventory {
  readonly #inside: AddressRanges;
  readonly #byName = new Map<string, NodeIdentity>();
  readonly #byHost: ReadonlyMap<string, NodeIdentity>;
  /** By annotation, then by workload. */
  readonly #annotations = new Map<string, Map<string, string>>();
  readonly #byAccount = new Map<string, NodeIdentity[]>();
  readonly #tenures: ReadonlyMap<string, readonly Tenure[]>;

  /** Throws when two workloads claim the same name, host, or address at the same time; the message names both. */
  constructor(file: InventoryFile) {
    this.#inside = new AddressRanges(file.clusterCidrs);
    const claims = file.workloads.map((entry) => ({ entry, node: identityOf(entry) }));
    for (const { entry, node } of claims) {
      if (this.#byName.has(node.id)) throw new Error(`workload ${node.id} is there twice; merge the two entries`);
      this.#byName.set(node.id, node);
      for (const [annotation, text] of Object.entries(entry.annotations)) {
        const texts = this.#annotations.get(annotation) ?? new Map<string, string>();
        this.#annotations.set(annotation, texts.set(node.id, text));
      }
      if (entry.serviceAccount) append(this.#byAccount, `${entry.namespace}/${entry.serviceAccount}`, node);
    }
    this.#byHost = hostTable(claims);
    this.#tenures = tenureTable(claims);
  }

  byAddress(address: string, atMs: number, untilMs?: number): NodeIdentity | undefined {
    const tenures = this.#during(address, atMs, untilMs);
    return isOfOne(tenures) ? tenures[0]?.node : undefined;
  }

  podAt(address: string, atMs: number, untilMs?: number): PodEnd | undefined {
    const [only, ...others] = this.#during(address, atMs, untilMs);
    return others.length === 0 ? only?.end : undefined;
  }

  whyNobody(address: string, atMs: number, untilMs?: number): NodeIdentity | undefined {
    return isOfOne(this.#during(address, atMs, untilMs)) ? undefined : ADDRESS_REUSED;
  }

  /** All that held it for some of the time. */
  #during(address: string, atMs: number, untilMs = atMs): readonly Tenure[] {
    const normal = normalizeAddress(address);
    const tenures = (normal === undefined ? undefined : this.#tenures.get(normal)) ?? [];
    const isThen = ({ from, to }: Tenure): boolean => (from <= atMs ? atMs < to : from < untilMs);
    return tenures.every(isThen) ? tenures : tenures.filter(isThen);
  }

  /** The static table knows no history of host names: `atMs` does not matter to it. */
  byHost(host: string, _atMs: number): NodeIdentity | undefined {
    return this.#byHost.get(normalizeHost(host));
  }

  byName(namespace: string, name: string): NodeIdentity | undefined {
    return this.#byName.get(`${namespace}/${name}`);
  }

  byServiceAccount(namespace: string, account: string): readonly NodeIdentity[] {
    return this.#byAccount.get(`${namespace}/${account}`) ?? [];
  }

  isInside(address: string): boolean {
    const normal = normalizeAddress(address);
    return normal !== undefined && (this.#tenures.has(normal) || this.#inside.contains(normal));
  }

  annotated(annotation: string): ReadonlyMap<string, string> {
    return this.#annotations.get(annotation) ?? new Map();
  }

  workloads(): readonly NodeIdentity[] {
    return [...this.#byName.values()];
  }
}

/** Whether no two of them are of different workloads. */
function isOfOne([first, ...others]: readonly Tenure[]): boolean {
  return others.every(({ node }) => node === first?.node);
}

/** Host names compare without case, port and the root's trailing dot (RFC 4343, RFC 1034 section 3.1). */
export function normalizeHost(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
}

interface Claim {
  readonly entry: WorkloadEntry;
  readonly node: NodeIdentity;
}

function identityOf(entry: WorkloadEntry): NodeIdentity {
  return {
    id: `${entry.namespace}/${entry.name}`,
    kind: entry.role,
    namespace: entry.namespace,
    name: entry.name,
    workloadKind: entry.kind,
    service: entry.service ?? entry.name,
    reason: "",
  };
}

/**
 * Names that an entry states belong to it alone. A service's DNS names are implied, unless several workloads stand
 * behind the service: then the name does not say which, and nobody gets it.
 */
function hostTable(claims: readonly Claim[]): Map<string, NodeIdentity> {
  const stated = new Map<string, NodeIdentity>();
  const implied = new Map<string, NodeIdentity[]>();
  for (const { entry, node } of claims) {
    for (const host of entry.hosts.map(normalizeHost)) {
      const other = stated.get(host);
      if (other && other !== node) throw new Error(`host "${host}" is claimed by both ${other.id} and ${node.id}`);
      stated.set(host, node);
    }
    for (const suffix of ["", ".svc", ".svc.cluster.local"]) {
      append(implied, normalizeHost(`${node.service}.${node.namespace}${suffix}`), node);
    }
  }
  for (const [host, [first, ...others]] of implied) {
    if (first && others.length === 0 && !stated.has(host)) stated.set(host, first);
  }
  return stated;
}

function tenureTable(claims: readonly Claim[]): Map<string, Tenure[]> {
  const table = new Map<string, Tenure[]>();
  for (const { entry, node } of claims) {
    for (const held of entry.addresses) {
      append(table, held.address, { from: held.from, to: held.to, node, end: endOf(entry, held, node.id) });
    }
  }
  for (const [address, tenures] of table) {
    tenures.sort((a, b) => a.from - b.from);
    tenures.forEach((tenure, index) => {
      const next = tenures[index + 1];
      if (!next || next.from >= tenure.to) return;
      throw new Error(
        `address ${address} is held by ${tenure.node.id} and ${next.node.id} at the same time; ` +
          "give their entries a `from` and a `to` that do not overlap",
      );
    });
  }
  return table;
}

function endOf(entry: WorkloadEntry, held: WorkloadEntry["addresses"][number], workload: string): PodEnd {
  const { pod, node = "", version = entry.version ?? "" } = held;
  return { workload, pod: pod === undefined ? "" : `${entry.namespace}/${pod}`, node, version };
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
