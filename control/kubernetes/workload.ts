import type { NodeIdentity, NodeKind } from "../identity/node.ts";
import type { PodEnd } from "../identity/pod-end.ts";
import { sameAnnotations } from "./annotations.ts";
import type { Annotations } from "./annotations.ts";
import type { TopOwner } from "./owners.ts";
import type { Tenure } from "./tenures.ts";

/** A pod, as far as anything is kept of it. */
export interface Pod {
  readonly uid: string;
  /** "namespace/name" */
  readonly key: string;
  /** Undefined while it is not known what stands above it. */
  workload: Workload | undefined;
  end: PodEnd;
  /** The uid that its owner was asked by; empty where it has none. */
  ownerUid: string;
  account: string;
  labels: Readonly<Record<string, string>>;
  annotations: Annotations;
  hasSidecar: boolean;
  /** Its workload counts it among those that run. */
  isCounted: boolean;
  /** Its containers have all ended, for good. */
  isOver: boolean;
  /** Its addresses and ports, and since when. */
  readonly held: Map<string, Tenure<Pod>>;
}

/** A service as the workloads behind it see it. */
export interface ServiceInFront {
  readonly name: string;
  readonly isHeadless: boolean;
  /** The workload no longer stands behind it. */
  drop(workload: Workload): void;
}

/** What a Deployment, StatefulSet or DaemonSet says, its template included. */
export interface WorkloadObject {
  readonly uid: string;
  readonly kind: string;
  /** What its pods are selected by; undefined where that is more than labels. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Annotations;
  /** Those that stand on the object itself; the others stand on its template. */
  readonly direct: Annotations;
  readonly account: string;
  readonly hasSidecar: boolean;
}

const ROLE = "sidelight.dev/role";
const ROLES: ReadonlySet<string> = new Set(["workload", "store", "unmeshed"] satisfies NodeKind[]);
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
const COMPONENT = "app.kubernetes.io/component";
const STORES: ReadonlySet<string> = new Set(["database", "cache", "queue"]);

/**
 * Something that makes pods, by namespace and name. Two of one name and different kinds are one: nothing that a mesh says tells
 * them apart.
 */
export class Workload {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** Behind which it stands. */
  readonly services = new Set<ServiceInFront>();
  readonly #notify: () => void;
  /** Those that are alive, and how many of them have a sidecar. */
  readonly #pods = new Set<Pod>();
  #sidecars = 0;
  /** Whether the last pod that it had, had a sidecar. */
  #hadSidecar = false;
  #kind: string;
  #object: WorkloadObject | undefined;
  #podLabels: Readonly<Record<string, string>> = {};
  #podAnnotations: Annotations = new Map();
  #identity: NodeIdentity | undefined;

  /** @param notify told when its identity or its annotations have changed */
  constructor(namespace: string, { kind, name }: TopOwner, notify: () => void) {
    this.id = `${namespace}/${name}`;
    this.namespace = namespace;
    this.name = name;
    this.#kind = kind;
    this.#notify = notify;
  }

  get kind(): string {
    return this.#object?.kind ?? this.#kind;
  }

  get object(): WorkloadObject | undefined {
    return this.#object;
  }

  /** Whether there is anything of it in the cluster. */
  get isThere(): boolean {
    return this.#object !== undefined || this.#pods.size > 0;
  }

  /** Those that are alive. */
  get pods(): ReadonlySet<Pod> {
    return this.#pods;
  }

  /** How many of them have a sidecar. */
  get sidecars(): number {
    return this.#sidecars;
  }

  /** Who it is; the same object as long as nothing in it changes. */
  get identity(): NodeIdentity {
    return (this.#identity ??= this.#describe());
  }

  /** Its own annotations; of one without a template to read, those of its latest pod. */
  get annotations(): Annotations {
    return this.#object?.annotations ?? this.#podAnnotations;
  }

  /** The role that somebody gave it and that is none. */
  get wrongRole(): string | undefined {
    const role = this.annotations.get(ROLE);
    return role === undefined || ROLES.has(role) ? undefined : role;
  }

  /** What stands in its object now; undefined when that is gone. */
  setObject(object: WorkloadObject | undefined): void {
    if (object) this.#kind = object.kind;
    this.#object = object;
    this.changed();
    this.#notify();
  }

  /** A pod of it runs. */
  join(pod: Pod): void {
    if (this.#pods.has(pod)) return;
    this.#pods.add(pod);
    if (pod.hasSidecar) this.#sidecars += 1;
    this.#hadSidecar = this.#sidecars > 0;
    this.changed();
  }

  /** It runs no longer. */
  leave(pod: Pod): void {
    if (!this.#pods.delete(pod)) return;
    if (pod.hasSidecar) this.#sidecars -= 1;
    if (this.#pods.size > 0) this.#hadSidecar = this.#sidecars > 0;
    this.changed();
  }

  /** What its latest pod says, which counts where it has no template to read. */
  heardOf(labels: Readonly<Record<string, string>>, annotations: Annotations): void {
    if (this.#object) return;
    const isNew = !sameAnnotations(this.#podAnnotations, annotations);
    this.#podLabels = labels;
    this.#podAnnotations = annotations;
    this.changed();
    if (isNew) this.#notify();
  }

  /** Something that its identity is made of has changed. It stays the same object where it says the same. */
  changed(): void {
    const before = this.#identity;
    if (!before) return;
    const now = this.#describe();
    const { kind, workloadKind, service } = before;
    if (now.kind === kind && now.workloadKind === workloadKind && now.service === service) return;
    this.#identity = now;
    this.#notify();
  }

  #describe(): NodeIdentity {
    const { id, namespace, name } = this;
    return { id, kind: this.#role(), namespace, name, workloadKind: this.kind, service: this.#service(), reason: "" };
  }

  #role(): NodeKind {
    const stated = this.annotations.get(ROLE);
    if (stated !== undefined && ROLES.has(stated)) return stated as NodeKind;
    const labels = this.#object?.labels ?? this.#podLabels;
    if (STORES.has(labels[COMPONENT] ?? "")) return "store";
    // The mesh puts it into pods, so while none runs the template does not show it.
    return this.#hadSidecar || this.#object?.hasSidecar ? "workload" : "unmeshed";
  }

  /** The service of its own name, else the only one that has an address, else the only one. */
  #service(): string {
    const names = [...this.services].map(({ name }) => name);
    if (names.includes(this.name)) return this.name;
    const withAddress = [...this.services].filter(({ isHeadless }) => !isHeadless);
    const [only, ...others] = withAddress.length > 0 ? withAddress : this.services;
    return only && others.length === 0 ? only.name : this.name;
  }
}
