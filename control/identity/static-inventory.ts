/**
 * The inventory from a YAML file. An example:
 *
 *     clusterCidrs: [10.0.0.0/8]
 *     workloads:
 *       - namespace: shop
 *         name: user
 *         hosts: [user]
 *         addresses: [10.0.1.7]
 *       - namespace: shop
 *         name: user-db
 *         kind: StatefulSet
 *         role: store
 *         addresses: [10.0.2.7, { address: 10.0.2.8, from: 2026-03-01T10:00:00Z }]
 *
 * inventory-file.ts has every field, docs/inventory.md the same for users.
 */
import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Inventory } from "./inventory.ts";
import { parseInventoryFile } from "./inventory-file.ts";
import { InventoryTable } from "./inventory-table.ts";
import type { NodeIdentity } from "./node.ts";

/** Who is told when the file changes. */
export interface InventoryWatcher {
  /** A new state is in force. */
  changed(): void;
  /** The new file could not be read; the old state stays in force. */
  refused(error: Error): void;
}

/** An inventory whose state comes from a file and is replaced as a whole when the file changes. */
export class StaticInventory implements Inventory {
  #table: InventoryTable;
  readonly #path: string | undefined;

  private constructor(table: InventoryTable, path: string | undefined) {
    this.#table = table;
    this.#path = path;
  }

  /** Reads the file. Throws an error that names the file, the line and the field when it cannot be used. */
  static async load(path: string): Promise<StaticInventory> {
    return new StaticInventory(await readTable(path), path);
  }

  /** An inventory that knows no workload and takes the private ranges for the inside. */
  static empty(): StaticInventory {
    return new StaticInventory(new InventoryTable(parseInventoryFile("")), undefined);
  }

  /**
   * Looks at the file every `intervalMs` and takes over what changed. Polled rather than notified: a mounted
   * ConfigMap is exchanged by a symbolic link, which file notifications miss.
   *
   * @returns a function that ends it
   */
  watch(watcher: InventoryWatcher, intervalMs = 1000): () => void {
    const path = this.#path;
    if (path === undefined) return () => undefined;
    const onStat = (): void => {
      readTable(path).then(
        (table) => {
          this.#table = table;
          watcher.changed();
        },
        (error: unknown) => watcher.refused(error as Error),
      );
    };
    watchFile(path, { interval: intervalMs, persistent: false }, onStat);
    return () => unwatchFile(path, onStat);
  }

  byAddress(address: string, atMs: number): NodeIdentity | undefined {
    return this.#table.byAddress(address, atMs);
  }

  byHost(host: string, atMs: number): NodeIdentity | undefined {
    return this.#table.byHost(host, atMs);
  }

  byName(namespace: string, name: string): NodeIdentity | undefined {
    return this.#table.byName(namespace, name);
  }

  byServiceAccount(namespace: string, account: string): readonly NodeIdentity[] {
    return this.#table.byServiceAccount(namespace, account);
  }

  isInside(address: string): boolean {
    return this.#table.isInside(address);
  }

  workloads(): readonly NodeIdentity[] {
    return this.#table.workloads();
  }
}

async function readTable(path: string): Promise<InventoryTable> {
  try {
    return new InventoryTable(parseInventoryFile(await readFile(path, "utf8")));
  } catch (cause) {
    throw new Error(`Reading the inventory at ${path}: ${(cause as Error).message}`, { cause });
  }
}
