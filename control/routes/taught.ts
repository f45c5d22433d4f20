import type { ServiceRoutes } from "#proto/ingest.ts";
import {
  MAX_TAUGHT_ADDRESSES,
  MAX_TAUGHT_BYTES,
  MAX_TAUGHT_PLACES,
  MAX_TAUGHT_RULES,
  MAX_TAUGHT_RULE_BYTES,
  MAX_TAUGHT_SERVICES,
} from "./limits.ts";
import type { Place } from "./service-routes.ts";

/** What a reporter holds of each rule beside its text, and what a text takes on the wire beside itself. */
const RULE_OVERHEAD = 4;
const WIRE_OVERHEAD = 4;

/** What is known of one service that a reporter sees. */
export interface Knowledge {
  /** Envoy's cluster; empty for the service that the reporter stands at. */
  readonly cluster: string;
  /** Of what a tap hears, the addresses of the service; it has no cluster. */
  readonly addresses?: readonly string[];
  readonly rules: readonly string[];
  readonly places: readonly Place[];
}

export interface Taught {
  readonly serviceRoutes: ServiceRoutes[];
  /** Rules, places and addresses that found no room. */
  readonly cut: number;
}

/**
 * What a reporter is taught: the first services whole, as long as it has room for them (wasm-filter/core/limits.ts), and
 * of the others what fits. What is left out must not make another rule or place say what it would not say beside it: of
 * rules the last ones are left out, and a place goes with all the names that stay at it.
 * @param shared rules for all services, which take room too
 */
export function taughtOf(services: readonly Knowledge[], shared: readonly string[]): Taught {
  const room = new Room(shared);
  const serviceRoutes: ServiceRoutes[] = [];
  let cut = 0;
  for (const { cluster, addresses: all = [], rules, places } of services) {
    if (rules.length === 0 && places.length === 0) continue;
    room.open(cluster);
    const addresses = all.filter((address) => room.takeAddress(address));
    cut += all.length - addresses.length;
    // What is taught of nobody would be that of the reporter's own service.
    if (all.length > 0 && (addresses.length === 0 || serviceRoutes.length === MAX_TAUGHT_SERVICES)) continue;
    const end = rules.findIndex((rule) => !room.takeRule(rule));
    const fitting = end < 0 ? rules.slice() : rules.slice(0, end);
    const fittingPlaces = places.map(textsOf).filter((texts) => room.takePlaces(texts));
    cut += rules.length - fitting.length + places.length - fittingPlaces.length;
    if (fitting.length + fittingPlaces.length === 0) continue;
    serviceRoutes.push({ cluster, rules: fitting, idPlaces: fittingPlaces.flat(), addresses });
  }
  return { serviceRoutes, cut };
}

/** A place, and the names that stay at it. */
function textsOf({ place, names }: Place): string[] {
  const before = place.slice(0, place.lastIndexOf("/"));
  return [place, ...[...names].sort().map((name) => `${before}/${name}`)];
}

/** What a reporter has room for. */
class Room {
  #rules = MAX_TAUGHT_RULES;
  #ruleBytes = MAX_TAUGHT_RULE_BYTES;
  #places = MAX_TAUGHT_PLACES;
  #addresses = MAX_TAUGHT_ADDRESSES;
  #bytes = MAX_TAUGHT_BYTES;

  constructor(shared: readonly string[]) {
    for (const rule of shared) this.takeRule(rule);
  }

  open(cluster: string): void {
    this.#bytes -= Buffer.byteLength(cluster) + 2 * WIRE_OVERHEAD;
  }

  takeAddress(address: string): boolean {
    if (this.#addresses < 1 || !this.#take(Buffer.byteLength(address))) return false;
    this.#addresses -= 1;
    return true;
  }

  takeRule(rule: string): boolean {
    const size = Buffer.byteLength(rule);
    if (this.#rules < 1 || this.#ruleBytes < size + RULE_OVERHEAD || !this.#take(size)) return false;
    this.#rules -= 1;
    this.#ruleBytes -= size + RULE_OVERHEAD;
    return true;
  }

  takePlaces(texts: readonly string[]): boolean {
    const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + WIRE_OVERHEAD, 0);
    if (this.#places < texts.length || !this.#take(size - WIRE_OVERHEAD)) return false;
    this.#places -= texts.length;
    return true;
  }

  #take(size: number): boolean {
    if (this.#bytes < size + WIRE_OVERHEAD) return false;
    this.#bytes -= size + WIRE_OVERHEAD;
    return true;
  }
}
