import { PROTOCOLS } from "../../identity/observation.ts";
import type { Observation } from "../../identity/observation.ts";
import { OUTCOMES } from "../../world/outcomes.ts";
import type { Move } from "./move-routes.ts";

/** What a key stands for. */
export type KeyFields = Pick<
  Observation,
  "side" | "client" | "server" | "protocol" | "method" | "route" | "outcome" | "status"
>;

/** By what is told apart by a word, by route: number. */
type OfMethod = Map<number, Map<string, number>>;

const SIDES = ["destination", "source", "wire"] as const satisfies readonly KeyFields["side"][];

/**
 * The numbers of keys by what they say, in steps: server, client, method, the rest, route. To put all of it together into
 * one text, each time that a counter is stored, takes longer than to store it.
 */
export class KeyIds {
  readonly #servers = new Map<string, Map<string, Map<string, OfMethod>>>();

  get(key: KeyFields): number | undefined {
    const { server, client, method, route } = key;
    return this.#servers.get(server)?.get(client)?.get(method)?.get(wordOf(key))?.get(route);
  }

  /** Of several numbers for the same the first counts. */
  add(key: KeyFields, id: number): void {
    const { server, client, method, route } = key;
    const ofMethod = within(within(within(this.#servers, server), client), method);
    const routes = within(ofMethod, wordOf(key));
    if (!routes.has(route)) routes.set(route, id);
  }

  /** Gives the keys of endpoints other routes, all at once; of those that say the same then, one stays. */
  move(moves: readonly Move[]): void {
    const taken = moves.flatMap((move) => this.#take(move));
    for (const { routes, route, id } of taken) if (!routes.has(route)) routes.set(route, id);
  }

  #take({ from: { server, protocol, method, route: from }, route }: Move): Taken[] {
    const taken: Taken[] = [];
    for (const methods of this.#servers.get(server)?.values() ?? []) {
      for (const [word, routes] of methods.get(method) ?? []) {
        const id = protocolOf(word) === protocol ? routes.get(from) : undefined;
        if (id === undefined) continue;
        routes.delete(from);
        taken.push({ routes, route, id });
      }
    }
    return taken;
  }
}

/** A number on its way to another route. */
interface Taken {
  readonly routes: Map<string, number>;
  readonly route: string;
  readonly id: number;
}

function within<K, K2, V>(map: Map<K, Map<K2, V>>, key: K): Map<K2, V> {
  const known = map.get(key);
  if (known) return known;
  const made = new Map<K2, V>();
  map.set(key, made);
  return made;
}

/** What there are few of, as one number. */
function wordOf({ side, protocol, outcome, status }: KeyFields): number {
  const place = (status * SIDES.length + SIDES.indexOf(side)) * OUTCOMES.length + OUTCOMES.indexOf(outcome);
  return place * PROTOCOLS.length + PROTOCOLS.indexOf(protocol);
}

function protocolOf(word: number): KeyFields["protocol"] {
  return PROTOCOLS[word % PROTOCOLS.length]!;
}
