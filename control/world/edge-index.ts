import type { Observation } from "../identity/observation.ts";
import type { EdgeState } from "./edge-state.ts";

/**
 * Edges by their ends, in steps: client, server, protocol. Ids are texts that are put together, which would take longer, for
 * each counter of each window, than to count it.
 */
export class EdgeIndex {
  readonly #clients = new Map<string, Map<string, EdgeState[]>>();

  get({ client, server, protocol }: Pick<Observation, "client" | "server" | "protocol">): EdgeState | undefined {
    const edges = this.#clients.get(client)?.get(server);
    if (edges) for (const edge of edges) if (edge.protocol === protocol) return edge;
    return undefined;
  }

  add(edge: EdgeState): void {
    const { client, server } = edge;
    const servers = this.#clients.get(client.id) ?? new Map<string, EdgeState[]>();
    this.#clients.set(client.id, servers);
    servers.set(server.id, [...(servers.get(server.id) ?? []), edge]);
  }

  delete(edge: EdgeState): void {
    const { client, server } = edge;
    const servers = this.#clients.get(client.id);
    const others = servers?.get(server.id)?.filter((other) => other !== edge) ?? [];
    if (others.length > 0) servers?.set(server.id, others);
    else servers?.delete(server.id);
    if (servers?.size === 0) this.#clients.delete(client.id);
  }
}
