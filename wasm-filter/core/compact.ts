import {
  compactCounters,
  counterAt,
  counterEndpoint,
  counterPeer,
  counterSize,
  countersUnderPressure,
  isDirty,
} from "./counters";
import { compactEndpoints, endpointsUnderPressure, markEndpointStrings } from "./endpoints";
import { IDLE_MILLIS } from "./limits";
import { compactPeers, markPeerStrings, peersUnderPressure } from "./peers";
import { compactStrings, stringsUnderPressure } from "./strings";

/** Marks, then new numbers: u16 for each string, peer, endpoint, counter. */
const strings = memory.data(8192, 8);
const peers = memory.data(1024, 8);
const endpoints = memory.data(4096, 8);
const counters = memory.data(4096, 8);

let lastMillis: u64 = 0;

/**
 * Makes room where a table is about to fill up: forgets the counters that were idle for a while, and with them the
 * peers, endpoints and strings that only they named. To be called when a window has been cut whole.
 *
 * @returns the new number of each counter (u16, good until the next call) when they moved, else 0
 */
export function compactIfFull(nowMillis: u64): usize {
  if (nowMillis - lastMillis < IDLE_MILLIS) return 0;
  if (!stringsUnderPressure() && !peersUnderPressure() && !endpointsUnderPressure() && !countersUnderPressure())
    return 0;
  lastMillis = nowMillis;
  memory.fill(strings, 0, 8192);
  memory.fill(peers, 0, 1024);
  memory.fill(endpoints, 0, 4096);
  memory.fill(counters, 0, 4096);
  for (let number: u32 = 0; number < counterSize(); number++) {
    const counter = counterAt(number);
    const isIdle = !counter.active && !isDirty(counter) && counter.usedMillis + IDLE_MILLIS < nowMillis;
    if (isIdle) continue;
    store<u16>(counters + ((<usize>number) << 1), 1);
    store<u16>(peers + ((<usize>counterPeer(number)) << 1), 1);
    store<u16>(endpoints + ((<usize>counterEndpoint(number)) << 1), 1);
  }
  markPeerStrings(peers, strings);
  markEndpointStrings(endpoints, strings);
  compactStrings(strings);
  compactPeers(peers, strings);
  compactEndpoints(endpoints, strings);
  compactCounters(counters, peers, endpoints);
  return counters;
}
