import { AddressRanges, normalizeAddress } from "../identity/address.ts";
import { ADDRESS_REUSED, NODE_ADDRESS, external, unresolved } from "../identity/identities.ts";
import type { Inventory } from "../identity/inventory.ts";
import { PRIVATE_RANGES } from "../identity/inventory-file.ts";
import { normalizeHost } from "../identity/inventory-table.ts";
import type { NodeIdentity } from "../identity/node.ts";
import type { PodEnd } from "../identity/pod-end.ts";
import { Cluster } from "./cluster.ts";
import type { NamespaceState, WorkloadCount } from "./opt-in/namespace-state.ts";
import { namespaceStates, namespacesOf, workloadCounts } from "./opt-in/read-cluster.ts";
import { portKey } from "./pod-facts.ts";
import type { ResourceName, ResourceSink } from "./resource.ts";
import type { Service } from "./service.ts";
import type { Pod, Workload } from "./workload.ts";

/** A reporter's clock is believed to a second (docs/decisions/0042), so what it counted may be that much beside its time. */
const CLOCK_MS = 1_000;
/** An ExternalName may name a service, which may be an ExternalName again. */
const MAX_NAMES = 4;

const UNKNOWN_OWNER = unresolved("unknown-owner", "a pod holds its address, and it is not known what made the pod");
const POD_RANGE = unresolved("pod-range", "its address is one that pods get, and no pod held it at that time");

/** The inventory that the API of a cluster tells. It changes between windows, never while one is named. */
export class KubernetesInventory implements Inventory {
  readonly #cluster: Cluster;
  readonly #private = new AddressRanges(PRIVATE_RANGES);
  #revision = 0;
  #podsRevision = 0;
  readonly #annotated = new Map<string, { readonly revision: number; readonly texts: ReadonlyMap<string, string> }>();

  /** @param changed told when workloads came, went, or are described otherwise; often many times in a row */
  constructor(changed: () => void) {
    this.#cluster = new Cluster(
      () => {
        this.#revision += 1;
        changed();
      },
      () => (this.#podsRevision += 1),
    );
  }

  /** Another number whenever `namespaceStates` may be others. */
  get stateRevision(): number {
    return this.#revision + this.#podsRevision;
  }

  /** What opt-in is planned of. */
  namespaceStates(): NamespaceState[] {
    return namespaceStates(this.#cluster);
  }

  /** Every namespace, with what sidelight.dev/observe says on it. */
  observedNamespaces(): ReadonlyMap<string, string | undefined> {
    return namespacesOf(this.#cluster);
  }

  /** Every workload, annotated or not. */
  workloadCounts(): readonly WorkloadCount[] {
    return workloadCounts(this.#cluster);
  }

  /** Who takes what the API says, by resource. */
  get sinks(): Readonly<Record<ResourceName, ResourceSink>> {
    return this.#cluster.sinks;
  }

  /** Forgets pods that have been gone for long. */
  expire(nowMs: number): void {
    this.#cluster.tenures.expire(nowMs);
  }

  /** What metrics tell of it. */
  get figures(): { readonly gone: number; readonly forgotten: number; readonly waiting: number } {
    const { kept, dropped } = this.#cluster.tenures.over;
    return { gone: kept, forgotten: dropped, waiting: this.#cluster.pods.waiting };
  }

  /** Workloads whose annotation of a role says nothing that is one, with what it says. */
  wrongRoles(): { readonly workload: string; readonly role: string }[] {
    return [...this.#cluster.workloads.all()].flatMap(({ id, wrongRole }) =>
      wrongRole === undefined ? [] : [{ workload: id, role: wrongRole }],
    );
  }

  byAddress(address: string, atMs: number, untilMs = atMs): NodeIdentity | undefined {
    const normal = normalizeAddress(address);
    if (normal === undefined) return undefined;
    const holders = this.#holders(normal, address, { atMs, untilMs });
    if (holders.length > 0) return onlyOf(holders.map(({ workload }) => workload))?.identity;
    const service = this.#cluster.services.at(normal);
    if (service) return this.#behind(service);
    const written = this.#cluster.services.writtenFor(normal);
    return written === undefined ? undefined : external(dotted(written));
  }

  podAt(address: string, atMs: number, untilMs = atMs): PodEnd | undefined {
    const normal = normalizeAddress(address);
    if (normal === undefined) return undefined;
    const [only, ...others] = this.#holders(normal, address, { atMs, untilMs });
    return others.length === 0 && only?.workload ? only.end : undefined;
  }

  whyNobody(address: string, atMs: number, untilMs = atMs): NodeIdentity | undefined {
    const normal = normalizeAddress(address);
    if (normal === undefined) return undefined;
    const { nodes, services } = this.#cluster;
    const holders = this.#holders(normal, address, { atMs, untilMs });
    if (holders.length > 0) return whyNotOne(holders);
    const service = services.at(normal);
    if (service) return whyNotBehind(service);
    if (nodes.has(normal)) return NODE_ADDRESS;
    return nodes.givesToPods(normal) ? POD_RANGE : undefined;
  }

  byHost(host: string, _atMs: number): NodeIdentity | undefined {
    let name = normalizeHost(host);
    for (let names = 0; names < MAX_NAMES; names += 1) {
      const service = this.#serviceOf(name);
      if (!service) return names === 0 ? undefined : external(name);
      if (service.externalName === undefined) return this.#behind(service);
      name = service.externalName;
    }
    return undefined;
  }

  byName(namespace: string, name: string): NodeIdentity | undefined {
    return this.#cluster.workloads.get(`${namespace}/${name}`)?.identity;
  }

  byServiceAccount(namespace: string, account: string): readonly NodeIdentity[] {
    return this.#cluster.workloads.withAccount(namespace, account).map(({ identity }) => identity);
  }

  isInside(address: string): boolean {
    const normal = normalizeAddress(address);
    if (normal === undefined) return false;
    const { nodes, services, tenures } = this.#cluster;
    return (
      this.#private.contains(normal) ||
      tenures.has(normal) ||
      services.at(normal) !== undefined ||
      nodes.has(normal) ||
      nodes.givesToPods(normal)
    );
  }

  annotated(annotation: string): ReadonlyMap<string, string> {
    const known = this.#annotated.get(annotation);
    if (known?.revision === this.#revision) return known.texts;
    const texts = new Map<string, string>();
    for (const workload of this.#cluster.workloads.all()) {
      const text = this.#cluster.annotationOf(workload, annotation);
      if (text !== undefined) texts.set(workload.id, text);
    }
    this.#annotated.set(annotation, { revision: this.#revision, texts });
    return texts;
  }

  workloads(): readonly NodeIdentity[] {
    return this.#cluster.identities();
  }

  /** Who held the address, or the port of the node that it is; a reporter's clock may be beside the cluster's. */
  #holders(normal: string, stated: string, { atMs, untilMs }: { atMs: number; untilMs: number }): Pod[] {
    const { tenures } = this.#cluster;
    const span = [atMs - CLOCK_MS, untilMs + CLOCK_MS] as const;
    const holders = tenures.during(normal, ...span);
    const port = holders.length === 0 ? portOf(stated) : undefined;
    return port === undefined ? holders : tenures.during(portKey(normal, port), ...span);
  }

  /** Of one that is an ExternalName nothing stands behind here. */
  #behind(service: Service): NodeIdentity | undefined {
    return onlyOf(service.behind)?.identity;
  }

  /** By "user", where no other namespace has one, "user.shop", "user.shop.svc" with any domain, and by names of its pods. */
  #serviceOf(host: string): Service | undefined {
    const { services } = this.#cluster;
    const labels = host.split(".");
    const at = labels.indexOf("svc");
    const [name = "", namespace] = at >= 2 ? labels.slice(at - 2, at) : labels;
    if (namespace === undefined) return services.onlyNamed(name);
    return at >= 2 || labels.length === 2 ? services.get(namespace, name) : undefined;
  }
}

/** The workload that all of them are; by id, as one that was gone for a while is made anew. */
function onlyOf(workloads: readonly (Workload | undefined)[]): Workload | undefined {
  const last = workloads.at(-1);
  return workloads.every((other) => other !== undefined && other.id === last?.id) ? last : undefined;
}

function whyNotOne(holders: readonly Pod[]): NodeIdentity | undefined {
  if (holders.some(({ workload }) => workload === undefined)) return UNKNOWN_OWNER;
  return onlyOf(holders.map(({ workload }) => workload)) ? undefined : ADDRESS_REUSED;
}

function whyNotBehind(service: Service): NodeIdentity | undefined {
  const names = service.behind.map(({ id }) => id);
  const host = dotted(service.key);
  if (names.length === 1) return undefined;
  const reason =
    names.length === 0
      ? `its address is that of the service ${host}, behind which no workload is known`
      : `its address is that of the service ${host}, behind which several workloads stand`;
  return unresolved(`service/${host}`, reason);
}

/** "shop/user" as "user.shop" */
function dotted(key: string): string {
  return key.split("/").reverse().join(".");
}

/** The port in "10.0.0.1:80" or "[fd00::1]:80". */
function portOf(address: string): number | undefined {
  const [, digits] = /^(?:[^:]*|\[.*\]):(\d{1,5})$/.exec(address) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
