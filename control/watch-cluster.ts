/** Wires the inventory that the API of a cluster tells. */
import type { Registry } from "prom-client";
import type { ClusterStatus } from "./api/cluster-source.ts";
import type { Config } from "./config.ts";
import { ApiServer } from "./kubernetes/api-server.ts";
import { readCredentials } from "./kubernetes/credentials.ts";
import { KubernetesInventory } from "./kubernetes/kubernetes-inventory.ts";
import { registerKubernetesMetrics } from "./kubernetes/metrics.ts";
import { ServerVersion } from "./kubernetes/server-version.ts";
import { Watching } from "./kubernetes/watching.ts";
import type { Log } from "./log.ts";

/** Nothing is named before the cluster was listed, or what waits in the inbox would be named by nothing; but no longer than this. */
const LISTED_LIMIT_MS = 30_000;
/** Those who are told of changes look at all workloads, so they are told of many at once. */
const CHANGES_INTERVAL_MS = 1_000;
const OF_WORKLOADS = [
  ...(["namespaces", "pods", "replicasets", "jobs", "deployments", "statefulsets", "daemonsets"] as const),
];

export interface WatchClusterDeps {
  readonly config: Pick<Config, "kubernetes">;
  readonly registry: Registry;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface WatchedCluster {
  readonly inventory: KubernetesInventory;
  readonly api: ApiServer;
  /** Whether everything was listed that pods and what makes them are known by. */
  isListed(): boolean;
  /** All but how opt-in stands. */
  status(): Omit<ClusterStatus, "optIn">;
  /** @returns what ends it */
  watch(changed: () => void): () => void;
  close(): Promise<void>;
}

/** Lists the cluster. Throws when the kubeconfig cannot be used; an API server that is away is waited for later. */
export async function watchCluster({ config, registry, log, now }: WatchClusterDeps): Promise<WatchedCluster> {
  const credentials = await readCredentials(config.kubernetes);
  let hasChanged = false;
  const inventory = new KubernetesInventory(() => (hasChanged = true));
  const api = new ApiServer(credentials);
  const watching = new Watching({
    ...{ inventory, now, api },
    warn: (message, error) => log.warn({ err: error }, message),
    info: (message) => log.info(message),
  });
  registerKubernetesMetrics(registry, { watching, inventory, now });
  const server = credentials.getCurrentCluster()?.server;
  const version = new ServerVersion(api);
  const missing = await watching.listed(LISTED_LIMIT_MS);
  if (missing.length === 0) log.info({ server, workloads: inventory.workloads().length }, "The cluster is listed");
  else log.warn({ server, missing }, "The cluster is not listed in full; what is missing is tried again and again");
  const warned = new Set<string>();
  const warnOfRoles = (): void => {
    for (const { workload, role } of inventory.wrongRoles()) {
      if (warned.has(workload)) continue;
      warned.add(workload);
      log.warn(
        { workload, role },
        "The annotation sidelight.dev/role must be workload, store or unmeshed; it has no effect",
      );
    }
  };
  return {
    inventory,
    api,
    isListed() {
      const status = watching.status();
      return OF_WORKLOADS.every((resource) => (status.get(resource)?.inStepMs ?? 0) > 0);
    },
    status() {
      return {
        server: server ?? "",
        version: version.text ?? null,
        namespaces: inventory.observedNamespaces().size,
        workloads: inventory.workloads().length,
        awaySinceMs: watching.awaySinceMs ?? null,
        watches: watching.watches(),
        problems: watching.problems,
      };
    },
    watch(changed) {
      const timer = setInterval(() => {
        if (!hasChanged) return;
        hasChanged = false;
        warnOfRoles();
        changed();
      }, CHANGES_INTERVAL_MS).unref();
      return () => clearInterval(timer);
    },
    close() {
      version.stop();
      return watching.stop();
    },
  };
}
