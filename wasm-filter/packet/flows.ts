import { EVICTION_SAMPLE, MAX_FLOWS } from "./limits";
import { FLOW_BYTES, Flow, flowAt, numberOf } from "./flow";
import { DESTINATION, SOURCE, packetMicros } from "./packet";

/**
 * All flows, found by the addresses and ports of their ends: chains over a table of heads. Both directions of a
 * conversation have the same key, since the end whose (address, port) is lower comes first.
 *
 *     heads   u32 x MAX_FLOWS   first flow of a chain, number + 1
 *     flows   Flow x MAX_FLOWS  linked in their chain, or among the free ones
 */
const heads: usize = heap.alloc(MAX_FLOWS * 4);

/** Flows that were in use at some time, the first of those that are free again, and how many are in use. */
let touched: u32 = 0;
let firstFree: u32 = 0;
let used: u32 = 0;
/** Where the next flow to go is looked for. */
let hand: u32 = 0;

/** The key that was looked for last. */
const key = memory.data(40, 8);
let keyChain: u32 = 0;
/** The end that sends the packet, and the flow that was found last. */
export let sender: u32 = 0;
let last: u32 = 0;

/**
 * The flow of the current packet; null where there is none. `sender` is then the end that sends it.
 *
 * @param source Source port.
 */
export function findFlow(transport: u32, source: u32, destination: u32): Flow | null {
  sender = isSecond(source, destination) ? 1 : 0;
  const first = sender ? DESTINATION : SOURCE;
  const second = sender ? SOURCE : DESTINATION;
  store<u64>(key, load<u64>(first));
  store<u64>(key, load<u64>(first, 8), 8);
  store<u64>(key, load<u64>(second), 16);
  store<u64>(key, load<u64>(second, 8), 24);
  store<u32>(key, sender ? destination | (source << 16) : source | (destination << 16), 32);
  store<u32>(key, transport, 36);
  if (last && isKey(flowAt(last - 1))) return flowAt(last - 1);
  keyChain = chainOf(key);
  for (let next = load<u32>(heads + ((<usize>keyChain) << 2)); next; next = flowAt(next - 1).link) {
    if (!isKey(flowAt(next - 1))) continue;
    last = next;
    return flowAt(next - 1);
  }
  return null;
}

/** Whether the packet's sender is end 1. */
function isSecond(source: u32, destination: u32): bool {
  const high = load<u64>(SOURCE);
  const otherHigh = load<u64>(DESTINATION);
  if (high != otherHigh) return high > otherHigh;
  const low = load<u64>(SOURCE, 8);
  const otherLow = load<u64>(DESTINATION, 8);
  return low != otherLow ? low > otherLow : source > destination;
}

function isKey(flow: Flow): bool {
  return (
    flow.low0 == load<u64>(key, 8) &&
    flow.low1 == load<u64>(key, 24) &&
    flow.ports == load<u32>(key, 32) &&
    flow.high0 == load<u64>(key) &&
    flow.high1 == load<u64>(key, 16) &&
    flow.transport == load<u8>(key, 36)
  );
}

function chainOf(at: usize): u32 {
  let hash: u64 = load<u64>(at, 32) * 0x9e3779b97f4a7c15;
  for (let i: usize = 0; i < 32; i += 8) {
    hash = (hash ^ load<u64>(at + i)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  // The last octet of an IPv4 address stands in the highest bits, which the last step has not yet mixed with the others.
  hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15;
  return (<u32>(hash >> 40)) & (MAX_FLOWS - 1);
}

/** Whether a new flow needs the place of another. */
export function isFull(): bool {
  return used == MAX_FLOWS;
}

/** Adds a flow for the key that was looked for last and not found. The caller has made room. */
export function addFlow(): Flow {
  used++;
  const number = firstFree ? firstFree - 1 : touched++;
  const flow = flowAt(number);
  if (firstFree) firstFree = flow.link;
  memory.fill(changetype<usize>(flow), 0, FLOW_BYTES);
  memory.copy(changetype<usize>(flow), key, 32);
  flow.ports = load<u32>(key, 32);
  flow.transport = load<u8>(key, 36);
  flow.startMicros = packetMicros;
  flow.lastMicros = packetMicros;
  const head = heads + ((<usize>keyChain) << 2);
  flow.link = load<u32>(head);
  store<u32>(head, number + 1);
  last = number + 1;
  return flow;
}

/** Frees a flow's place. */
export function removeFlow(flow: Flow): void {
  const number = numberOf(flow);
  store<u64>(key, flow.high0);
  store<u64>(key, flow.low0, 8);
  store<u64>(key, flow.high1, 16);
  store<u64>(key, flow.low1, 24);
  store<u32>(key, flow.ports, 32);
  store<u32>(key, flow.transport, 36);
  keyChain = chainOf(key);
  const head = heads + ((<usize>keyChain) << 2);
  if (load<u32>(head) == number + 1) {
    store<u32>(head, flow.link);
  } else {
    let before = flowAt(load<u32>(head) - 1);
    while (before.link != number + 1) before = flowAt(before.link - 1);
    before.link = flow.link;
  }
  flow.transport = 0;
  flow.link = firstFree;
  firstFree = number + 1;
  last = 0;
  used--;
}

/** Of some flows the one that is to go: one that never opened, or else the one that was silent for longest. */
export function leastUseful(isExpendable: (flow: Flow) => bool): Flow {
  let oldest = flowAt(hand);
  for (let i: u32 = 0; i < EVICTION_SAMPLE; i++) {
    const flow = flowAt(hand);
    hand = (hand + 1) & (MAX_FLOWS - 1);
    if (isExpendable(flow)) return flow;
    if (flow.lastMicros < oldest.lastMicros) oldest = flow;
  }
  return oldest;
}

/** Flows that were in use at some time: all that are have a lower number. */
export function flowsTouched(): u32 {
  return touched;
}

export function flowsInUse(): u32 {
  return used;
}
