/** Who is observed, and why somebody is not: what opt-in in a cluster tells the APIs. Times are milliseconds since the epoch. */

export interface OptedInWorkload {
  readonly namespace: string;
  readonly name: string;
  /** "Deployment", "Rollout", "Pod" */
  readonly kind: string;
  readonly state:
    | "reporting"
    /** Its plugin was written just now, or nobody has seen a request of it since. */
    | "waiting"
    /** Its plugin was written a while ago, and others tell of its requests, but not its own sidecars. */
    | "silent"
    /** None of its pods has a sidecar to run the filter: it is the tap's. */
    | "noSidecar"
    | "noPods"
    /** There is no plugin for it, for the reason in `problems`. */
    | "notWritten"
    /** An annotation of its own says "false". */
    | "excluded"
    /** Nothing turns it on. */
    | "off";
  /** Where the annotation stands that turned it on; null where nothing did. */
  readonly by: "namespace" | "workload" | "pod" | null;
  /** What it is annotated with itself, what holds for all of it before what a pod has; null where nothing is. */
  readonly stated: StatedObserve | null;
  /** The WasmPlugin that selects its pods, and since when it is there; null where none is. */
  readonly plugin: { readonly name: string; readonly sinceMs: number } | null;
  /** Those that are alive, those of them that are turned on, and those of these that have a sidecar. */
  readonly pods: number;
  readonly included: number;
  readonly sidecars: number;
  /** Those of all its pods that have a sidecar. */
  readonly meshed: number;
  /** Null while nothing is reported. */
  readonly reporting: { readonly sinceMs: number; readonly lastMs: number } | null;
  /** Of a sidecar that may be gone; null where none came within the last hour. */
  readonly lastReportMs: number | null;
  /** Each with what to do about it. */
  readonly problems: readonly string[];
}

/** An annotation as it stands. */
export interface StatedObserve {
  /** On the Deployment, StatefulSet or DaemonSet itself, on its template, or on a pod, which may have it from a template. */
  readonly on: "workload" | "template" | "pod";
  /** Name of what it stands on; of the workload for its template. */
  readonly name: string;
  readonly value: string;
}

export interface OptedInNamespace {
  readonly name: string;
  /** What its annotation says; null where it has none. */
  readonly observe: string | null;
  /** Whether it is the mesh's root namespace, in which nothing is turned on. */
  readonly isRoot: boolean;
  /** Its workloads, those that are turned on, and those of all that report. */
  readonly workloads: number;
  readonly on: number;
  readonly reporting: number;
  /** What is wrong with its annotation, or with the plugin for all of it; null where nothing is. */
  readonly problem: string | null;
}

export interface OptInStatus {
  /** Whether this control may write; another one does where it may not. */
  readonly isLeader: boolean;
  /** By name. */
  readonly namespaces: readonly OptedInNamespace[];
  /** By namespace and name. */
  readonly workloads: readonly OptedInWorkload[];
  /** What is wrong with the whole of it, or with the annotation of a namespace. */
  readonly problems: readonly string[];
}

/** The part of opt-in that the APIs read. */
export interface OptInSource {
  /** @param tellsAll whether also those are told of whom no annotation says anything */
  status(tellsAll?: boolean): OptInStatus;
}
