import type { NodeIdentity } from "../identity/node.ts";
import { ownAnnotations, sameAnnotations } from "./annotations.ts";
import type { Annotations } from "./annotations.ts";
import { ClusterNodes } from "./cluster-nodes.ts";
import type { ApiObject } from "./objects.ts";
import { Owners } from "./owners.ts";
import { Pods } from "./pods.ts";
import type { ResourceName, ResourceSink } from "./resource.ts";
import { Services } from "./services.ts";
import { Tenures } from "./tenures.ts";
import type { Pod } from "./workload.ts";
import { Workloads } from "./workloads.ts";

/** A batch that an outage kept back for longer finds the addresses of pods that have gone unknown. */
const KEEP_MS = 3_600_000;
/** Addresses of pods that have gone: some 20 MB. At 100 pods a second they last for a quarter of an hour. */
const MAX_OVER = 100_000;

/** What is kept of a cluster, and a sink for each resource that it is read from. */
export class Cluster {
  readonly nodes = new ClusterNodes();
  readonly tenures = new Tenures<Pod>({ keepMs: KEEP_MS, maxOver: MAX_OVER });
  readonly workloads: Workloads;
  readonly pods: Pods;
  readonly services: Services;
  readonly sinks: Readonly<Record<ResourceName, ResourceSink>>;
  readonly #owners = new Owners();
  readonly #namespaces = new Map<string, { readonly uid: string; readonly annotations: Annotations }>();
  readonly #notify: () => void;

  /**
   * @param notify told when workloads came, went, or are described otherwise
   * @param podsChanged told when anything about pods may have changed
   */
  constructor(notify: () => void, podsChanged: () => void) {
    this.#notify = notify;
    const workloads = new Workloads(notify);
    this.workloads = workloads;
    const services: Services = new Services({ workloads, podOf: (key) => this.pods.get(key) });
    this.services = services;
    const { tenures } = this;
    this.pods = new Pods({
      owners: this.#owners,
      workloads,
      tenures,
      placed: (pod) => services.placed(pod),
      changed: podsChanged,
    });
    this.sinks = {
      namespaces: { put: (object) => this.#putNamespace(object), remove: (uid) => this.#removeNamespace(uid) },
      nodes: this.nodes,
      deployments: this.#templated("Deployment"),
      statefulsets: this.#templated("StatefulSet"),
      daemonsets: this.#templated("DaemonSet"),
      replicasets: this.#passedOver("ReplicaSet"),
      jobs: this.#passedOver("Job"),
      pods: this.pods,
      services: services.services,
      endpointslices: services.slices,
    };
  }

  /** What a workload, or else its namespace, has of an annotation. */
  annotationOf(
    { namespace, annotations }: { namespace: string; annotations: Annotations },
    name: string,
  ): string | undefined {
    return annotations.get(name) ?? this.#namespaces.get(namespace)?.annotations.get(name);
  }

  /** Namespaces by name, with their annotations. */
  *namespaces(): Generator<readonly [name: string, annotations: Annotations]> {
    for (const [name, { annotations }] of this.#namespaces) yield [name, annotations];
  }

  /** Every workload of which there is anything. */
  identities(): NodeIdentity[] {
    return [...this.workloads.all()].map(({ identity }) => identity);
  }

  #templated(kind: string): ResourceSink {
    return {
      put: (object) => {
        const workload = this.workloads.putObject(kind, object);
        if (workload) this.services.templated(workload);
      },
      remove: (uid) => this.workloads.removeObject(uid),
    };
  }

  #passedOver(kind: string): ResourceSink {
    return {
      put: (object) => {
        this.#owners.put(kind, object);
        this.pods.ownerKnown(object.metadata.uid);
      },
      remove: (uid) => this.#owners.remove(uid),
    };
  }

  #putNamespace({ metadata: { name, uid, annotations } }: ApiObject): void {
    const own = ownAnnotations(annotations);
    const before = this.#namespaces.get(name);
    this.#namespaces.set(name, { uid, annotations: own });
    if (!sameAnnotations(before?.annotations ?? new Map(), own)) this.#notify();
  }

  #removeNamespace(uid: string): void {
    for (const [name, namespace] of this.#namespaces) if (namespace.uid === uid) this.#namespaces.delete(name);
    this.#notify();
  }
}
