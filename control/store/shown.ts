import { VIEWS, isOnlyOnTheWire, shownOf, viewOf } from "../world/reporter-rule.ts";
import type { CounterKey } from "./counter-row.ts";

type Reported = Pick<CounterKey, "side" | "client" | "server" | "protocol" | "outcome">;

/** The reporter rule of world/reporter-rule.ts over what was reported in a range, all of it. */
export class Shown {
  readonly #asDestination = new Set<string>();
  readonly #heard = new Set<string>();

  constructor(present: Iterable<Pick<CounterKey, "side" | "client" | "server">> = []) {
    for (const key of present) this.note(key);
  }

  /** Something was reported in the range. */
  note({ side, client, server }: Pick<CounterKey, "side" | "client" | "server">): void {
    if (side === "destination") {
      this.#asDestination.add(server);
      this.#heard.add(server);
    } else if (side === "source") {
      this.#heard.add(client);
    }
  }

  /** Whether what was noted is enough to say of a key whether it is shown: nothing that is noted later changes that. */
  isSettled({ server, protocol }: Pick<CounterKey, "server" | "protocol">): boolean {
    return isOnlyOnTheWire(protocol) || this.#asDestination.has(server);
  }

  has(key: Reported): boolean {
    const serverAsDestination = this.#asDestination.has(key.server);
    const eitherEnd = this.#heard.has(key.server) || this.#heard.has(key.client);
    const { views } = shownOf({ protocol: key.protocol, serverAsDestination, eitherEnd });
    return views.some((view) => VIEWS[view] === VIEWS[viewOf(key)]);
  }
}
