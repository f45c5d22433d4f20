import type { ApiObject } from "./objects.ts";
import type { Owners, TopOwner } from "./owners.ts";
import { isPort, podFacts } from "./pod-facts.ts";
import type { PodFacts } from "./pod-facts.ts";
import type { ResourceSink } from "./resource.ts";
import type { Tenures } from "./tenures.ts";
import type { Pod, Workload } from "./workload.ts";
import type { Workloads } from "./workloads.ts";

export interface PodsDeps {
  readonly owners: Owners;
  readonly workloads: Workloads;
  readonly tenures: Tenures<Pod>;
  /** Told when it is known what a pod is of. */
  readonly placed: (pod: Pod) => void;
  /** Told with each change of what a workload's pods are. */
  readonly changed: () => void;
}

/** The pods that there are, and whose addresses those are that they have and had. */
export class Pods implements ResourceSink {
  readonly #deps: PodsDeps;
  readonly #byUid = new Map<string, Pod>();
  readonly #byKey = new Map<string, Pod>();
  /** Pods whose owner is not known yet, by its uid, with what is needed when it is. */
  readonly #waiting = new Map<string, Map<Pod, PodFacts>>();

  constructor(deps: PodsDeps) {
    this.#deps = deps;
  }

  /** @param key "namespace/name" */
  get(key: string): Pod | undefined {
    return this.#byKey.get(key);
  }

  put(object: ApiObject, atMs: number): void {
    const facts = podFacts(object, atMs);
    const pod = this.#byUid.get(facts.uid) ?? this.#make(facts);
    this.#hold(pod, facts, atMs);
    this.#place(pod, facts);
  }

  remove(uid: string, atMs: number): void {
    const pod = this.#byUid.get(uid);
    if (!pod) return;
    this.#byUid.delete(uid);
    if (this.#byKey.get(pod.key) === pod) this.#byKey.delete(pod.key);
    this.#release(pod, atMs);
    this.#stopWaiting(pod);
    this.#uncount(pod);
  }

  /** A ReplicaSet or a Job is known now: its pods may have waited for it. */
  ownerKnown(uid: string): void {
    const waiting = this.#waiting.get(uid);
    this.#waiting.delete(uid);
    for (const [pod, facts] of waiting ?? []) this.#place(pod, facts);
  }

  /** How many pods there are of which it is not known what they are of. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((all, { size }) => all + size, 0);
  }

  #make({ uid, namespace, name }: PodFacts): Pod {
    const key = `${namespace}/${name}`;
    const pod: Pod = {
      ...{
        uid,
        key,
        workload: undefined,
        ownerUid: "",
        account: "",
        labels: {},
        annotations: new Map<string, string>(),
        hasSidecar: false,
        isCounted: false,
        isOver: false,
      },
      end: { workload: "", pod: key, node: "", version: "" },
      held: new Map(),
    };
    this.#byUid.set(uid, pod);
    this.#byKey.set(key, pod);
    return pod;
  }

  #hold(pod: Pod, { held, began, endedMs }: PodFacts, atMs: number): void {
    if (pod.isOver) return;
    const hasMoved = this.#release(pod, atMs, held).some((address) => !isPort(address));
    // It had another address until now, so it has had this one from now on.
    const from = hasMoved ? { from: atMs, latestFrom: atMs } : began;
    for (const address of held) {
      if (pod.held.has(address)) continue;
      pod.held.set(address, this.#deps.tenures.begin(address, { holder: pod, ...from }));
    }
    if (endedMs === undefined) return;
    // It shows its address for as long as it is listed.
    this.#release(pod, endedMs);
    pod.isOver = true;
  }

  /** Ends what the pod holds, but for what it still does. @returns what that was */
  #release(pod: Pod, atMs: number, but: readonly string[] = []): string[] {
    const released: string[] = [];
    for (const [address, tenure] of pod.held) {
      if (but.includes(address)) continue;
      this.#deps.tenures.end(tenure, atMs);
      pod.held.delete(address);
      released.push(address);
    }
    return released;
  }

  /** Puts it to its workload, or lets it wait for its owner. */
  #place(pod: Pod, facts: PodFacts): void {
    const ownerUid = facts.owner?.uid ?? "";
    const known = pod.workload && pod.ownerUid === ownerUid ? pod.workload : this.#workloadOf(facts);
    this.#stopWaiting(pod);
    pod.ownerUid = ownerUid;
    if (known) this.#settle(pod, known, facts);
    else this.#wait(pod, facts);
  }

  #settle(pod: Pod, workload: Workload, facts: PodFacts): void {
    const { workloads, placed, changed } = this.#deps;
    const isNew = pod.workload !== workload;
    const isOther = isNew || pod.account !== facts.account || pod.hasSidecar !== facts.hasSidecar;
    if (pod.isCounted && (isOther || pod.isOver)) this.#uncount(pod);
    pod.workload = workload;
    pod.account = facts.account;
    pod.hasSidecar = facts.hasSidecar;
    pod.labels = facts.labels;
    pod.annotations = facts.annotations;
    changed();
    this.#describe(pod, facts);
    if (!pod.isOver && !pod.isCounted) {
      pod.isCounted = true;
      workloads.join(workload, pod);
    }
    if (pod.isOver) workloads.dropIfGone(workload);
    else workload.heardOf(facts.labels, facts.annotations);
    if (isNew) placed(pod);
  }

  #uncount(pod: Pod): void {
    if (!pod.isCounted || !pod.workload) return;
    pod.isCounted = false;
    this.#deps.changed();
    this.#deps.workloads.leave(pod.workload, pod);
  }

  #describe(pod: Pod, { node, version }: PodFacts): void {
    const workload = pod.workload?.id ?? "";
    const { end } = pod;
    if (end.workload === workload && end.node === node && end.version === version) return;
    pod.end = { workload, pod: pod.key, node, version };
  }

  #workloadOf(facts: PodFacts): Workload | undefined {
    const top = topOf(facts, this.#deps.owners);
    return top && this.#deps.workloads.of(facts.namespace, top);
  }

  #wait(pod: Pod, facts: PodFacts): void {
    const waiting = this.#waiting.get(pod.ownerUid) ?? new Map<Pod, PodFacts>();
    this.#waiting.set(pod.ownerUid, waiting.set(pod, facts));
  }

  #stopWaiting(pod: Pod): void {
    const waiting = this.#waiting.get(pod.ownerUid);
    waiting?.delete(pod);
    if (waiting?.size === 0) this.#waiting.delete(pod.ownerUid);
  }
}

/** A pod that nobody made is a workload by itself; one that a node runs from a file is called after it and its node. */
function topOf({ owner, name, node }: PodFacts, owners: Owners): TopOwner | undefined {
  if (!owner) return { kind: "Pod", name };
  if (owner.kind !== "Node") return owners.topOf(owner);
  return { kind: "StaticPod", name: name.endsWith(`-${node}`) ? name.slice(0, -node.length - 1) : name };
}
