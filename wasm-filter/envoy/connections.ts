import { MAX_CONNECTIONS } from "../core/limits";

/**
 * Open TCP connections, from context id to the counter that has them in its `active`, and how many of their bytes are
 * counted. Open addressing with linear probing; an entry that goes lets those behind it move up, so there are no
 * tombstones.
 *
 *     slot    u32 context id, 0 = free
 *             u16 counter, PENDING while the upstream is not known
 *             u8  bits 32 to 39 of the request bytes that are counted, u8 those of the response bytes; the first of a
 *                 pending one says how often it was looked at
 *             u32 bits 0 to 31 of the request bytes, u32 those of the response bytes
 *
 * Forty bits do, since only differences are needed: no connection moves half a terabyte between two looks at it.
 */
const CAPACITY: u32 = 4096;
const MASK: u32 = CAPACITY - 1;
const SLOT_SHIFT: usize = 4;
const slots = memory.data(65536, 8);
let count: u32 = 0;
let pending: u32 = 0;

export const PENDING: u32 = 0xffff;

/** Notes a new connection; false where there are too many. */
export function addConnection(context: u32): bool {
  if (count == MAX_CONNECTIONS || !context) return false;
  const slot = at(find(context));
  if (load<u32>(slot)) return true;
  memory.fill(slot, 0, 1 << SLOT_SHIFT);
  store<u32>(slot, context);
  store<u16>(slot, <u16>PENDING, 4);
  count++;
  pending++;
  return true;
}

/** Whether there is such a connection. */
export function isConnection(context: u32): bool {
  return count != 0 && contextOf(find(context)) != 0;
}

/** The counter of a connection, or PENDING. */
export function counterOf(context: u32): u32 {
  return load<u16>(at(find(context)), 4);
}

/** How often a pending connection was looked at, with this time. */
export function looksAt(context: u32): u32 {
  const slot = at(find(context));
  const looks: u32 = load<u8>(slot, 6) + 1;
  store<u8>(slot, <u8>looks, 6);
  return looks;
}

/** Notes the counter of a connection that was pending. */
export function settleConnection(context: u32, counter: u32): void {
  const slot = at(find(context));
  store<u16>(slot, <u16>counter, 4);
  store<u8>(slot, 0, 6);
  pending--;
}

/**
 * What a connection moved since the last look, given all that it moved so far; below 0, and nothing is noted, where that
 * went back or is below 0.
 */
export function newRequestBytes(context: u32, total: i64): i64 {
  const slot = at(find(context));
  return grown(slot + 8, slot + 6, total);
}

export function newResponseBytes(context: u32, total: i64): i64 {
  const slot = at(find(context));
  return grown(slot + 12, slot + 7, total);
}

function grown(low: usize, high: usize, total: i64): i64 {
  if (total < 0) return total;
  const before = ((<i64>load<u8>(high)) << 32) | load<u32>(low);
  const difference = ((total - before) << 24) >> 24;
  if (difference <= 0) return difference;
  store<u32>(low, <u32>total);
  store<u8>(high, <u8>(total >> 32));
  return difference;
}

export function removeConnection(context: u32): void {
  let hole = find(context);
  if (!contextOf(hole)) return;
  if (load<u16>(at(hole), 4) == PENDING) pending--;
  count--;
  for (let next = (hole + 1) & MASK; contextOf(next); next = (next + 1) & MASK) {
    const home = homeOf(contextOf(next));
    // What is found between its home and the hole must stay where it is.
    if (((next - home) & MASK) < ((next - hole) & MASK)) continue;
    memory.copy(at(hole), at(next), 1 << SLOT_SHIFT);
    hole = next;
  }
  store<u32>(at(hole), 0);
}

export function connectionCount(): u32 {
  return count;
}

export function pendingCount(): u32 {
  return pending;
}

/** Slots there are; a slot's connection, or 0. */
export function connectionSlots(): u32 {
  return CAPACITY;
}

export function connectionIn(slot: u32): u32 {
  return contextOf(slot);
}

/** Follows counters that moved: `renumbering` holds the new number (u16) of each. */
export function renumberConnections(renumbering: usize): void {
  for (let slot: u32 = 0; slot < CAPACITY; slot++) {
    const counter = load<u16>(at(slot), 4);
    if (!contextOf(slot) || counter == PENDING) continue;
    store<u16>(at(slot), load<u16>(renumbering + ((<usize>counter) << 1)), 4);
  }
}

/** The slot of a connection, or the free one where it would be. */
function find(context: u32): u32 {
  let slot = homeOf(context);
  while (contextOf(slot) && contextOf(slot) != context) slot = (slot + 1) & MASK;
  return slot;
}

function homeOf(context: u32): u32 {
  return (context * 0x9e3779b9) >> 20;
}

function contextOf(slot: u32): u32 {
  return load<u32>(at(slot));
}

function at(slot: u32): usize {
  return slots + ((<usize>slot) << SLOT_SHIFT);
}
