import type { ServiceRoutes } from "#proto/ingest.ts";
import { MAX_TAUGHT_BYTES, MAX_TAUGHT_PLACES, MAX_TAUGHT_RULES, MAX_TAUGHT_RULE_BYTES } from "./limits.ts";
import type { Place } from "./service-routes.ts";

/** What a reporter holds of each rule beside its text, and what a text takes on the wire beside itself. */
const RULE_OVERHEAD = 4;
const WIRE_OVERHEAD = 4;

/** What is known of one service that a reporter sees. */
export interface Knowledge {
  /** Envoy's cluster; empty for the service that the reporter stands at. */
  readonly cluster: string;
  readonly rules: readonly string[];
  readonly places: readonly Place[];
}

export interface Taught {
  readonly serviceRoutes: ServiceRoutes[];
  /** Rules and places that found no room. */
  readonly cut: number;
}

/**
 * What a reporter is taught: the first services whole, as long as it has room for them (wasm-filter/core/limits.ts), and
 * of the others what fits.
 * @param shared rules for all services, which take room too
 */
export function taughtOf(services: readonly Knowledge[], shared: readonly string[]): Taught {
  const room = new Room(shared);
  const serviceRoutes: ServiceRoutes[] = [];
  let cut = 0;
  for (const { cluster, rules, places } of services) {
    if (rules.length === 0 && places.length === 0) continue;
    room.open(cluster);
    const keptRules = fittingRules(rules, room);
    const texts = places.flatMap(textsOf);
    const idPlaces = texts.filter((text) => room.takePlace(text));
    cut += rules.length - keptRules.length + texts.length - idPlaces.length;
    if (keptRules.length > 0 || idPlaces.length > 0) serviceRoutes.push({ cluster, rules: keptRules, idPlaces });
  }
  return { serviceRoutes, cut };
}

/** A place, and the names that stay at it. */
function textsOf({ place, names }: Place): string[] {
  const before = place.slice(0, place.lastIndexOf("/"));
  return [place, ...[...names].sort().map((name) => `${before}/${name}`)];
}

/**
 * The rules that fit, in their order. Those with a parameter go first: a path of names is its own template in most cases,
 * rule or no rule.
 */
function fittingRules(rules: readonly string[], room: Room): string[] {
  const kept = new Set<string>();
  const isGeneral = (rule: string): boolean => /[{*]/.test(rule);
  for (const rule of rules) if (isGeneral(rule) && room.takeRule(rule)) kept.add(rule);
  for (const rule of rules) if (!isGeneral(rule) && room.takeRule(rule)) kept.add(rule);
  return rules.filter((rule) => kept.has(rule));
}

/** What a reporter has room for. */
class Room {
  #rules = MAX_TAUGHT_RULES;
  #ruleBytes = MAX_TAUGHT_RULE_BYTES;
  #places = MAX_TAUGHT_PLACES;
  #bytes = MAX_TAUGHT_BYTES;

  constructor(shared: readonly string[]) {
    for (const rule of shared) this.takeRule(rule);
  }

  open(cluster: string): void {
    this.#bytes -= Buffer.byteLength(cluster) + 2 * WIRE_OVERHEAD;
  }

  takeRule(rule: string): boolean {
    const size = Buffer.byteLength(rule);
    if (this.#rules < 1 || this.#ruleBytes < size + RULE_OVERHEAD || !this.#take(size)) return false;
    this.#rules -= 1;
    this.#ruleBytes -= size + RULE_OVERHEAD;
    return true;
  }

  takePlace(text: string): boolean {
    if (this.#places < 1 || !this.#take(Buffer.byteLength(text))) return false;
    this.#places -= 1;
    return true;
  }

  #take(size: number): boolean {
    if (this.#bytes < size + WIRE_OVERHEAD) return false;
    this.#bytes -= size + WIRE_OVERHEAD;
    return true;
  }
}
