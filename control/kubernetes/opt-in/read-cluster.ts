import type { Cluster } from "../cluster.ts";
import type { Pod, Workload } from "../workload.ts";
import type { NamespaceState, PodState, WorkloadCount, WorkloadState } from "./namespace-state.ts";
import { OBSERVE } from "./observe.ts";

/** Namespaces in which anything is annotated. Pods of which it is not known what made them are left out: it is known in a moment. */
export function namespaceStates(cluster: Cluster): NamespaceState[] {
  const stated = namespacesOf(cluster);
  const annotated = new Set([...stated].flatMap(([name, observe]) => (observe === undefined ? [] : [name])));
  for (const workload of cluster.workloads.all()) if (isAnnotated(workload)) annotated.add(workload.namespace);
  const states = new Map([...annotated].map((name) => [name, [] as WorkloadState[]]));
  for (const workload of cluster.workloads.all()) states.get(workload.namespace)?.push(toState(workload));
  // Of a namespace that is gone there may be pods for another moment.
  return [...states].flatMap(([name, workloads]) =>
    stated.has(name) ? [{ name, observe: stated.get(name), workloads }] : [],
  );
}

/** Every namespace, with what its annotation says. */
export function namespacesOf(cluster: Cluster): Map<string, string | undefined> {
  return new Map([...cluster.namespaces()].map(([name, annotations]) => [name, annotations.get(OBSERVE)]));
}

/** Every workload, annotated or not. */
export function workloadCounts(cluster: Cluster): WorkloadCount[] {
  return [...cluster.workloads.all()].map(({ namespace, name, kind, pods, sidecars }) => {
    return { namespace, name, kind, pods: pods.size, meshed: sidecars };
  });
}

function isAnnotated({ object, pods }: Workload): boolean {
  if (object?.annotations.has(OBSERVE)) return true;
  for (const { annotations } of pods) if (annotations.has(OBSERVE)) return true;
  return false;
}

function toState({ name, kind, object, pods }: Workload): WorkloadState {
  return {
    ...{ name, kind },
    uid: object?.uid,
    observe: object?.annotations.get(OBSERVE),
    isInTemplate: object !== undefined && !object.direct.has(OBSERVE),
    selector: object?.selector,
    templateLabels: object?.labels,
    pods: [...pods].map(toPodState),
  };
}

function toPodState({ key, labels, annotations, hasSidecar }: Pod): PodState {
  return { name: key.slice(key.indexOf("/") + 1), labels, observe: annotations.get(OBSERVE), hasSidecar };
}
