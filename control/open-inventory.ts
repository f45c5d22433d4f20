/** Wires what says who is who: the inventory file, the API of a cluster, or both. */
import type { Registry } from "prom-client";
import type { Config } from "./config.ts";
import type { Inventory } from "./identity/inventory.ts";
import { JointInventory } from "./identity/joint-inventory.ts";
import { StaticInventory } from "./identity/static-inventory.ts";
import { ApiServer } from "./kubernetes/api-server.ts";
import { asksKubernetes, readCredentials } from "./kubernetes/credentials.ts";
import { KubernetesInventory } from "./kubernetes/kubernetes-inventory.ts";
import { registerKubernetesMetrics } from "./kubernetes/metrics.ts";
import { Watching } from "./kubernetes/watching.ts";
import type { Log } from "./log.ts";

/** Nothing is named before the cluster was listed, or what waits in the inbox would be named by nothing; but no longer than this. */
const LISTED_LIMIT_MS = 30_000;
/** Those who are told of changes look at all workloads, so they are told of many at once. */
const CHANGES_INTERVAL_MS = 1_000;

export interface OpenInventory {
  readonly inventory: Inventory;
  /** Tells of changes from now on. */
  watch(changed: () => void): void;
  close(): Promise<void>;
}

export interface OpenInventoryDeps {
  readonly config: Pick<Config, "inventory" | "kubernetes">;
  readonly registry: Registry;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Reads the file and lists the cluster. Throws when the file or the kubeconfig cannot be used; an API server that is away is waited for later. */
export async function openInventory(deps: OpenInventoryDeps): Promise<OpenInventory> {
  const { config, log } = deps;
  const file = config.inventory ? await StaticInventory.load(config.inventory) : undefined;
  const cluster = asksKubernetes(config.kubernetes) ? await watchCluster(deps) : undefined;
  const unwatch: (() => void)[] = [];
  const refused = (error: Error): void =>
    log.error({ err: error }, "The inventory's new file is refused; the one before stays in force");
  return {
    inventory: joint(cluster?.inventory, file),
    watch(changed) {
      const told = (): void => {
        log.info({ workloads: file?.workloads().length }, "The inventory file changed");
        changed();
      };
      if (file) unwatch.push(file.watch({ changed: told, refused }));
      if (cluster) unwatch.push(cluster.watch(changed));
    },
    async close() {
      for (const end of unwatch) end();
      await cluster?.close();
    },
  };
}

function joint(cluster: Inventory | undefined, file: Inventory | undefined): Inventory {
  if (cluster && file) return new JointInventory(cluster, file);
  return cluster ?? file ?? StaticInventory.empty();
}

interface WatchedCluster {
  readonly inventory: KubernetesInventory;
  /** @returns what ends it */
  watch(changed: () => void): () => void;
  close(): Promise<void>;
}

async function watchCluster({ config, registry, log, now }: OpenInventoryDeps): Promise<WatchedCluster> {
  const credentials = await readCredentials(config.kubernetes);
  let hasChanged = false;
  const inventory = new KubernetesInventory(() => (hasChanged = true));
  const watching = new Watching({
    ...{ inventory, now, api: new ApiServer(credentials) },
    warn: (message, error) => log.warn({ err: error }, message),
    info: (message) => log.info(message),
  });
  registerKubernetesMetrics(registry, { watching, inventory, now });
  const server = credentials.getCurrentCluster()?.server;
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
    watch(changed) {
      const timer = setInterval(() => {
        if (!hasChanged) return;
        hasChanged = false;
        warnOfRoles();
        changed();
      }, CHANGES_INTERVAL_MS).unref();
      return () => clearInterval(timer);
    },
    close: () => watching.stop(),
  };
}
