import type { OptInStatus, OptedInWorkload } from "../../../control/api/opt-in-source.ts";

/** When the plugin was written. */
export const WRITTEN = Date.parse("2026-03-01T10:00:00Z");

export const userReports: OptedInWorkload = {
  ...{ namespace: "shop", name: "user", kind: "Deployment", state: "reporting", by: "namespace" },
  plugin: { name: "sidelight", sinceMs: WRITTEN },
  ...{
    pods: 3,
    included: 3,
    sidecars: 3,
    reporting: { sinceMs: WRITTEN + 1_000, lastMs: WRITTEN + 9_000 },
    problems: [],
  },
};
const cartIsRefused: OptedInWorkload = {
  ...{ namespace: "store", name: "cart", kind: "Rollout", state: "notWritten", by: "workload", plugin: null },
  ...{ pods: 1, included: 1, sidecars: 0, reporting: null, problems: ["The webhook said no"] },
};
/** One that reports and one that is refused. */
export const optedInShop: OptInStatus = {
  isLeader: true,
  workloads: [userReports, cartIsRefused],
  problems: ["Namespace x says yes"],
};
