import type { NodeIdentity } from "./node.ts";

/** All clients outside the cluster: who they are is not control's to know, and their addresses are without number. */
export const EXTERNAL_CLIENTS = external("clients");
/** External hosts past the limit of ExternalHosts. */
export const OTHER_EXTERNAL_HOSTS = external("~other");

/** A host outside the cluster. */
export function external(host: string): NodeIdentity {
  return {
    id: `external/${host}`,
    kind: "external",
    namespace: "",
    name: host,
    workloadKind: "",
    service: host,
    reason: "",
  };
}

/**
 * Someone inside the cluster of whom it is not known who. `name` tells cases apart in the id and is never anything
 * that a client can choose; `reason` is a sentence for people.
 */
export function unresolved(name: string, reason: string): NodeIdentity {
  return { id: `unresolved/${name}`, kind: "unresolved", namespace: "", name, workloadKind: "", service: name, reason };
}

/** An address that several workloads held, one after the other, within one window. */
export const ADDRESS_REUSED = unresolved(
  "address-reused",
  "its address passed from one workload to another while it was counted",
);

/** A Kubernetes node itself. */
export const NODE_ADDRESS = unresolved(
  "node-address",
  "its address is a node's, which all programs and pods in the node's network share, and clients that it forwards",
);

/** A tap, which stands at no workload: it tells of whoever its Kubernetes node hears. */
export function tapOn(node: string): NodeIdentity {
  const name = node || "unknown";
  const workloadKind = "DaemonSet";
  return { id: `tap/${name}`, kind: "unmeshed", namespace: "", name, workloadKind, service: "tap", reason: "" };
}

/** The Kubernetes node of a tap; undefined for what is none. */
export function nodeOfTap({ id, service }: NodeIdentity): string | undefined {
  return service === "tap" && id.startsWith("tap/") ? id.slice("tap/".length) : undefined;
}

/** A workload that the mesh names and the inventory does not know. */
export function meshWorkload(namespace: string, name: string): NodeIdentity {
  return { id: `${namespace}/${name}`, kind: "workload", namespace, name, workloadKind: "", service: name, reason: "" };
}
