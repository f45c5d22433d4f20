import type { NodeIdentity } from "./node.ts";
import type { PodEnd } from "./pod-end.ts";

/**
 * The table from address and host name to workload, with time: addresses are reused, so every question names an
 * instant, or a span of which the end is not part. Fed by a static file (static-inventory.ts), by the Kubernetes API's
 * watch (kubernetes/), or by both (joint-inventory.ts). Times are milliseconds since the epoch.
 */
export interface Inventory {
  /** Who held this IP address, with or without a port, all that while: undefined when nobody did, or several. */
  byAddress(address: string, atMs: number, untilMs?: number): NodeIdentity | undefined;
  /** Which pod, on which node and of which version, held it then; each of them empty where that is not known. */
  podAt(address: string, atMs: number, untilMs?: number): PodEnd | undefined;
  /** Why an address names no workload, as an unresolved node; undefined when nothing at all is known of it. */
  whyNobody(address: string, atMs: number, untilMs?: number): NodeIdentity | undefined;
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
