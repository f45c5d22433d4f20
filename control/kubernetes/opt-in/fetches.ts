/** Who has fetched the filter from control, since it started: under FAIL_OPEN a mesh does not say when it could not. */
import type { Inventory } from "../../identity/inventory.ts";

interface Fetch {
  readonly address: string;
  readonly atMs: number;
}

/** A pod's sidecar may fetch before the API tells which address the pod has. */
const PATIENCE_MS = 30_000;
/** Who waits to be named; further ones are nobody's. */
const MOST_UNNAMED = 1_000;
const MOST_NAMED = 20_000;

/** Times are milliseconds since the epoch. */
export class Fetches {
  readonly #inventory: Pick<Inventory, "byAddress">;
  /** By node id. */
  readonly #named = new Set<string>();
  #unnamed: Fetch[] = [];
  #strangersMs = Number.NEGATIVE_INFINITY;

  constructor(inventory: Pick<Inventory, "byAddress">) {
    this.#inventory = inventory;
  }

  /** It was sent to this address. */
  note(address: string, atMs: number): void {
    if (this.#unnamed.length === MOST_UNNAMED) this.#strangersMs = atMs;
    else this.#unnamed.push({ address, atMs });
  }

  /** Whether a workload has fetched it, by its node id. */
  has(node: string, nowMs: number): boolean {
    this.#name(nowMs);
    return this.#named.has(node);
  }

  /** When it was last fetched by somebody who is not known, and so may have been anybody. */
  strangersMs(nowMs: number): number {
    this.#name(nowMs);
    return this.#strangersMs;
  }

  #name(nowMs: number): void {
    this.#unnamed = this.#unnamed.filter(({ address, atMs }) => {
      const id = this.#inventory.byAddress(address, atMs)?.id;
      if (id !== undefined && this.#named.size < MOST_NAMED) this.#named.add(id);
      else if (id === undefined && nowMs < atMs + PATIENCE_MS) return true;
      else this.#strangersMs = Math.max(this.#strangersMs, atMs);
      return false;
    });
  }
}
