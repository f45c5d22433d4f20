import { KeyTable } from "../key-table";
import { MAX_SERVICES } from "../limits";
import { stringAt, stringSize } from "../strings";
import { hash } from "../text";

/**
 * The services for which control taught something, numbered from 1. Each is known by a hash of its cluster's name (of
 * the empty one for the service that the reporter stands at), so that those not yet seen take no string. The names are
 * Envoy's configuration, not a client's to choose: that two of them share 64 bits is not to be expected in any mesh.
 */
const table = new KeyTable<u64>(memory.data(1536, 8), MAX_SERVICES);

/** No service of its own: what holds for all, or that nothing was taught. */
export const EVERY_SERVICE: u32 = 0;

export function forgetServices(): void {
  table.clear();
}

/** The number of a service by its cluster's name; EVERY_SERVICE where it is new and there is no room. */
export function addService(cluster: usize, size: u32): u32 {
  const key = hash(cluster, size);
  const found = table.find(key);
  if (found >= 0) return found + 1;
  return table.size == MAX_SERVICES ? EVERY_SERVICE : table.add(key) + 1;
}

/** The number of the service that a scope (endpoints.ts) is; EVERY_SERVICE where nothing was taught for it. */
export function serviceOf(scope: u32): u32 {
  if (!table.size) return EVERY_SERVICE;
  return table.find(hash(stringAt(scope), stringSize(scope))) + 1;
}
