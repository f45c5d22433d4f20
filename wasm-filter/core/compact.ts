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
import { IDLE_MILLIS, MAX_COUNTERS, MAX_ENDPOINTS, MAX_PEERS, MAX_STRINGS } from "./limits";
import { compactPeers, markPeerStrings, peersUnderPressure } from "./peers";
import { routesVersion } from "./routes/rules";
import { ROOM_COUNTERS, ROOM_ENDPOINTS, ROOM_PEERS, ROOM_STRINGS } from "./scratch";
import { forgetSeenPaths } from "./seen-paths";
import { compactStrings, stringsUnderPressure } from "./strings";

/** Marks, then new numbers: u16 for each string, peer, endpoint, counter. */
const strings = ROOM_STRINGS;
const peers = ROOM_PEERS;
const endpoints = ROOM_ENDPOINTS;
const counters = ROOM_COUNTERS;

let lastMillis: u64 = 0;
let lastRoutes: u32 = 0;

/** Is given a mark, or the new number, of each endpoint (u16). */
export type Holder = (endpoints: usize) => void;

function holdNothing(_endpoints: usize): void {}

/**
 * Makes room where a table is about to fill up: forgets the counters that were idle for a while, and with them the
 * peers, endpoints and strings that only they named. Where paths have come to have other templates it forgets all that
 * are not in use, once: the names from before would keep the new ones out. To be called when a window has been cut
 * whole.
 *
 * @param hold Marks the endpoints that are in use beside the counters; `follow` then takes their new numbers.
 * @returns the new number of each counter (u16, good until the next batch is cut) when they moved, else 0
 */
export function makeRoom(nowMillis: u64, hold: Holder = holdNothing, follow: Holder = holdNothing): usize {
  const isRenamed = routesVersion() != lastRoutes;
  if (!isRenamed && (nowMillis - lastMillis < IDLE_MILLIS || !isUnderPressure())) return 0;
  lastRoutes = routesVersion();
  lastMillis = nowMillis;
  memory.fill(strings, 0, MAX_STRINGS * 2);
  memory.fill(peers, 0, MAX_PEERS * 2);
  memory.fill(endpoints, 0, MAX_ENDPOINTS * 2);
  memory.fill(counters, 0, MAX_COUNTERS * 2);
  for (let number: u32 = 0; number < counterSize(); number++) {
    const counter = counterAt(number);
    const isIdle = isRenamed || counter.usedMillis + IDLE_MILLIS < nowMillis;
    if (isIdle && !counter.active && !isDirty(number)) continue;
    store<u16>(counters + ((<usize>number) << 1), 1);
    store<u16>(peers + ((<usize>counterPeer(number)) << 1), 1);
    store<u16>(endpoints + ((<usize>counterEndpoint(number)) << 1), 1);
  }
  hold(endpoints);
  markPeerStrings(peers, strings);
  markEndpointStrings(endpoints, strings);
  compactStrings(strings);
  compactPeers(peers, strings);
  compactEndpoints(endpoints, strings);
  compactCounters(counters, peers, endpoints);
  follow(endpoints);
  forgetSeenPaths();
  return counters;
}

function isUnderPressure(): bool {
  return stringsUnderPressure() || peersUnderPressure() || endpointsUnderPressure() || countersUnderPressure();
}
