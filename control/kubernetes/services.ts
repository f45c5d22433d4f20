import { normalizeAddress } from "../identity/address.ts";
import type { EndpointSliceObject, ServiceObject } from "./objects.ts";
import type { ResourceSink } from "./resource.ts";
import { Service } from "./service.ts";
import type { Pod, Workload } from "./workload.ts";
import type { Workloads } from "./workloads.ts";

/** https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#ownership */
const SERVICE_NAME = "kubernetes.io/service-name";

/** One EndpointSlice: where some of the requests to a service go. */
interface Slice {
  /** "namespace/name" of its service. */
  readonly service: string;
  /** Workloads by pod, "namespace/name"; undefined where the pod or what it is of is not known yet. */
  readonly members: Map<string, Workload | undefined>;
  /** Addresses that no pod holds: somebody wrote them down. */
  written: readonly string[];
}

export interface ServicesDeps {
  readonly workloads: Workloads;
  /** A pod by "namespace/name". */
  readonly podOf: (key: string) => Pod | undefined;
}

/** The services that there are, their addresses and names, and what stands behind them. */
export class Services {
  readonly #deps: ServicesDeps;
  readonly #byUid = new Map<string, Service>();
  readonly #byKey = new Map<string, Service>();
  readonly #byName = new Map<string, Set<Service>>();
  readonly #byNamespace = new Map<string, Set<Service>>();
  readonly #byAddress = new Map<string, Service>();
  readonly #slices = new Map<string, Slice>();
  /** Slices by the pod that they wait for. */
  readonly #waiting = new Map<string, Set<Slice>>();
  /** The service that an address was written down for. */
  readonly #written = new Map<string, Slice>();

  /** What the API says of Services. */
  readonly services: ResourceSink = {
    put: (object) => this.#putService(object),
    remove: (uid) => this.#removeService(uid),
  };
  /** What it says of EndpointSlices. */
  readonly slices: ResourceSink = {
    put: (object) => this.#putSlice(object),
    remove: (uid) => this.#removeSlice(uid),
  };

  constructor(deps: ServicesDeps) {
    this.#deps = deps;
  }

  /** The service at a cluster IP, an external IP or that of its load balancer. */
  at(address: string): Service | undefined {
    return this.#byAddress.get(address);
  }

  /** The service, "namespace/name", that an address without a pod was written down for. */
  writtenFor(address: string): string | undefined {
    return this.#written.get(address)?.service;
  }

  get(namespace: string, name: string): Service | undefined {
    return this.#byKey.get(`${namespace}/${name}`);
  }

  /** The only service of this name in the whole cluster. */
  onlyNamed(name: string): Service | undefined {
    const [only, ...others] = this.#byName.get(name) ?? [];
    return others.length === 0 ? only : undefined;
  }

  /** It is known now what a pod is of. */
  placed({ key, workload }: Pod): void {
    const slices = this.#waiting.get(key);
    this.#waiting.delete(key);
    for (const slice of slices ?? []) {
      if (slice.members.get(key) !== undefined || !slice.members.has(key) || !workload) continue;
      slice.members.set(key, workload);
      this.#byKey.get(slice.service)?.add(workload);
    }
  }

  /** A workload's template is new: services without a single endpoint may mean it. */
  templated(workload: Workload): void {
    for (const service of this.#byNamespace.get(workload.namespace) ?? []) {
      if (workload.object && service.hasNoEndpoints && service.selects(workload.object.labels))
        service.add(workload, 0);
    }
  }

  #putService(object: ServiceObject): void {
    const known = this.#byUid.get(object.metadata.uid);
    const service = known ?? new Service(object);
    if (known) this.#unlist(service);
    service.take(object);
    this.#list(service);
    if (!known) this.#fill(service);
  }

  /** A service that is new, or came after its slices. */
  #fill(service: Service): void {
    for (const { service: key, members } of this.#slices.values()) {
      if (key !== service.key) continue;
      for (const workload of members.values()) if (workload) service.add(workload);
    }
    if (!service.hasNoEndpoints) return;
    for (const workload of this.#deps.workloads.all()) {
      if (workload.namespace === service.namespace) this.templated(workload);
    }
  }

  #removeService(uid: string): void {
    const service = this.#byUid.get(uid);
    if (!service) return;
    this.#unlist(service);
    this.#byUid.delete(uid);
    for (const workload of service.behind) service.drop(workload);
  }

  #list(service: Service): void {
    this.#byUid.set(service.uid, service);
    this.#byKey.set(service.key, service);
    addTo(this.#byName, service.name, service);
    addTo(this.#byNamespace, service.namespace, service);
    for (const address of service.addresses) this.#byAddress.set(address, service);
  }

  /** One of the same name or address that was made since stays. */
  #unlist(service: Service): void {
    if (this.#byKey.get(service.key) === service) this.#byKey.delete(service.key);
    removeFrom(this.#byName, service.name, service);
    removeFrom(this.#byNamespace, service.namespace, service);
    for (const address of service.addresses) {
      if (this.#byAddress.get(address) === service) this.#byAddress.delete(address);
    }
  }

  #putSlice(object: EndpointSliceObject): void {
    const { uid, namespace = "", labels = {} } = object.metadata;
    const name = labels[SERVICE_NAME];
    const service = `${namespace}/${name ?? ""}`;
    const before = this.#slices.get(uid);
    if (before && before.service !== service) this.#removeSlice(uid);
    if (name === undefined) return;
    const slice: Slice = this.#slices.get(uid) ?? { service, members: new Map(), written: [] };
    this.#slices.set(uid, slice);
    const { pods, written } = readEndpoints(object);
    for (const key of slice.members.keys()) if (!pods.has(key)) this.#leave(slice, key);
    for (const key of pods) if (!slice.members.has(key)) this.#join(slice, key);
    this.#write(slice, written);
  }

  #removeSlice(uid: string): void {
    const slice = this.#slices.get(uid);
    if (!slice) return;
    this.#slices.delete(uid);
    for (const key of slice.members.keys()) this.#leave(slice, key);
    this.#write(slice, []);
  }

  #join(slice: Slice, key: string): void {
    const workload = this.#deps.podOf(key)?.workload;
    slice.members.set(key, workload);
    if (workload) this.#byKey.get(slice.service)?.add(workload);
    else addTo(this.#waiting, key, slice);
  }

  #leave(slice: Slice, key: string): void {
    const workload = slice.members.get(key);
    slice.members.delete(key);
    if (workload) this.#byKey.get(slice.service)?.remove(workload);
    else removeFrom(this.#waiting, key, slice);
  }

  #write(slice: Slice, addresses: readonly string[]): void {
    for (const address of slice.written) if (this.#written.get(address) === slice) this.#written.delete(address);
    slice.written = addresses;
    for (const address of addresses) this.#written.set(address, slice);
  }
}

function readEndpoints({ metadata, endpoints }: EndpointSliceObject): { pods: Set<string>; written: string[] } {
  const pods = new Set<string>();
  const written: string[] = [];
  const ofSlice = metadata.namespace ?? "";
  const all: NonNullable<EndpointSliceObject["endpoints"]> = endpoints ?? [];
  for (const { addresses = [], targetRef } of all) {
    if (targetRef?.kind === "Pod") pods.add(`${targetRef.namespace ?? ofSlice}/${targetRef.name ?? ""}`);
    else if (!targetRef) written.push(...addresses.flatMap((text) => normalizeAddress(text) ?? []));
  }
  return { pods, written };
}

function addTo<V>(map: Map<string, Set<V>>, key: string, value: V): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function removeFrom<V>(map: Map<string, Set<V>>, key: string, value: V): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
}
