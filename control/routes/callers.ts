import { MAX_CALLED_CLUSTERS, MAX_CALLERS, MAX_CLUSTERS_PER_CALLER, MAX_SERVERS_PER_CLUSTER } from "./limits.ts";

/** Who calls whom: by caller, then by Envoy's cluster, the servers behind it. */
export type CallersContent = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/**
 * Which clusters lead which caller to which server. A caller is a workload, so that a pod that was just started is taught
 * what its siblings have need of. Those that were not seen for longest make room.
 */
export class Callers {
  readonly #clusters = new Map<string, Map<string, Set<string>>>();
  #size = 0;
  #cut = 0;

  /** Clusters of which no more was kept: their caller has too many. */
  get cut(): number {
    return this.#cut;
  }

  /** A caller asked something of a server, through this cluster. @returns whether that is news */
  saw(caller: string, cluster: string, server: string): boolean {
    const clusters = this.#clusters.get(caller) ?? new Map<string, Set<string>>();
    this.#clusters.delete(caller);
    this.#clusters.set(caller, clusters);
    const servers = clusters.get(cluster) ?? new Set();
    if (servers.has(server) || servers.size > MAX_SERVERS_PER_CLUSTER) return false;
    if (servers.size === 0) {
      if (clusters.size >= MAX_CLUSTERS_PER_CALLER) {
        this.#cut += 1;
        return false;
      }
      this.#size += 1;
    }
    clusters.set(cluster, servers.add(server));
    this.#makeRoom();
    return true;
  }

  /**
   * The clusters of a caller, and the servers behind each. Behind one with many servers stands no service: it lets through
   * whatever is asked for, and is none of these.
   */
  clustersOf(caller: string): readonly (readonly [string, readonly string[]])[] {
    return [...(this.#clusters.get(caller) ?? [])]
      .filter(([, servers]) => servers.size <= MAX_SERVERS_PER_CLUSTER)
      .map(([cluster, servers]) => [cluster, [...servers]]);
  }

  /** Whether a caller asks one of these servers. */
  calls(caller: string, servers: ReadonlySet<string>): boolean {
    return this.clustersOf(caller).some(([, behind]) => behind.some((server) => servers.has(server)));
  }

  /** What is to be kept of it: all that leads to a server for which this holds. */
  content(isWanted: (server: string) => boolean): CallersContent {
    const content = new Map<string, Map<string, readonly string[]>>();
    for (const caller of this.#clusters.keys()) {
      const clusters = this.clustersOf(caller)
        .map(([cluster, servers]) => [cluster, servers.filter(isWanted)] as const)
        .filter(([, servers]) => servers.length > 0);
      if (clusters.length > 0) content.set(caller, new Map(clusters));
    }
    return content;
  }

  restore(content: CallersContent): void {
    for (const [caller, clusters] of content) {
      for (const [cluster, servers] of clusters) for (const server of servers) this.saw(caller, cluster, server);
    }
  }

  #makeRoom(): void {
    for (const [caller, clusters] of this.#clusters) {
      if (this.#clusters.size <= MAX_CALLERS && this.#size <= MAX_CALLED_CLUSTERS) return;
      this.#clusters.delete(caller);
      this.#size -= clusters.size;
    }
  }
}
