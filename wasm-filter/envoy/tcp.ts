import {
  Outcome,
  Protocol,
  changeActive,
  counterNumber,
  countBytes,
  countLifetime,
  countOne,
  kindOf,
  tellActive,
} from "../core/counters";
import { NO_ENDPOINT } from "../core/endpoints";
import { READ_A_TICK, SETTLED_A_TICK } from "../core/limits";
import { Loss, lose } from "../core/losses";
import { Text } from "../core/text";
import { forgetAnswers } from "./answers";
import { Attribute, hasAttribute, numberAttribute } from "./attributes";
import { nowNanos } from "./clock";
import {
  PENDING,
  addConnection,
  connectionCount,
  connectionIn,
  connectionSlots,
  counterOf,
  isConnection,
  looksAt,
  newRequestBytes,
  newResponseBytes,
  pendingCount,
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
/** So many ticks without a cluster, and a connection is not looked at any more before it closes. */
const LOOKS: u32 = 3;

let untracked: u32 = 0;
/** Where the next tick goes on looking: for connections to settle, and for bytes that moved. */
let settleFrom: u32 = 0;
let readFrom: u32 = 0;

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

/**
 * Counts the connections that got their upstream since the last tick, and what open ones moved. Both go round, a bounded
 * number a tick. Leaves the current context as it found it, and no answers.
 */
export function followConnections(current: u32): void {
  if (!connectionCount()) return;
  settlePending();
  readOpen();
  proxy_set_effective_context(current);
}

function settlePending(): void {
  let left = min(SETTLED_A_TICK, pendingCount());
  for (let i: u32 = 0; i < connectionSlots() && left; i++) {
    const context = connectionIn(settleFrom);
    settleFrom = (settleFrom + 1) % connectionSlots();
    if (!context || counterOf(context) != PENDING) continue;
    left--;
    if (enter(context)) settle(context);
  }
}

function settle(context: u32): void {
  if (!hasAttribute(Attribute.UPSTREAM_LOCAL_ADDRESS)) {
    if (!hasCluster()) doubt(context);
    return;
  }
  if (mayBeInHandshake()) return;
  const counter = counterFor(rootOfStream(), Outcome.SUCCESS);
  countOne(counter);
  changeActive(counter, 1);
  tellActive();
  settleConnection(context, counter);
}

/**
 * Whether tcp_proxy has taken up the connection, which it does at once. It never does where the filter stands before an HTTP
 * connection manager, as Istio places it; what passes there is counted as requests.
 */
function hasCluster(): bool {
  return hasAttribute(Attribute.CLUSTER_NAME);
}

/** A filter before tcp_proxy may hold a connection up for a moment. One without a cluster for longer takes no place from others. */
function doubt(context: u32): void {
  if (looksAt(context) < LOOKS) return;
  removeConnection(context);
  untracked++;
}

/**
 * Whether the client of a TLS connection may not have shown its certificate yet: Envoy connects to the upstream meanwhile,
 * and who the client is is noted once. The first byte that is passed comes after the handshake.
 */
function mayBeInHandshake(): bool {
  if (!hasAttribute(Attribute.TLS_VERSION) || hasAttribute(Attribute.PEER_URI_SAN)) return false;
  return totalBytes(Attribute.REQUEST_BYTES) <= 0 && totalBytes(Attribute.RESPONSE_BYTES) <= 0;
}

function readOpen(): void {
  let left = min(READ_A_TICK, connectionCount() - pendingCount());
  for (let i: u32 = 0; i < connectionSlots() && left; i++) {
    const context = connectionIn(readFrom);
    readFrom = (readFrom + 1) % connectionSlots();
    if (!context || counterOf(context) == PENDING) continue;
    left--;
    if (enter(context)) countMoved(context, counterOf(context));
  }
}

/** Makes a connection the current context; one that the host no longer knows is forgotten. */
function enter(context: u32): bool {
  forgetAnswers();
  if (proxy_set_effective_context(context) == OK) return true;
  if (counterOf(context) != PENDING) changeActive(counterOf(context), -1);
  tellActive();
  removeConnection(context);
  return false;
}

/**
 * Counts what a connection moved since the last look, all of it where it was not noted.
 *
 * @returns whether the host told both sums; what it does not tell while a connection is open, it tells when it closes
 */
function countMoved(context: u32, counter: u32): bool {
  let request = totalBytes(Attribute.REQUEST_BYTES);
  let response = totalBytes(Attribute.RESPONSE_BYTES);
  if (isConnection(context)) {
    request = newRequestBytes(context, request);
    response = newResponseBytes(context, response);
  }
  if (request > 0 || response > 0) {
    countBytes(counter, max<i64>(request, 0), max<i64>(response, 0));
    tellActive();
  }
  return request >= 0 && response >= 0;
}

/** A connection closed: counts how long it lived, the rest of its bytes, and itself where no tick has done so. */
export function connectionClosed(context: u32, root: Root | null): void {
  const isNoted = isConnection(context);
  if (!isNoted && untracked) untracked--;
  let counter = isNoted ? counterOf(context) : PENDING;
  if (counter == PENDING) {
    const outcome = closedOutcome();
    if (outcome == Outcome.NO_ANSWER && !hasCluster()) return removeConnection(context);
    counter = counterFor(root, outcome);
    countOne(counter);
    if (isNoted) settleConnection(context, counter);
  } else {
    changeActive(counter, -1);
  }
  tellActive();
  const hasBytes = countMoved(context, counter);
  if (isNoted) removeConnection(context);
  // Envoy 1.40 has no request.duration for a connection, not even at its end.
  const began = numberAttribute(Attribute.REQUEST_TIME, -1);
  const lived = <i64>nowNanos() - began;
  const isTimed = began > 0 && lived >= 0;
  if (isTimed) countLifetime(counter, lived / 1000);
  if (!hasBytes || !isTimed) lose(Loss.ATTRIBUTES_MISSING);
}

function closedOutcome(): u32 {
  const flags = numberAttribute(Attribute.RESPONSE_FLAGS, 0);
  return tcpOutcome(hasAttribute(Attribute.UPSTREAM_LOCAL_ADDRESS), flags);
}

function counterFor(root: Root | null, outcome: u32): u32 {
  forgetHeaders();
  const side = sideOf(root);
  return counterNumber(kindOf(side, Protocol.TCP, outcome), findPeer(root, side), NO_ENDPOINT, 0);
}

/** What a connection moved so far; -1 for a number that none can have moved. */
function totalBytes(path: Text): i64 {
  const value = numberAttribute(path, -1);
  return value < MAX_CONNECTION_BYTES ? value : -1;
}
