import { KeyTable } from "../key-table";
import { MAX_PLACES, MAX_SERVICES, MAX_TEMPLATE } from "../limits";
import { bytesOf, hash, sizeOf, text } from "../text";
import { Added } from "./rule-table";

/**
 * Learned places: "/customers/{id}" says that whatever stands behind what has become "/customers/" is an id, and
 * "/customers/search" that this one name there stays as it is.
 *
 * A place is kept as a hash of its service and of the segments before it, which grows along with the template, so a
 * segment costs one look-up whatever was learned. The text is not kept, so what hashes alike is taken for the place:
 * by chance once in 2^54 segments with a full table. Who writes such a path on purpose makes a name of his own an
 * "{id}", and nothing else.
 */
const table = new KeyTable<u64>(memory.data(12288, 8), MAX_PLACES);
/** Whether a service has places: u8 a service number. */
const services = memory.data(136, 8);

const ID = text("/{id}");
const SLASH: u32 = 0x2f;
/** Tells the key of a name that stays from that of a place behind the same segments. */
const NAME: u64 = 0xa5a5a5a5a5a5a5a5;

let prefix: u64 = 0;

export function forgetPlaces(): void {
  table.clear();
  memory.fill(services, 0, MAX_SERVICES + 1);
}

/** Adds a place of a service, or a name that stays at one; answers what came of it (Added). */
export function addPlace(service: u32, at: usize, size: u32): u32 {
  if (size < 2 || size > MAX_TEMPLATE || load<u8>(at) != SLASH) return Added.NO_RULE;
  const isName = size < sizeOf(ID) || memory.compare(at + size - sizeOf(ID), bytesOf(ID), sizeOf(ID)) != 0;
  const end = at + (isName ? size : size - sizeOf(ID));
  startPrefix(service);
  for (let from = at + 1; from <= end;) {
    let to = from;
    while (to < end && load<u8>(to) != SLASH) to++;
    if (to == from) return Added.NO_RULE;
    extendPrefix(from, <u32>(to - from));
    from = to + 1;
  }
  const key = isName ? prefix ^ NAME : prefix;
  if (table.find(key) >= 0) return Added.YES;
  if (table.size == MAX_PLACES) return Added.NO_ROOM;
  table.add(key);
  store<u8>(services + service, 1);
  return Added.YES;
}

export function hasPlaces(service: u32): bool {
  return load<u8>(services + service) != 0;
}

/** Begins the template of a path of a service. */
export function startPrefix(service: u32): void {
  prefix = <u64>service * 0x9e3779b97f4a7c15;
}

/** Takes the next segment, as it stands in the template, without its slash. */
export function extendPrefix(at: usize, size: u32): void {
  prefix = after(at, size);
}

/** Whether ids stand behind the segments so far. */
export function isPlace(): bool {
  return table.find(prefix) >= 0;
}

/** Whether a segment is a name that stays, though ids stand where it does. */
export function isKeptName(at: usize, size: u32): bool {
  return table.find(after(at, size) ^ NAME) >= 0;
}

function after(at: usize, size: u32): u64 {
  const extended = (prefix ^ hash(at, size)) * 0x9e3779b97f4a7c15;
  return extended ^ (extended >> 32);
}
