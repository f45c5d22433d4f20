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
import { readFile, stat } from "node:fs/promises";
import type { Inventory } from "./inventory.ts";
import { parseInventoryFile } from "./inventory-file.ts";
import { InventoryTable } from "./inventory-table.ts";
import type { NodeIdentity } from "./node.ts";
import type { PodEnd } from "./pod-end.ts";
import { poll } from "./poll.ts";

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
  /** Which state of the file was read last. */
  #seen: string;
  readonly #path: string | undefined;

  private constructor(table: InventoryTable, seen: string, path?: string) {
    this.#table = table;
    this.#seen = seen;
    this.#path = path;
  }

  /** Reads the file. Throws an error that names the file, the line and the field when it cannot be used. */
  static async load(path: string): Promise<StaticInventory> {
    // Looked at before it is read: what changes in between is read again by the watch.
    const seen = await stateOf(path);
    return new StaticInventory(await readTable(path), seen, path);
  }

  /** An inventory that knows no workload and takes the private ranges for the inside. */
  static empty(): StaticInventory {
    return new StaticInventory(new InventoryTable(parseInventoryFile("")), "");
  }

  /** Looks at the file every `intervalMs` and takes over what changed. @returns a function that ends it */
  watch(watcher: InventoryWatcher, intervalMs = 1000): () => void {
    const path = this.#path;
    if (path === undefined) return () => undefined;
    return poll(() => this.#readIfChanged(path, watcher), intervalMs);
  }

  async #readIfChanged(path: string, watcher: InventoryWatcher): Promise<void> {
    const state = await stateOf(path);
    if (state === this.#seen) return;
    this.#seen = state;
    try {
      this.#table = await readTable(path);
    } catch (error) {
      watcher.refused(error as Error);
      return;
    }
    watcher.changed();
  }

  byAddress(address: string, atMs: number, untilMs?: number): NodeIdentity | undefined {
    return this.#table.byAddress(address, atMs, untilMs);
  }

  podAt(address: string, atMs: number, untilMs?: number): PodEnd | undefined {
    return this.#table.podAt(address, atMs, untilMs);
  }

  whyNobody(address: string, atMs: number, untilMs?: number): NodeIdentity | undefined {
    return this.#table.whyNobody(address, atMs, untilMs);
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

  annotated(annotation: string): ReadonlyMap<string, string> {
    return this.#table.annotated(annotation);
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

/** What tells one state of a file from another; empty where there is none. */
async function stateOf(path: string): Promise<string> {
  return await stat(path).then(
    ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
    () => "",
  );
}
