import { clean, cleanAt, cleanToLower } from "../core/clean";
import { Side } from "../core/counters";
import { Loss, lose, lossesEver } from "../core/losses";
import { OTHER_PEER, peerKey, peerNumber } from "../core/peers";
import { EMPTY, OTHER, intern } from "../core/strings";
import { Text } from "../core/text";
import { answerAt, answerSize } from "./answers";
import { Attribute, hasAttribute, numberAttribute } from "./attributes";
import { authority } from "./headers";
import { Root, isExternalCluster } from "./roots";

/** envoy.config.core.v3.TrafficDirection. */
const DIRECTION_INBOUND: i64 = 1;

let scope: u32 = EMPTY;
/** Whether one of the peer's names found no room. */
let isCut: bool = false;
/** Whether the peer is that of the whole connection, and nothing had to be given up to name it. */
let isLasting: bool = false;

/** The side that is configured, else that of the listener. */
export function sideOf(root: Root | null): u32 {
  if (root && root.side) return root.side;
  const direction = numberAttribute(Attribute.LISTENER_DIRECTION, 0);
  return direction == DIRECTION_INBOUND ? Side.INBOUND : Side.OUTBOUND;
}

/**
 * The number of the current stream's peer: inbound the client's address and what its certificate proves, outbound the
 * host and cluster that Envoy chose, with the authority where the cluster leaves the mesh. To be called after
 * readRequestHeaders or forgetHeaders.
 */
export function findPeer(root: Root | null, side: u32): u32 {
  isCut = false;
  isLasting = false;
  const before = lossesEver();
  const key = side == Side.INBOUND ? downstream() : upstream(root);
  const number = isCut ? OTHER_PEER : peerNumber(key);
  if (number == OTHER_PEER) lose(Loss.EDGES_FULL);
  if (lossesEver() != before) isLasting = false;
  return number;
}

/** Whether the peer found last is that of every request of its connection. */
export function isPeerLasting(): bool {
  return isLasting;
}

/** Takes up a lasting peer again. */
export function recallPeer(number: u32): u32 {
  scope = EMPTY;
  return number;
}

/** The service that the endpoints of the peer found last belong to (endpoints.ts). */
export function scopeOfPeer(): u32 {
  return scope;
}

function downstream(): u64 {
  scope = EMPTY;
  const isKnown = hasAttribute(Attribute.SOURCE_ADDRESS) && !isForwarded();
  isLasting = isKnown;
  const address = isKnown ? name(hostStart(), hostSize()) : EMPTY;
  return peerKey(address, nameOf(Attribute.PEER_URI_SAN), EMPTY, EMPTY);
}

function upstream(root: Root | null): u64 {
  let host = EMPTY;
  let cluster = EMPTY;
  if (hasAttribute(Attribute.CLUSTER_NAME)) {
    const isExternal = root != null && isExternalCluster(root, answerAt(), answerSize());
    cluster = name(answerAt(), answerSize());
    if (isExternal) host = authorityOf();
  }
  scope = isCut ? OTHER : cluster;
  return peerKey(nameOf(Attribute.UPSTREAM_ADDRESS), EMPTY, cluster, host);
}

function nameOf(path: Text): u32 {
  return hasAttribute(path) ? name(answerAt(), answerSize()) : EMPTY;
}

/** The Host that was asked for, of opaque TCP the SNI. */
function authorityOf(): u32 {
  if (authority.size) return hostName(authority.at, authority.size);
  return hasAttribute(Attribute.SERVER_NAME) ? hostName(answerAt(), answerSize()) : EMPTY;
}

/** Host names are compared without case (RFC 9110, 4.2.3). */
function hostName(at: usize, size: u32): u32 {
  const cleaned = clean(at, size);
  cleanToLower();
  return kept(intern(cleanAt(), cleaned));
}

function name(at: usize, size: u32): u32 {
  const cleaned = clean(at, size);
  return kept(intern(cleanAt(), cleaned));
}

function kept(number: i32): u32 {
  if (number >= 0) return number;
  isCut = true;
  return OTHER;
}

/**
 * Whether the address is out of X-Forwarded-For, where any client can write what it likes: Envoy gives such an address
 * the port 0, which no connection has.
 */
function isForwarded(): bool {
  const size = answerSize();
  return size > 2 && load<u16>(answerAt() + size - 2) == 0x303a;
}

/** The answer holds "10.0.0.1:80" or "[fe80::1]:80"; the address begins behind the bracket. */
function hostStart(): usize {
  return load<u8>(answerAt()) == 0x5b ? answerAt() + 1 : answerAt();
}

function hostSize(): u32 {
  const isBracketed = load<u8>(answerAt()) == 0x5b;
  for (let i = answerSize() - 1; i > 0; i--) {
    const byte = load<u8>(answerAt() + i);
    if (isBracketed && byte == 0x5d) return i - 1;
    if (!isBracketed && byte == 0x3a) return i;
  }
  return answerSize() - (isBracketed ? 1 : 0);
}
