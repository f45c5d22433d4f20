import { KeyTable } from "./key-table";
import { DEFAULT_ENDPOINTS_PER_SERVICE, MAX_ENDPOINTS, MAX_ENDPOINTS_PER_SERVICE, MAX_STRINGS } from "./limits";
import { Loss, lose } from "./losses";
import { OTHER } from "./strings";

/**
 * What is asked for: (scope, method, route), all string numbers. The scope is the service whose endpoint it is, so that
 * each has a limit of its own: EMPTY for the server that the reporter stands at, else the upstream's cluster.
 *
 *     scope | method << 16 | route << 32
 */
const table = new KeyTable<u64>(memory.data(MAX_ENDPOINTS * 12, 8), MAX_ENDPOINTS);
/** Endpoints of each scope: u16 a string number. */
const perScope = memory.data(MAX_STRINGS * 2, 8);

let maxPerService: u32 = DEFAULT_ENDPOINTS_PER_SERVICE;
/** Whether a service has most of the endpoints that it may have. */
let isCrowded: bool = false;

/** Sets how many endpoints a service may have; 0 = the default. */
export function setMaxEndpoints(value: u32): void {
  maxPerService = value ? min(value, MAX_ENDPOINTS_PER_SERVICE) : DEFAULT_ENDPOINTS_PER_SERVICE;
}

/**
 * The number of an endpoint; OTHER_ENDPOINT, and a loss, when it is new and there is no room.
 *
 * @param isKnown Whether a rule or a learned place names the route. Such a one is let in past the limit of its service,
 *   so that names which came before it, or which somebody makes up, cannot keep it out.
 */
export function endpointNumber(scope: u32, method: u32, route: u32, isKnown: bool = false): u32 {
  const key = endpointKey(scope, method, route);
  const found = table.find(key);
  if (found >= 0) return found;
  const isCrowdedOut = !isKnown && load<u16>(perScope + ((<usize>scope) << 1)) >= maxPerService;
  if (isCrowdedOut || table.size == MAX_ENDPOINTS) {
    lose(Loss.ENDPOINTS_FULL);
    return OTHER_ENDPOINT;
  }
  addToScope(scope);
  return table.add(key);
}

function addToScope(scope: u32): void {
  const at = perScope + ((<usize>scope) << 1);
  const count: u32 = load<u16>(at) + 1;
  store<u16>(at, <u16>count);
  if (count > (maxPerService * 3) / 4) isCrowded = true;
}

function endpointKey(scope: u32, method: u32, route: u32): u64 {
  return (<u64>scope) | ((<u64>method) << 16) | ((<u64>route) << 32);
}

/** Opaque TCP: neither method nor route. */
export const NO_ENDPOINT: u32 = table.add(endpointKey(0, 0, 0));
/** Stands for the endpoints that found no room. */
export const OTHER_ENDPOINT: u32 = table.add(endpointKey(OTHER, OTHER, OTHER));

/** The method of an endpoint, as a string number. */
export function endpointMethod(number: u32): u32 {
  return (<u32>(table.keyAt(number) >> 16)) & 0xffff;
}

/** The route of an endpoint, as a string number. */
export function endpointRoute(number: u32): u32 {
  return (<u32>(table.keyAt(number) >> 32)) & 0xffff;
}

export function endpointsUnderPressure(): bool {
  return isCrowded || table.size > (MAX_ENDPOINTS / 4) * 3;
}

/** Sets the mark (u16 a string) of every string that an endpoint to keep names. */
export function markEndpointStrings(kept: usize, strings: usize): void {
  for (let number: u32 = 0; number < table.size; number++) {
    if (!isFixed(number) && !load<u16>(kept + ((<usize>number) << 1))) continue;
    const key = table.keyAt(number);
    for (let shift: u64 = 0; shift < 48; shift += 16)
      store<u16>(strings + ((<usize>((key >> shift) & 0xffff)) << 1), 1);
  }
}

/** Keeps the marked endpoints and the fixed ones; writes their new numbers over the marks. */
export function compactEndpoints(renumbering: usize, strings: usize): void {
  const before = table.size;
  const keys = table.clear();
  memory.fill(perScope, 0, MAX_STRINGS * 2);
  isCrowded = false;
  for (let number: u32 = 0; number < before; number++) {
    const mark = renumbering + ((<usize>number) << 1);
    if (!isFixed(number) && !load<u16>(mark)) continue;
    const old = load<u64>(keys + ((<usize>number) << 3));
    const scope = renumbered(strings, (<u32>old) & 0xffff);
    const method = renumbered(strings, (<u32>(old >> 16)) & 0xffff);
    const route = renumbered(strings, (<u32>(old >> 32)) & 0xffff);
    if (!isFixed(number)) addToScope(scope);
    store<u16>(mark, <u16>table.add(endpointKey(scope, method, route)));
  }
}

function isFixed(number: u32): bool {
  return number <= OTHER_ENDPOINT;
}

function renumbered(strings: usize, number: u32): u32 {
  return load<u16>(strings + ((<usize>number) << 1));
}
