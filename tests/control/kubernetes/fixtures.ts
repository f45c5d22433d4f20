/** Objects of the API as tests need them, and an inventory that is told of them. */
import type {
  ApiObject,
  EndpointSliceObject,
  NodeObject,
  OwnerReference,
  PodObject,
  PodSpec,
  ServiceObject,
  TemplatedObject,
} from "../../../control/kubernetes/objects.ts";
import { KubernetesInventory } from "../../../control/kubernetes/kubernetes-inventory.ts";
import type { ResourceName } from "../../../control/kubernetes/resource.ts";

/** An instant of one day, "10:00:00" or "10:00:00.250". */
export function at(time: string): number {
  return Date.parse(`2026-03-01T${time}Z`);
}

/** The same as the API writes it, which is whole seconds. */
function stamp(time: string): string {
  return `2026-03-01T${time.slice(0, 8)}Z`;
}

export interface PodWords {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly owner?: OwnerReference | undefined;
  readonly ips?: readonly string[];
  readonly host?: string;
  readonly node?: string;
  /** When its sandbox was ready; left out where nothing says. */
  readonly ready?: string;
  readonly started?: string;
  readonly phase?: string;
  readonly finished?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly account?: string;
  readonly containers?: NonNullable<PodSpec["containers"]>;
  readonly hostNetwork?: boolean;
}

const USUAL = {
  ...{ namespace: "shop", node: "worker-1", account: "default", hostNetwork: false, phase: "Running" },
  ...{ ips: [] as readonly string[], started: "09:00:00", containers: [{ name: "app", image: "app:1" }] },
};

export function pod(given: PodWords): PodObject {
  const words = { ...USUAL, ...given };
  return { metadata: podMetadata(words), spec: podSpec(words), status: podStatus(words) };
}

type AllPodWords = PodWords & Required<Pick<PodWords, keyof typeof USUAL>>;

function podMetadata({ name, namespace, uid, owner: above, labels, annotations }: AllPodWords): ApiObject["metadata"] {
  return {
    ...{ name, namespace, uid: uid ?? `uid-of-${namespace}-${name}`, creationTimestamp: stamp("08:59:00") },
    ...(above && { ownerReferences: [{ kind: "Other", name: "x", uid: "x" }, above] }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  };
}

function podSpec({ node: nodeName, account, hostNetwork, containers }: AllPodWords): PodSpec {
  return { nodeName, serviceAccountName: account, hostNetwork, containers };
}

function podStatus({ phase, ips, host, started, ready, finished }: AllPodWords): NonNullable<PodObject["status"]> {
  const condition = { type: "PodReadyToStartContainers", status: "True" };
  return {
    phase,
    podIPs: ips.map((ip) => ({ ip })),
    ...(host && { hostIP: host, hostIPs: [{ ip: host }] }),
    startTime: stamp(started),
    conditions: ready ? [{ ...condition, lastTransitionTime: stamp(ready) }] : [],
    containerStatuses: finished ? [{ state: { terminated: { finishedAt: stamp(finished) } } }] : [],
  };
}

export function owner(kind: string, name: string): OwnerReference {
  return { kind, name, uid: `uid-of-${kind}-${name}`, controller: true };
}

/** A ReplicaSet or a Job, as its metadata alone. */
export function replicas(kind: string, name: string, above?: OwnerReference): ApiObject {
  const { uid } = owner(kind, name);
  return { metadata: { name, namespace: "shop", uid, ...(above && { ownerReferences: [above] }) } };
}

export function templated(
  kind: string,
  name: string,
  words: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ofTemplate?: Readonly<Record<string, string>>;
    readonly account?: string;
  } = {},
): TemplatedObject {
  const { labels = {}, annotations = {}, ofTemplate = {}, account = "default" } = words;
  return {
    metadata: { name, namespace: "shop", uid: owner(kind, name).uid, annotations },
    spec: { template: { metadata: { labels, annotations: ofTemplate }, spec: { serviceAccountName: account } } },
  };
}

export function service(
  name: string,
  spec: NonNullable<ServiceObject["spec"]> = {},
  namespace = "shop",
): ServiceObject {
  return { metadata: { name, namespace, uid: `uid-of-${namespace}-${name}-service` }, spec };
}

export function slice(
  name: string,
  of: string,
  endpoints: readonly { readonly address: string; readonly pod?: string }[],
): EndpointSliceObject {
  return {
    metadata: {
      name,
      namespace: "shop",
      uid: `uid-of-slice-${name}`,
      labels: { "kubernetes.io/service-name": of },
    },
    endpoints: endpoints.map(({ address, pod: target }) => ({
      addresses: [address],
      ...(target && { targetRef: { kind: "Pod", name: target, namespace: "shop" } }),
    })),
  };
}

export function node(name: string, addresses: readonly string[], podCIDRs: readonly string[] = []): NodeObject {
  return {
    metadata: { name, uid: `uid-of-node-${name}` },
    spec: { podCIDRs },
    status: { addresses: addresses.map((address) => ({ type: "InternalIP", address })) },
  };
}

/** An inventory, the times at which it is told things, and how often it said that something changed. */
export class Told {
  changes = 0;
  readonly inventory = new KubernetesInventory(() => (this.changes += 1));

  put(resource: ResourceName, object: ApiObject, time = "10:00:00"): this {
    this.inventory.sinks[resource].put(object, at(time));
    return this;
  }

  remove(resource: ResourceName, object: ApiObject, time: string): this {
    this.inventory.sinks[resource].remove(object.metadata.uid, at(time));
    return this;
  }

  /** Who had an address, in the second that begins then: a workload, or why it is nobody's. */
  who(address: string, time: string): string | undefined {
    const span = [at(time), at(time) + 1_000] as const;
    return (this.inventory.byAddress(address, ...span) ?? this.inventory.whyNobody(address, ...span))?.id;
  }

  host(host: string): string | undefined {
    return this.inventory.byHost(host, at("10:00:00"))?.id;
  }
}

/** A Deployment with its ReplicaSet. */
export function deployment(told: Told, name: string, words: Parameters<typeof templated>[2] = {}): Told {
  told.put("deployments", templated("Deployment", name, words));
  return told.put("replicasets", replicas("ReplicaSet", `${name}-7c9`, owner("Deployment", name)));
}

/** A pod of it. */
export function podOf(name: string, suffix: string, words: Partial<PodWords> = {}): PodObject {
  return pod({ name: `${name}-7c9-${suffix}`, owner: owner("ReplicaSet", `${name}-7c9`), ...words });
}
