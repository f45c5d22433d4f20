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

/** What an id says by itself: "external" and "unresolved" stand for the namespace of who has none. */
export function partsOfId(id: string): Pick<NodeIdentity, "namespace" | "name"> {
  const at = id.indexOf("/");
  return { namespace: id.slice(0, Math.max(at, 0)), name: id.slice(at + 1) };
}
