export type NodeKind = "workload" | "store" | "unmeshed" | "external" | "unresolved";

/** What an address, principal or host was resolved to. `id` is "namespace/name", "external/host" or "unresolved/reason". */
export interface NodeIdentity {
  readonly id: string;
  readonly kind: NodeKind;
  readonly namespace: string;
  readonly name: string;
  /** Deployment, StatefulSet, ...; empty for what is no workload. */
  readonly workloadKind: string;
  /** The service the workload belongs to; equals `name` where nothing else is known. */
  readonly service: string;
  /** Why it could not be resolved; empty otherwise. */
  readonly reason: string;
}
