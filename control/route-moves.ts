import type { RouteOf } from "./routes/route-of.ts";
import type { Store } from "./store/store.ts";

/** Routes that have changed and that the store has yet to be told of. */
export class RouteMoves {
  #isAll = false;
  #servers = new Set<string>();

  /** Routes of these servers have changed; of all, where not given. */
  add(servers?: readonly string[]): void {
    if (servers) for (const server of servers) this.#servers.add(server);
    else this.#isAll = true;
  }

  /** Tells the store. What it refuses is told again the next time. */
  async apply(store: Store, routeOf: RouteOf): Promise<void> {
    if (!this.#isAll && this.#servers.size === 0) return;
    const [isAll, servers] = [this.#isAll, this.#servers];
    this.#isAll = false;
    this.#servers = new Set();
    try {
      await store.moveRoutes(routeOf, isAll ? undefined : servers);
    } catch (error) {
      this.add(isAll ? undefined : [...servers]);
      throw error;
    }
  }
}
