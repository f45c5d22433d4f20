import { normalizeAddress } from "../identity/address.ts";
import { normalizeHost } from "../identity/inventory-table.ts";
import type { ServiceObject } from "./objects.ts";
import type { ServiceInFront, Workload } from "./workload.ts";

/** A service, and which workloads stand behind it. */
export class Service implements ServiceInFront {
  readonly uid: string;
  /** "namespace/name" */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** What leads to it, of this object of the API as it is now. */
  addresses: readonly string[] = [];
  isHeadless = false;
  /** The host that it stands for; undefined for one that has pods. */
  externalName: string | undefined;
  #selector: readonly (readonly [label: string, value: string])[] = [];
  /** Endpoints by workload; those with none left are kept while nobody else has any. */
  readonly #endpoints = new Map<Workload, number>();

  constructor({ metadata }: ServiceObject) {
    this.uid = metadata.uid;
    this.namespace = metadata.namespace ?? "";
    this.name = metadata.name;
    this.key = `${this.namespace}/${this.name}`;
  }

  /** The workloads that its requests go to, or went to last: who is asked while nobody answers has a name too. */
  get behind(): readonly Workload[] {
    return [...this.#endpoints.keys()];
  }

  /** Nobody stands behind it, as far as is known. */
  get hasNoEndpoints(): boolean {
    return this.#endpoints.size === 0;
  }

  /** What its object says now. */
  take({ spec = {}, status }: ServiceObject): void {
    const balancers = status?.loadBalancer?.ingress ?? [];
    const clusterIps = spec.clusterIPs ?? [spec.clusterIP];
    this.addresses = addressesOf([...clusterIps, ...(spec.externalIPs ?? []), ...balancers.map(({ ip }) => ip)]);
    this.isHeadless = addressesOf(clusterIps).length === 0;
    this.externalName =
      spec.type === "ExternalName" && spec.externalName ? normalizeHost(spec.externalName) : undefined;
    this.#selector = Object.entries(spec.selector ?? {});
    for (const workload of this.behind) workload.changed();
  }

  /** An endpoint of it leads to a pod of this workload; of one that has no endpoint yet, its selector may. */
  add(workload: Workload, endpoints = 1): void {
    this.#endpoints.set(workload, (this.#endpoints.get(workload) ?? 0) + endpoints);
    link(this, workload);
    if (endpoints > 0) for (const [other, count] of this.#endpoints) if (count === 0) this.drop(other);
  }

  /** One endpoint less. */
  remove(workload: Workload): void {
    const left = Math.max(0, (this.#endpoints.get(workload) ?? 0) - 1);
    if (!this.#endpoints.has(workload)) return;
    this.#endpoints.set(workload, left);
    const hasOthers = [...this.#endpoints.values()].some((count) => count > 0);
    if (left === 0 && hasOthers) this.drop(workload);
  }

  /** The workload is not, or no longer, behind it. */
  drop(workload: Workload): void {
    this.#endpoints.delete(workload);
    workload.services.delete(this);
    workload.changed();
  }

  /** Whether its selector picks pods with these labels. */
  selects(labels: Readonly<Record<string, string>>): boolean {
    return this.#selector.length > 0 && this.#selector.every(([label, value]) => labels[label] === value);
  }
}

/** "None" and what else is no address stays out. */
function addressesOf(texts: readonly (string | undefined)[]): string[] {
  return texts.flatMap((text) => (text === undefined ? undefined : normalizeAddress(text)) ?? []);
}

function link(service: Service, workload: Workload): void {
  if (workload.services.has(service)) return;
  workload.services.add(service);
  workload.changed();
}
