/** The cluster whose API tells control who is who: what is known of it, and how true that is. Times are milliseconds since the epoch. */

export interface WatchStatus {
  /** "pods" */
  readonly resource: string;
  readonly objects: number;
  /** When what is known was last known to be what there is, up to a minute and a half ago where nothing changes; null before the first list. */
  readonly inStepMs: number | null;
  /** What is wrong with it; null while nothing is. */
  readonly problem: string | null;
}

/** Whether this control turns the filter on where an annotation asks for it, and how many that reached. */
export interface OptInStanding {
  readonly state:
    | "writing"
    /** Another control writes. */
    | "standingBy"
    /** The cluster or its plugins are not listed yet. */
    | "starting"
    /** The API has no WasmPlugin: Istio is not there. */
    | "noMesh"
    /** A role lacks something. */
    | "notPermitted"
    /** The API server does not answer. */
    | "away";
  /** Workloads that are turned on, those of them that report, and those with a problem that somebody has to mend. */
  readonly on: number;
  readonly reporting: number;
  readonly troubled: number;
  /** What is wrong with the whole of it, each with what to do. */
  readonly problems: readonly string[];
}

export interface ClusterStatus {
  /** Address of the API server. */
  readonly server: string;
  /** "v1.33.4"; null until it is known. */
  readonly version: string | null;
  readonly namespaces: number;
  readonly workloads: number;
  /** Since when the API server cannot be followed, so that names may be those of then; null while it can. */
  readonly awaySinceMs: number | null;
  readonly watches: readonly WatchStatus[];
  /** Why the picture may not be what there is, each with what to do. */
  readonly problems: readonly string[];
  /** Null where control turns nothing on. */
  readonly optIn: OptInStanding | null;
}
