/** Namespaces as a plan reads them, and the pods that a plan selects. */
import { selects } from "../../../../control/kubernetes/opt-in/labels.ts";
import type { Labels } from "../../../../control/kubernetes/opt-in/labels.ts";
import type { NamespaceState, PodState, WorkloadState } from "../../../../control/kubernetes/opt-in/namespace-state.ts";
import type { NamespacePlan } from "../../../../control/kubernetes/opt-in/plan.ts";

export function podState(labels: Labels, more: Partial<PodState> = {}): PodState {
  return { name: "a", labels, observe: undefined, hasSidecar: true, ...more };
}

/** A Deployment whose pods, one where nothing else is said, have its labels and a hash. */
export function workloadState(name: string, more: Partial<WorkloadState> & { labels?: Labels } = {}): WorkloadState {
  const { labels = { app: name }, ...given } = more;
  return {
    ...{
      name,
      kind: "Deployment",
      uid: undefined,
      observe: undefined,
      isInTemplate: false,
      selector: labels,
      templateLabels: labels,
    },
    pods: [podState({ ...labels, "pod-template-hash": "7c9" })],
    ...given,
  };
}

export function namespaceState(workloads: readonly WorkloadState[], observe?: string): NamespaceState {
  return { name: "shop", observe, workloads };
}

/** Names of the plugins that select the labels. */
export function pluginsOn(plan: NamespacePlan, labels: Labels): string[] {
  return plan.plugins.filter(({ selector = {} }) => selects(selector, labels)).map(({ name }) => name);
}
