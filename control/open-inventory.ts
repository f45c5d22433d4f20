/** Wires what says who is who: the inventory file, the API of a cluster, or both. */
import type { Registry } from "prom-client";
import type { Config } from "./config.ts";
import type { Inventory } from "./identity/inventory.ts";
import { JointInventory } from "./identity/joint-inventory.ts";
import { StaticInventory } from "./identity/static-inventory.ts";
import { asksKubernetes } from "./kubernetes/credentials.ts";
import type { Log } from "./log.ts";
import { watchCluster } from "./watch-cluster.ts";
import type { WatchedCluster } from "./watch-cluster.ts";

export interface OpenInventory {
  readonly inventory: Inventory;
  /** Undefined where no cluster is asked. */
  readonly cluster: WatchedCluster | undefined;
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
    cluster,
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
