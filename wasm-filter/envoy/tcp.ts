import { Outcome, Protocol, changeActive, counterNumber, countBytes, countOne, kindOf } from "../core/counters";
import { NO_ENDPOINT } from "../core/endpoints";
import { Loss, lose } from "../core/losses";
import { Text } from "../core/text";
import { Attribute, hasAttribute, numberAttribute } from "./attributes";
import {
  PENDING,
  addConnection,
  connectionSlots,
  counterOf,
  isConnection,
  pendingCount,
  pendingIn,
  removeConnection,
  settleConnection,
} from "./connections";
import { proxy_set_effective_context } from "./env";
import { OK } from "./host";
import { forgetHeaders } from "./headers";
import { tcpOutcome } from "./outcome";
import { findPeer, sideOf } from "./peer";
import { rootOfStream, Root } from "./roots";

const MAX_CONNECTION_BYTES: i64 = 0x4000000000000;
/** Host calls that a tick may spend on connections whose upstream is not known yet. */
const SETTLED_A_TICK: u32 = 256;

let untracked: u32 = 0;
let scanFrom: u32 = 0;

/** A connection came in. Its upstream is not chosen yet, so it is counted by a later tick, or when it closes. */
export function connectionOpened(context: u32): void {
  if (!addConnection(context)) untracked++;
}

/** Whether the context that ends is a connection of the network filter that has been noted. */
export function isTracked(context: u32): bool {
  return isConnection(context);
}

/** Whether there are connections that could not be noted, so that only the configuration tells TCP from HTTP. */
export function hasUntracked(): bool {
  return untracked != 0;
}

/** Counts the connections that got their upstream since the last tick. Leaves the current context as it found it. */
export function settleConnections(current: u32): void {
  if (!pendingCount()) return;
  let left = SETTLED_A_TICK;
  for (let i: u32 = 0; i < connectionSlots() && left; i++) {
    const context = pendingIn(scanFrom);
    scanFrom = (scanFrom + 1) % connectionSlots();
    if (!context) continue;
    left--;
    settle(context);
  }
  proxy_set_effective_context(current);
}

function settle(context: u32): void {
  if (proxy_set_effective_context(context) != OK) return removeConnection(context);
  if (!hasAttribute(Attribute.UPSTREAM_LOCAL_ADDRESS)) return;
  const counter = counterFor(rootOfStream(), Outcome.SUCCESS);
  countOne(counter);
  changeActive(counter, 1);
  settleConnection(context, counter);
}

/** A connection closed: counts its bytes, and itself where no tick has done so. */
export function connectionClosed(context: u32, root: Root | null): void {
  let counter = PENDING;
  if (isConnection(context)) {
    counter = counterOf(context);
    removeConnection(context);
  } else if (untracked) {
    untracked--;
  }
  if (counter == PENDING) {
    counter = counterFor(root, closedOutcome());
    countOne(counter);
  } else {
    changeActive(counter, -1);
  }
  countBytes(counter, bytes(Attribute.REQUEST_BYTES), bytes(Attribute.RESPONSE_BYTES));
}

function closedOutcome(): u32 {
  const flags = numberAttribute(Attribute.RESPONSE_FLAGS, 0);
  return tcpOutcome(hasAttribute(Attribute.UPSTREAM_ADDRESS), flags);
}

function counterFor(root: Root | null, outcome: u32): u32 {
  forgetHeaders();
  const side = sideOf(root);
  return counterNumber(kindOf(side, Protocol.TCP, outcome), findPeer(root, side), NO_ENDPOINT, 0);
}

/** A number that no connection can have moved is none. */
function bytes(path: Text): u64 {
  const value = numberAttribute(path, 0);
  if (value >= 0 && value < MAX_CONNECTION_BYTES) return value;
  lose(Loss.ATTRIBUTES_MISSING);
  return 0;
}
