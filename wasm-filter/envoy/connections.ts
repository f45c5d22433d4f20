/**
 * Open TCP connections, from context id to the counter that has them in its `active`. Open addressing with linear
 * probing; an entry that goes lets those behind it move up, so there are no tombstones.
 *
 *     slots   (u32 context id, 0 = free; u32 counter, PENDING while the upstream is not known) x CAPACITY
 */
const CAPACITY: u32 = 4096;
const MASK: u32 = CAPACITY - 1;
/** Past this, connections are counted when they close. */
const MAX_CONNECTIONS: u32 = 3072;
const slots = memory.data(32768, 8);
let count: u32 = 0;
let pending: u32 = 0;

export const PENDING: u32 = 0xffffffff;

/** Notes a new connection; false where there are too many. */
export function addConnection(context: u32): bool {
  if (count == MAX_CONNECTIONS || !context) return false;
  const slot = find(context);
  if (contextOf(slot)) return true;
  store<u32>(at(slot), context);
  store<u32>(at(slot), PENDING, 4);
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
  return load<u32>(at(find(context)), 4);
}

/** Notes the counter of a connection that was pending. */
export function settleConnection(context: u32, counter: u32): void {
  store<u32>(at(find(context)), counter, 4);
  pending--;
}

export function removeConnection(context: u32): void {
  let hole = find(context);
  if (!contextOf(hole)) return;
  if (load<u32>(at(hole), 4) == PENDING) pending--;
  count--;
  for (let next = (hole + 1) & MASK; contextOf(next); next = (next + 1) & MASK) {
    const home = homeOf(contextOf(next));
    // What is found between its home and the hole must stay where it is.
    if (((next - home) & MASK) < ((next - hole) & MASK)) continue;
    store<u64>(at(hole), load<u64>(at(next)));
    hole = next;
  }
  store<u64>(at(hole), 0);
}

export function pendingCount(): u32 {
  return pending;
}

/** Slots there are; the pending connection in one, or 0. */
export function connectionSlots(): u32 {
  return CAPACITY;
}

export function pendingIn(slot: u32): u32 {
  return load<u32>(at(slot), 4) == PENDING ? contextOf(slot) : 0;
}

/** Follows counters that moved: `renumbering` holds the new number (u16) of each. */
export function renumberConnections(renumbering: usize): void {
  for (let slot: u32 = 0; slot < CAPACITY; slot++) {
    const counter = load<u32>(at(slot), 4);
    if (!contextOf(slot) || counter == PENDING) continue;
    store<u32>(at(slot), load<u16>(renumbering + ((<usize>counter) << 1)), 4);
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
  return slots + ((<usize>slot) << 3);
}
