/** What a plan is made of: a namespace, as far as it matters for what is turned on in it. */
import type { Labels } from "./labels.ts";

export interface PodState {
  readonly name: string;
  readonly labels: Labels;
  /** The annotation's text; undefined where there is none. The same holds for the others. */
  readonly observe: string | undefined;
  readonly hasSidecar: boolean;
}

export interface WorkloadState {
  readonly name: string;
  /** "Deployment", "Rollout", "Pod" */
  readonly kind: string;
  /** Of its Deployment, StatefulSet or DaemonSet; undefined where it is something else. */
  readonly uid: string | undefined;
  readonly observe: string | undefined;
  /** Whether that stands on its template rather than on itself. */
  readonly isInTemplate: boolean;
  /** What it selects its pods by; undefined where that cannot be read or is more than labels. */
  readonly selector: Labels | undefined;
  /** What its template gives to pods; undefined where none can be read. */
  readonly templateLabels: Labels | undefined;
  /** Those that are alive. */
  readonly pods: readonly PodState[];
}

/** One of which nothing more is told than how many pods it has. */
export interface WorkloadCount {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly pods: number;
  /** Pods that have a sidecar. */
  readonly meshed: number;
}

export interface NamespaceState {
  readonly name: string;
  readonly observe: string | undefined;
  readonly workloads: readonly WorkloadState[];
}
