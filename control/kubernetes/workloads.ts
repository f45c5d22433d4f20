import { ownAnnotations, sameAnnotations } from "./annotations.ts";
import type { TemplatedObject } from "./objects.ts";
import type { TopOwner } from "./owners.ts";
import { hasSidecar } from "./sidecar.ts";
import { Workload } from "./workload.ts";
import type { Pod, WorkloadObject } from "./workload.ts";

/** All workloads, and those that run under each service account. */
export class Workloads {
  readonly #byId = new Map<string, Workload>();
  readonly #byObject = new Map<string, Workload>();
  /** Pods and templates by account, "namespace/name", and workload. */
  readonly #byAccount = new Map<string, Map<Workload, number>>();
  readonly #notify: () => void;

  /** @param notify told when there is one more or less, or one is described otherwise */
  constructor(notify: () => void) {
    this.#notify = notify;
  }

  get(id: string): Workload | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Workload> {
    return this.#byId.values();
  }

  /** The one that an owner is, new where there is none yet. */
  of(namespace: string, owner: TopOwner): Workload {
    const id = `${namespace}/${owner.name}`;
    const known = this.#byId.get(id);
    if (known) return known;
    const workload = new Workload(namespace, owner, this.#notify);
    this.#byId.set(id, workload);
    this.#notify();
    return workload;
  }

  /** Takes a Deployment, StatefulSet or DaemonSet. @returns its workload if something about it is new */
  putObject(kind: string, object: TemplatedObject): Workload | undefined {
    const workload = this.of(object.metadata.namespace ?? "", { kind, name: object.metadata.name });
    const now = readObject(kind, object);
    const before = workload.object;
    // Of two kinds with one name the first is the one that is read.
    if (before && (before.kind !== kind || isSame(before, now))) return undefined;
    if (before) this.#count(workload, before.account, -1);
    this.#byObject.set(now.uid, workload);
    this.#count(workload, now.account, 1);
    workload.setObject(now);
    return workload;
  }

  removeObject(uid: string): void {
    const workload = this.#byObject.get(uid);
    this.#byObject.delete(uid);
    // Deleted and made anew, the new one may have come first.
    if (!workload || workload.object?.uid !== uid) return;
    this.#count(workload, workload.object.account, -1);
    workload.setObject(undefined);
    this.dropIfGone(workload);
  }

  /** A pod of a workload runs. */
  join(workload: Workload, pod: Pod): void {
    this.#count(workload, pod.account, 1);
    workload.join(pod);
  }

  /** It runs no longer; with the last of them goes a workload without an object. */
  leave(workload: Workload, pod: Pod): void {
    this.#count(workload, pod.account, -1);
    workload.leave(pod);
    this.dropIfGone(workload);
  }

  withAccount(namespace: string, account: string): readonly Workload[] {
    return [...(this.#byAccount.get(`${namespace}/${account}`)?.keys() ?? [])];
  }

  /** Forgets a workload of which nothing is left. */
  dropIfGone(workload: Workload): void {
    if (workload.isThere || this.#byId.get(workload.id) !== workload) return;
    this.#byId.delete(workload.id);
    for (const service of workload.services) service.drop(workload);
    this.#notify();
  }

  #count(workload: Workload, account: string, by: number): void {
    const key = `${workload.namespace}/${account}`;
    const counts = this.#byAccount.get(key) ?? new Map<Workload, number>();
    const count = (counts.get(workload) ?? 0) + by;
    if (count > 0) counts.set(workload, count);
    else counts.delete(workload);
    if (counts.size > 0) this.#byAccount.set(key, counts);
    else this.#byAccount.delete(key);
  }
}

/** What people write of a workload stands on it or on its template; the former counts. */
function readObject(kind: string, { metadata, spec }: TemplatedObject): WorkloadObject {
  const template = spec?.template;
  const direct = ownAnnotations(metadata.annotations);
  const annotations = new Map([...ownAnnotations(template?.metadata?.annotations), ...direct]);
  return {
    uid: metadata.uid,
    kind,
    selector: selectorOf(spec),
    labels: template?.metadata?.labels ?? {},
    annotations,
    direct,
    account: template?.spec?.serviceAccountName ?? "default",
    hasSidecar: hasSidecar(template?.spec ?? {}),
  };
}

function selectorOf(spec: TemplatedObject["spec"]): WorkloadObject["selector"] {
  const { matchLabels, matchExpressions = [] } = spec?.selector ?? {};
  return matchExpressions.length > 0 ? undefined : matchLabels;
}

function isSame(one: WorkloadObject, other: WorkloadObject): boolean {
  return (
    one.uid === other.uid &&
    one.account === other.account &&
    one.hasSidecar === other.hasSidecar &&
    sameAnnotations(one.annotations, other.annotations) &&
    sameAnnotations(one.direct, other.direct) &&
    sameLabels(one.labels, other.labels)
  );
}

function sameLabels(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const labels = Object.entries(one);
  return labels.length === Object.keys(other).length && labels.every(([name, value]) => other[name] === value);
}
