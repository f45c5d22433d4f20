/** When each node was seen first and last, at either end of anything that was counted. */

/** Nodes that are remembered; further ones are counted. */
const MAX_NODES = 100_000;

interface Seen {
  firstMs: number;
  lastMs: number;
}

export class NodesSeen {
  readonly #nodes = new Map<string, Seen>();
  #skipped = 0;

  /** Sightings that found no room. */
  get skipped(): number {
    return this.#skipped;
  }

  add(id: string, fromMs: number, toMs: number): void {
    const seen = this.#nodes.get(id);
    if (seen) {
      if (fromMs < seen.firstMs) seen.firstMs = fromMs;
      if (toMs > seen.lastMs) seen.lastMs = toMs;
    } else if (this.#nodes.size < MAX_NODES) {
      this.#nodes.set(id, { firstMs: fromMs, lastMs: toMs });
    } else {
      this.#skipped++;
    }
  }

  /** Infinity for one that was never seen. */
  firstMs(id: string): number {
    return this.#nodes.get(id)?.firstMs ?? Infinity;
  }

  /** -Infinity for one that was never seen. */
  lastMs(id: string): number {
    return this.#nodes.get(id)?.lastMs ?? -Infinity;
  }
}
