import { Side } from "../core/counters";
import { Attribute, numberAttribute } from "./attributes";
import { forwardedFor } from "./headers";
import { findPeer, isPeerLasting, recallPeer, sideOf } from "./peer";
import { Root, commonHttpRoot, findRoot, rootOfStream, rootsVersion } from "./roots";

/**
 * Where the current HTTP stream belongs: its root context, its side, its peer. Root context and side are the same for all
 * streams of a downstream connection, and inbound so is the peer, unless Envoy takes the address out of a header. So they
 * are remembered by Envoy's id of the connection, which it gives out once: one host call in place of two to four.
 *
 * The entry of a connection is that at its id modulo ENTRIES; a newer connection takes the place of an older one.
 */
@unmanaged
class Entry {
  id: i64;
  /** What was remembered in another generation is not known any more. */
  generation: u32;
  root: u32;
  side: u32;
  /** NO_PEER = it has to be asked for. */
  peer: u32;
}
const ENTRIES: i64 = 256;
const entries = memory.data(6144, 8);
const NO_PEER: u32 = 0xffffffff;
const NO_ID: i64 = -1;

/**
 * What is known is asked for again so often, since the configuration of a filter can be replaced under a living
 * connection (extension config discovery). Milliseconds.
 */
const KNOWN_MILLIS: u64 = 30_000;

/**
 * To ask for an id that is not known costs more than a known one saves. Where fewer than four in five are known, as
 * without keep-alive or with very many connections, nobody asks during the next PAUSE streams.
 */
const START_CREDIT: i32 = 64;
const MOST_CREDIT: i32 = 256;
const UNKNOWN_COSTS: i32 = 4;
const PAUSE: u32 = 4096;

let generation: u32 = 1;
let version: u32 = 0;
let sinceMillis: u64 = 0;
let credit: i32 = START_CREDIT;
let paused: u32 = 0;

let root: Root | null = null;
let side: u32 = 0;
let peer: u32 = 0;

/** Finds out where the current stream belongs. `logger` is the root context of an access logger, which is told. */
export function placeStream(logger: Root | null): void {
  root = logger ? logger : commonHttpRoot();
  side = configuredSide();
  const id = isPeerAnyones() || !isWorthAsking() ? NO_ID : numberAttribute(Attribute.CONNECTION_ID, NO_ID);
  const entry = changetype<Entry>(entries + <usize>(id & (ENTRIES - 1)) * offsetof<Entry>());
  if (id != NO_ID && isKnown(entry, id)) {
    if (credit < MOST_CREDIT) credit++;
    return recall(entry);
  }
  if (!root) root = rootOfStream();
  if (!side) side = sideOf(root);
  peer = findPeer(root, side);
  if (id == NO_ID) return;
  credit -= UNKNOWN_COSTS;
  remember(entry, id);
}

export function streamSide(): u32 {
  return side;
}

/** A peer's number (core/peers.ts). */
export function streamPeer(): u32 {
  return peer;
}

/** Forgets all connections. To be called when peers get new numbers. */
export function forgetDownstreams(): void {
  generation++;
}

/** To be called once a window. */
export function ageDownstreams(nowMillis: u64): void {
  if (nowMillis - sinceMillis < KNOWN_MILLIS) return;
  sinceMillis = nowMillis;
  forgetDownstreams();
}

function configuredSide(): u32 {
  const known = root;
  return known ? known.side : 0;
}

/** Whether all that can be remembered is known, and the peer is another for each request. */
function isPeerAnyones(): bool {
  return side == Side.OUTBOUND || (side == Side.INBOUND && forwardedFor.size != 0);
}

function isWorthAsking(): bool {
  if (credit > 0) return true;
  if (++paused < PAUSE) return false;
  paused = 0;
  credit = START_CREDIT;
  return true;
}

function isKnown(entry: Entry, id: i64): bool {
  if (version != rootsVersion()) {
    version = rootsVersion();
    generation++;
  }
  return entry.id == id && entry.generation == generation;
}

function recall(entry: Entry): void {
  if (!root) root = findRoot(entry.root);
  side = entry.side;
  if (entry.peer != NO_PEER && !isPeerAnyones()) {
    peer = recallPeer(entry.peer);
    return;
  }
  peer = findPeer(root, side);
  if (isPeerLasting()) entry.peer = peer;
}

function remember(entry: Entry, id: i64): void {
  const known = root;
  entry.id = id;
  entry.generation = generation;
  entry.root = known ? known.id : 0;
  entry.side = side;
  entry.peer = isPeerLasting() ? peer : NO_PEER;
}
