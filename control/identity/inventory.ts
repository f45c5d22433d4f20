import type { NodeIdentity } from "./node.ts";
import type { PodEnd } from "./pod-end.ts";

/**
 * The table from address and host name to workload, with time: addresses are reused, so every question names an
 * instant. Fed by a static file (static-inventory.ts), later by the Kubernetes API's watch.
 */
export interface Inventory {
  /** Who held this IP address (no port) at that instant, in milliseconds since the epoch. */
  byAddress(address: string, atMs: number): NodeIdentity | undefined;
  /** Which pod, on which node and of which version, held it then; each of them empty where that is not known. */
  podAt(address: string, atMs: number): PodEnd | undefined;
  /** The workload behind a service's host name, as it stands in a cluster name or a Host header. */
  byHost(host: string, atMs: number): NodeIdentity | undefined;
  /** A workload by namespace and name. */
  byName(namespace: string, name: string): NodeIdentity | undefined;
  /**
   * The workloads that run under a Kubernetes service account: what a SPIFFE id names. Several may share one, so only
   * a single answer names a workload.
   */
  byServiceAccount(namespace: string, account: string): readonly NodeIdentity[];
  /** Whether an address lies inside the cluster, so that not knowing it is a gap and not the outside world. */
  isInside(address: string): boolean;
  /** Texts of an annotation, by the id of the workload that has it. */
  annotated(annotation: string): ReadonlyMap<string, string>;
  /** Every workload known now. */
  workloads(): readonly NodeIdentity[];
}
