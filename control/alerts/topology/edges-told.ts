/** Which ends of an edge have told of it, and when last. */

/** Edges that are remembered; further ones are counted. */
const MAX_EDGES = 200_000;

/** Milliseconds since the epoch; -Infinity for never. */
export interface EdgeTold {
  clientMs: number;
  serverMs: number;
}

export class EdgesTold {
  /** By client, then server: no long text is made for each counter. */
  readonly #edges = new Map<string, Map<string, EdgeTold>>();
  #size = 0;
  #skipped = 0;

  /** Tellings that found no room. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Undefined where there is no room for one more. */
  of(client: string, server: string): EdgeTold | undefined {
    let servers = this.#edges.get(client);
    const known = servers?.get(server);
    if (known) return known;
    if (this.#size >= MAX_EDGES) {
      this.#skipped++;
      return undefined;
    }
    if (!servers) this.#edges.set(client, (servers = new Map<string, EdgeTold>()));
    const edge = { clientMs: -Infinity, serverMs: -Infinity };
    servers.set(server, edge);
    this.#size++;
    return edge;
  }

  /** Drops those of which nobody told since an instant. */
  forget(beforeMs: number): void {
    for (const [client, servers] of this.#edges) {
      for (const [server, { clientMs, serverMs }] of servers) {
        if (Math.max(clientMs, serverMs) >= beforeMs) continue;
        servers.delete(server);
        this.#size--;
      }
      if (servers.size === 0) this.#edges.delete(client);
    }
  }
}
