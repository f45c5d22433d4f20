import type {
  OptInSource,
  OptInStatus,
  OptedInNamespace,
  OptedInWorkload,
} from "../../../control/api/opt-in-source.ts";

/** When the plugin was written. */
export const WRITTEN = Date.parse("2026-03-01T10:00:00Z");

export const userReports: OptedInWorkload = {
  ...{ namespace: "shop", name: "user", kind: "Deployment", state: "reporting", by: "namespace", stated: null },
  plugin: { name: "sidelight", sinceMs: WRITTEN },
  ...{
    pods: 3,
    included: 3,
    sidecars: 3,
    meshed: 3,
    reporting: { sinceMs: WRITTEN + 1_000, lastMs: WRITTEN + 9_000 },
    lastReportMs: WRITTEN + 9_000,
    problems: [],
  },
};
const cartIsRefused: OptedInWorkload = {
  ...{ namespace: "store", name: "cart", kind: "Rollout", state: "notWritten", by: "workload", plugin: null },
  ...{ pods: 1, included: 1, sidecars: 0, meshed: 0, reporting: null, lastReportMs: null },
  stated: { on: "template", name: "cart", value: "true" },
  problems: ["The webhook said no"],
};
/** Nothing turns it on, and it reports. */
const byHand: OptedInWorkload = {
  ...{ namespace: "store", name: "gate", kind: "Deployment", state: "off", by: null, stated: null, plugin: null },
  ...{ pods: 2, included: 0, sidecars: 0, meshed: 2, problems: [] },
  ...{ reporting: { sinceMs: WRITTEN, lastMs: WRITTEN + 9_000 }, lastReportMs: WRITTEN + 9_000 },
};
const namespaces: readonly OptedInNamespace[] = [
  ...["shop", "store"].map((name, index) => ({
    ...{ name, observe: index === 0 ? "true" : null, isRoot: false, problem: null },
    ...{ workloads: 1 + index, on: 1, reporting: 1 },
  })),
];
/** One that reports and one that is refused. */
export const optedInShop: OptInStatus = {
  isLeader: true,
  namespaces: namespaces.slice(0, 1),
  workloads: [userReports, cartIsRefused],
  problems: ["Namespace x says yes"],
};
/** The same with everybody there is. */
export const wholeCluster: OptInStatus = {
  ...optedInShop,
  namespaces,
  workloads: [userReports, cartIsRefused, byHand],
};
export const clusterOptIn: OptInSource = { status: (tellsAll) => (tellsAll ? wholeCluster : optedInShop) };
