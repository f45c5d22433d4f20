/** What a node is, in words. */
import type { NodeKind } from "../../../control/identity/node.ts";

export const KIND_WORD: Readonly<Record<NodeKind | "namespace", string>> = {
  workload: "workload",
  store: "store",
  unmeshed: "unmeshed workload",
  external: "external",
  unresolved: "unresolved",
  namespace: "namespace",
};

export const KIND_MEANING: Readonly<Record<NodeKind | "namespace", string>> = {
  workload: "Has a sidecar that reports",
  store: "A database, cache or queue; seen from its clients",
  unmeshed: "Has no sidecar; seen from the other end",
  external: "Outside the cluster",
  unresolved: "An address that nothing is known about",
  namespace: "Every workload of this namespace, folded",
};
