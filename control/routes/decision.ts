/**
 * Whether what stands at one place of a service's paths are ids or names.
 *
 * Names are a closed set: a service has so many resources, and after a while each was seen again and again. Ids keep
 * coming. How likely the next one is a new one follows from how many were seen only once (Good, "The population
 * frequencies of species", 1953: the share of what was seen once among all sightings). That depends neither on the order
 * nor on how popular the popular ones are.
 */
import { MAX_KEPT_NAMES } from "./limits.ts";
import { READ } from "./route-tree.ts";
import type { RouteNode } from "./route-tree.ts";

/** Fewer values than this are never taken for ids by their number, ... */
const MIN_VALUES = 60;
/** ... and fewer than this not even where all have the same names below them. */
export const MIN_ALIKE = 20;
/** Stretches of time in which the place must have been seen: at first everything is new. */
const MIN_SIGHTINGS = 20;
/** The share of new ones from which on a set of values is open. */
const OPEN_SHARE = 0.4;
/** So many are ids, unless they can be told apart by what is done with them; ... */
const MANY_VALUES = 100;
/** ... and so many in any case, since a reporter keeps 200 endpoints of a service. It takes a moment to see the names. */
const MAX_VALUES = 190;
const MOMENT_SIGHTINGS = 3;
const MAX_VALUES_AT_ONCE = 1_000;

/** Whether the segments below this node are ids. */
export function areIds(node: RouteNode): boolean {
  if (node.children.size < MIN_ALIKE) return false;
  const values = valuesOf(node);
  const { sightings } = node;
  if (values.length >= MAX_VALUES_AT_ONCE) return true;
  if (values.length >= MAX_VALUES) return sightings >= MOMENT_SIGHTINGS;
  if (sightings < MIN_SIGHTINGS || values.length < MIN_ALIKE) return false;
  return isOpen(values) || areAlike(values);
}

/** The children that may be values of an id. */
export function valuesOf(node: RouteNode): RouteNode[] {
  return [...node.children.values()].filter((child) => child.isValue);
}

function isOpen(values: readonly RouteNode[]): boolean {
  if (values.length < MIN_VALUES || haveMethodsOfTheirOwn(values)) return false;
  const once = values.filter(({ sightings }) => sightings === 1).length;
  const all = values.reduce((sum, { sightings }) => sum + sightings, 0);
  return values.length >= MANY_VALUES || once >= all * OPEN_SHARE;
}

/** Sightings after which a value was asked for in every way that is usual. */
const WELL_KNOWN = 4;
const MIN_WELL_KNOWN = 12;
const OWN_METHODS_SHARE = 0.15;

/**
 * Whether some values are only ever read and others only ever posted to, as the methods of an RPC over HTTP are
 * ("/api/users.list", "/api/chat.postMessage"): what can be done with one id can be done with the next.
 */
function haveMethodsOfTheirOwn(values: readonly RouteNode[]): boolean {
  const known = values.filter(({ children, sightings }) => children.size === 0 && sightings >= WELL_KNOWN);
  const read = known.filter(({ methods }) => methods === READ).length;
  const written = known.filter(({ methods }) => (methods & READ) === 0).length;
  return known.length >= MIN_WELL_KNOWN && Math.min(read, written) >= known.length * OWN_METHODS_SHARE;
}

/** A value is a name beside ids where it was asked for so often, and so much more often than any that is none. */
const NAME_COUNT = 10;
const NAME_GAP = 4;

/**
 * The values that are names all the same: "/orders/search" beside "/orders/{id}", or a service's own paths in a flood of
 * invented ones. Ids differ in popularity too, but from one to the next it falls little by little (by half at most where
 * it follows Zipf's law); below the names there is a step.
 */
export function namesAmong(node: RouteNode): ReadonlySet<string> {
  const sorted = valuesOf(node).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  for (let names = Math.min(MAX_KEPT_NAMES, sorted.length - 1); names > 0; names--) {
    const [last, next] = [sorted[names - 1]!.count, sorted[names]!.count];
    if (last >= NAME_COUNT && last >= next * NAME_GAP) return new Set(sorted.slice(0, names).map(({ name }) => name));
  }
  return new Set();
}

/** Names below one value that are looked at. */
const MAX_NAMES_BELOW = 64;
/** With fewer names below it a value says nothing of itself. */
const MIN_NAMES_BELOW = 3;
/** The share of values that must say something and agree, and of each one's names that others must have too. */
const ALIKE_SHARE = 0.8;
/** A name that so many others have, by their share, is no value's own. */
const COMMON_SHARE = 0.15;

/**
 * Whether values have nothing of their own below them, as tenants have: "/acme/orders" and "/acme/members" are there for
 * each. Resources share "/{id}" with each other and perhaps a verb; the rest is their own.
 */
function areAlike(values: readonly RouteNode[]): boolean {
  const telling = values.map(namesBelow).filter((names) => names.length >= MIN_NAMES_BELOW);
  if (telling.length < MIN_ALIKE || telling.length < values.length / 2) return false;
  const holders = new Map<string, number>();
  for (const names of telling) for (const name of names) holders.set(name, (holders.get(name) ?? 0) + 1);
  const isCommon = (name: string): boolean => holders.get(name)! >= telling.length * COMMON_SHARE;
  const alike = telling.filter((names) => names.filter(isCommon).length >= names.length * ALIKE_SHARE);
  return alike.length >= telling.length * ALIKE_SHARE;
}

function namesBelow(node: RouteNode): string[] {
  return valuesOf(node)
    .slice(0, MAX_NAMES_BELOW)
    .map(({ name }) => name);
}
