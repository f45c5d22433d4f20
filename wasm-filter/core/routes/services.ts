import { KeyTable } from "../key-table";
import { MAX_SERVICES, MAX_SERVICE_NAMES } from "../limits";
import { stringAt, stringSize } from "../strings";
import { hash } from "../text";

/**
 * The services for which control taught something, numbered from 1. Each is known by a hash of its cluster's name (of
 * the empty one for the service that the reporter stands at), to a tap by those of its addresses; so those not yet seen take no
 * string. The names are Envoy's configuration and the cluster's addresses, not a client's to choose: that two of them share 64
 * bits is not to be expected in any mesh.
 */
const table = new KeyTable<u64>(memory.data(MAX_SERVICE_NAMES * 12, 8), MAX_SERVICE_NAMES);
/** The service of each name: u8. */
const numbers = memory.data(MAX_SERVICE_NAMES);
let services: u32 = 0;

/** No service of its own: what holds for all, or that nothing was taught. */
export const EVERY_SERVICE: u32 = 0;

export function forgetServices(): void {
  table.clear();
  services = 0;
}

/** The number of a service by its name; EVERY_SERVICE where it is new and there is no room. */
export function addService(name: usize, size: u32): u32 {
  const found = table.find(hash(name, size));
  if (found >= 0) return load<u8>(numbers + found);
  if (services == MAX_SERVICES || !nameService(services + 1, name, size)) return EVERY_SERVICE;
  return ++services;
}

/** Has a service be known by one more name; false where there is no room. */
export function nameService(service: u32, name: usize, size: u32): bool {
  const key = hash(name, size);
  if (table.find(key) >= 0) return true;
  if (table.size == MAX_SERVICE_NAMES) return false;
  store<u8>(numbers + table.add(key), <u8>service);
  return true;
}

/** The number of the service that a scope (endpoints.ts) is; EVERY_SERVICE where nothing was taught for it. */
export function serviceOf(scope: u32): u32 {
  if (!services) return EVERY_SERVICE;
  const found = table.find(hash(stringAt(scope), stringSize(scope)));
  return found < 0 ? EVERY_SERVICE : load<u8>(numbers + found);
}
