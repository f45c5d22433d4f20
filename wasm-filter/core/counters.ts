import { bucketOf, bucketOfLong } from "./histogram";
import { KeyTable } from "./key-table";
import { addLatency } from "./latency";
import { ACTIVE_REPEAT_MILLIS, COUNTERS_WITH_ENDPOINT, COUNTERS_WITH_PEER, IS_TAP, MAX_COUNTERS } from "./limits";
import { Loss, lose } from "./losses";
import { OTHER_ENDPOINT } from "./endpoints";
import { OTHER_PEER } from "./peers";
import { copyWire, forgetWire, hasWireNews } from "./wire";

/** Side in ingest.proto. */
export namespace Side {
  export const INBOUND: u32 = 1;
  export const OUTBOUND: u32 = 2;
  export const WIRE: u32 = 3;
}

/** Protocol in ingest.proto. */
export namespace Protocol {
  export const HTTP: u32 = 1;
  export const GRPC: u32 = 2;
  export const TCP: u32 = 3;
  export const HTTP2: u32 = 4;
  export const DNS: u32 = 5;
  export const REDIS: u32 = 6;
  export const POSTGRESQL: u32 = 7;
  export const MYSQL: u32 = 8;
  export const MONGODB: u32 = 9;
  export const AMQP: u32 = 10;
  export const TLS: u32 = 11;
}

/** Outcome in ingest.proto. */
export namespace Outcome {
  export const SUCCESS: u32 = 1;
  export const CLIENT_ERROR: u32 = 2;
  export const SERVER_ERROR: u32 = 3;
  export const NOT_REACHED: u32 = 4;
  export const NO_ANSWER: u32 = 5;
}

/** What is counted under one key in the current window. */
@unmanaged
export class Counter {
  count: u32;
  /** First cell of its latencies, number + 1. */
  latencies: u32;
  requestBytes: u64;
  responseBytes: u64;
  /** When it was last added to, in milliseconds of the clock that `setWindowClock` is given. */
  usedMillis: u64;
  /** Open connections, and whether their number is to be told although nothing else happened. */
  active: u32;
  activeChanged: u16;
  /** First of its requests that are kept by name, place + 1 (exemplars.ts). */
  exemplars: u16;
  /** Slower than this must be what is to be kept as the slowest; the slowest of late. Microseconds. */
  slowest: u32;
  usual: u32;
}

/**
 * The counters.
 *
 *     key      peer | endpoint << 16 | status << 32 | kind << 48
 *     kind     side | protocol << 2 | outcome << 8
 */
const table = new KeyTable<u64>(memory.data(MAX_COUNTERS * 12, 8), MAX_COUNTERS);
const slots = memory.data(MAX_COUNTERS * 48, 8);

let clockMillis: u64 = 0;
let repeatedMillis: u64 = 0;
let tellsActive: bool = false;
let requests: u32 = 0;

/** The time that counters are marked with; set once a tick, so that a request need not ask for it. */
export function setCounterClock(nowMillis: u64): void {
  clockMillis = nowMillis;
  if (!tellsActive && nowMillis - repeatedMillis < ACTIVE_REPEAT_MILLIS) return;
  tellsActive = false;
  repeatedMillis = nowMillis;
  for (let number: u32 = 0; number < table.size; number++) {
    const counter = counterAt(number);
    if (counter.active) counter.activeChanged = 1;
  }
}

/** Side, protocol and outcome in one number, as the key holds them. */
export function kindOf(side: u32, protocol: u32, outcome: u32): u32 {
  return side | (protocol << 2) | (outcome << 8);
}

export function kindSide(kind: u32): u32 {
  return kind & 3;
}

export function kindProtocol(kind: u32): u32 {
  return (kind >> 2) & 63;
}

export function kindOutcome(kind: u32): u32 {
  return kind >> 8;
}

/**
 * The number of the counter of a key. When the table fills up a new key gives up its peer first, then its endpoint
 * and status: what is left always has room, so every request finds a counter.
 */
export function counterNumber(kind: u32, peer: u32, endpoint: u32, status: u32): u32 {
  let key = counterKey(kind, peer, endpoint, status);
  let found = table.find(key);
  if (found >= 0) return found;
  if (table.size >= COUNTERS_WITH_PEER) {
    lose(Loss.EDGES_FULL);
    key = counterKey(kind, OTHER_PEER, endpoint, status);
    found = table.find(key);
    if (found >= 0) return found;
    if (table.size >= COUNTERS_WITH_ENDPOINT) {
      key = counterKey(kind, OTHER_PEER, OTHER_ENDPOINT, 0);
      found = table.find(key);
      if (found >= 0) return found;
    }
  }
  const number = table.add(key);
  memory.fill(changetype<usize>(counterAt(number)), 0, offsetof<Counter>());
  if (IS_TAP) forgetWire(number);
  return number;
}

function counterKey(kind: u32, peer: u32, endpoint: u32, status: u32): u64 {
  return (<u64>peer) | ((<u64>endpoint) << 16) | ((<u64>status) << 32) | ((<u64>kind) << 48);
}

/** Counts one request or connection; false, and a loss, where the counter is full. */
export function countOne(number: u32): bool {
  const counter = counterAt(number);
  if (counter.count == u32.MAX_VALUE) {
    lose(Loss.REQUESTS_LOST);
    return false;
  }
  counter.count++;
  counter.usedMillis = clockMillis;
  requests++;
  return true;
}

/** Counts one request with its duration. */
export function countTimed(number: u32, micros: u32): void {
  const counter = counterAt(number);
  // Control refuses a counter with more latencies than requests, and the whole batch with it.
  if (!countOne(number)) return;
  addLatency(number, changetype<usize>(counter) + offsetof<Counter>("latencies"), bucketOf(micros));
}

/** Counts how long a connection lived that was counted when it opened. */
export function countLifetime(number: u32, micros: u64): void {
  const head = changetype<usize>(counterAt(number)) + offsetof<Counter>("latencies");
  addLatency(number, head, bucketOfLong(micros));
}

/** What control can read exactly: integers of a double. */
const MAX_BYTES: u64 = 0x1fffffffffffff;

/** Adds bytes that went to the server and came from it; a sum that is full stays full. */
export function countBytes(number: u32, request: u64, response: u64): void {
  const counter = counterAt(number);
  counter.requestBytes = min(counter.requestBytes + min(request, MAX_BYTES), MAX_BYTES);
  counter.responseBytes = min(counter.responseBytes + min(response, MAX_BYTES), MAX_BYTES);
}

/**
 * Has all open connections told with the next window: something of TCP will stand in it, and control adds up what is open
 * over all counters of an edge, of which several may be told apart here by hosts and outcomes.
 */
export function tellActive(): void {
  tellsActive = true;
}

/** Counts a connection opened (+1) or closed (-1). */
export function changeActive(number: u32, by: i32): void {
  const counter = counterAt(number);
  if (by < 0 && !counter.active) return;
  counter.active += by;
  counter.activeChanged = 1;
  counter.usedMillis = clockMillis;
}

export function counterAt(number: u32): Counter {
  return changetype<Counter>(slots + <usize>number * offsetof<Counter>());
}

export function counterSize(): u32 {
  return table.size;
}

/** Requests counted since the start, modulo 2^32. */
export function requestsEver(): u32 {
  return requests;
}

export function counterPeer(number: u32): u32 {
  return (<u32>table.keyAt(number)) & 0xffff;
}

export function counterEndpoint(number: u32): u32 {
  return (<u32>(table.keyAt(number) >> 16)) & 0xffff;
}

export function counterStatus(number: u32): u32 {
  return (<u32>(table.keyAt(number) >> 32)) & 0xffff;
}

export function counterKind(number: u32): u32 {
  return <u32>(table.keyAt(number) >> 48);
}

export function countersUnderPressure(): bool {
  return table.size >= COUNTERS_WITH_PEER;
}

/** Whether there is something to tell of a counter. */
export function isDirty(number: u32): bool {
  const counter = counterAt(number);
  if ((counter.count | counter.activeChanged) != 0 || (counter.requestBytes | counter.responseBytes) != 0) return true;
  return IS_TAP && hasWireNews(number);
}

/** Keeps the marked counters (u16 each) under renumbered peers and endpoints; writes their new numbers over the marks. */
export function compactCounters(renumbering: usize, peers: usize, endpoints: usize): void {
  const before = table.size;
  const keys = table.clear();
  for (let number: u32 = 0; number < before; number++) {
    const mark = renumbering + ((<usize>number) << 1);
    if (!load<u16>(mark)) continue;
    const old = load<u64>(keys + ((<usize>number) << 3));
    const peer = load<u16>(peers + (((<usize>old) & 0xffff) << 1));
    const endpoint = load<u16>(endpoints + (((<usize>(old >> 16)) & 0xffff) << 1));
    const kept = table.add((old & 0xffffffff00000000) | peer | ((<u64>endpoint) << 16));
    memory.copy(changetype<usize>(counterAt(kept)), changetype<usize>(counterAt(number)), offsetof<Counter>());
    if (IS_TAP) copyWire(kept, number);
    store<u16>(mark, <u16>kept);
  }
}
