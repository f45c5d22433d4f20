import { u16be } from "../../packet/bytes";
import { Flow, OPAQUE, Side, skip } from "../../packet/flow";
import { loseUnparsed } from "../../packet/streams";
import { BLOCK_BYTES } from "../../packet/limits";
import { Verdict } from "../../packet/parsers";
import {
  Half,
  Sent,
  agree,
  fail,
  forgetGathered,
  gatherAt,
  halfOf,
  handshakeOf,
  leave,
  succeed,
  takeClientHello,
  takeHelloUnread,
  takeKeyed,
  takeServerHello,
} from "./handshake";
import { CLIENT_HELLO, MESSAGE_HEADER, SSL_2, TLS_1_3, messageSize } from "./hello";
import { isOldServerHello, looksLikeOldHello, oldRecordSize } from "./ssl2";

/** Records (RFC 8446, 5.1): type u8 | version u16 | length u16 | what they carry. */
export const HEADER: u32 = 5;
/** What a ciphered record may have in addition (RFC 5246, 6.2.3). */
const LONGEST: u32 = (1 << 14) + 2048;

const CHANGE_CIPHER_SPEC: u32 = 20;
const ALERT: u32 = 21;
const HANDSHAKE: u32 = 22;
const APPLICATION_DATA: u32 = 23;
const HEARTBEAT: u32 = 24;

/** An alert of TLS 1.3 that is ciphered: shorter than any Finished. */
const LONGEST_ALERT: u32 = 32;
const FATAL: u32 = 2;

export namespace Phase {
  export const RECORD: u32 = 0;
  /** The rest of a record is passed over. */
  export const PASSED: u32 = 1;
  export const LOST: u32 = 2;
}

/** What a record that has passed comes to. */
namespace Then {
  export const NOTHING: u32 = 0;
  export const KEYED: u32 = 1;
  export const FAILED: u32 = 2;
}

/** Whether a record begins with these bytes. */
export function looksLikeRecord(at: usize, size: u32): u32 {
  const type: u32 = load<u8>(at);
  if (type < CHANGE_CIPHER_SPEC || type > HEARTBEAT) return Verdict.NO;
  if (size > 1 && load<u8>(at, 1) != 3) return Verdict.NO;
  if (size > 2 && load<u8>(at, 2) > 4) return Verdict.NO;
  if (size < HEADER) return Verdict.MORE;
  return u16be(at + 3) <= LONGEST ? Verdict.YES : Verdict.NO;
}

/** Whether a record with a hello begins with these bytes. */
export function looksLikeHello(at: usize, size: u32, hello: u32): u32 {
  if (load<u8>(at) != HANDSHAKE) return Verdict.NO;
  const verdict = looksLikeRecord(at, size);
  if (verdict != Verdict.YES) return verdict;
  if (u16be(at + 3) == 0) return Verdict.NO;
  if (size == HEADER) return Verdict.MORE;
  return load<u8>(at, HEADER) == hello ? Verdict.YES : Verdict.NO;
}

/** Takes one record of a side. */
export function takeRecord(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const half = halfOf(flow, side);
  if (half.phase == Phase.PASSED) {
    half.phase = <u8>Phase.RECORD;
    endRecord(flow, side, half.then);
    if (flow.parser == OPAQUE) return size;
  }
  if (!size) return 0;
  if (!(half.sent & Sent.HELLO) && !half.gathered && load<u8>(at) & 0x80) return takeOldHello(flow, side, at, size);
  const verdict = looksLikeRecord(at, size);
  if (verdict == Verdict.MORE) return 0;
  if (verdict == Verdict.NO) return surrender(flow, size);
  const type: u32 = load<u8>(at);
  const length = u16be(at + 3);
  if (type == HANDSHAKE && !(half.sent & Sent.HELLO)) return takeHello(flow, side, at, size);
  let then: u32 = Then.NOTHING;
  if (type == ALERT) {
    if (length == 2 && size < HEADER + 2) return 0;
    if (isFatal(flow, half, at, length)) then = Then.FAILED;
    half.alert = length == 2 ? load<u8>(at, HEADER + 1) : 0;
  } else {
    then = meaningOf(flow, half, side, type, length);
  }
  return pass(flow, half, side, length, then);
}

/** It is no TLS, or more of it than can be kept. */
function surrender(flow: Flow, size: u32): u32 {
  loseUnparsed(flow);
  leave(flow);
  return size;
}

function pass(flow: Flow, half: Half, side: u32, length: u32, then: u32): u32 {
  // An answer without its question leaves nothing to wait for.
  if (flow.parser == OPAQUE) return HEADER;
  half.phase = <u8>Phase.PASSED;
  half.then = <u8>then;
  skip(flow, side, length);
  return HEADER;
}

/** What is ciphered may say anything; within a handshake it is seldom good. */
function isFatal(flow: Flow, half: Half, at: usize, length: u32): bool {
  if (length == 2 && !(half.sent & Sent.CHANGE_CIPHER)) return load<u8>(at, HEADER) == FATAL;
  return handshakeOf(flow).stage != 0;
}

function meaningOf(flow: Flow, half: Half, side: u32, type: u32, length: u32): u32 {
  const isLatest = handshakeOf(flow).version == TLS_1_3;
  if (type == CHANGE_CIPHER_SPEC) {
    // TLS 1.3 sends them for the sake of old middleboxes, and they mean nothing.
    half.sent |= Sent.CHANGE_CIPHER;
    return Then.NOTHING;
  }
  if (type == HANDSHAKE) return !isLatest && half.sent & Sent.CHANGE_CIPHER ? Then.KEYED : Then.NOTHING;
  if (type != APPLICATION_DATA) return Then.NOTHING;
  const isAnswer = side == Side.CLIENT && (halfOf(flow, Side.SERVER).sent & Sent.KEYED) != 0;
  return isLatest && isAnswer && length <= LONGEST_ALERT ? Then.FAILED : Then.KEYED;
}

function endRecord(flow: Flow, side: u32, then: u32): void {
  if (then == Then.KEYED) takeKeyed(flow, side);
  else if (then == Then.FAILED) fail(flow, side, halfOf(flow, side).alert);
}

/** Takes a record of a hello, in which the whole of it is, or a part. */
function takeHello(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const half = halfOf(flow, side);
  const length = u16be(at + 3);
  const there = size - HEADER;
  if (half.gathered || length < MESSAGE_HEADER) return gather(flow, half, side, at, size);
  if (there < MESSAGE_HEADER) return 0;
  const message = messageSize(at + HEADER);
  if (message > length) return gather(flow, half, side, at, size);
  if (there < message) return size < BLOCK_BYTES ? 0 : surrender(flow, size);
  return read(flow, side, at + HEADER, message) ? pass(flow, half, side, length, Then.NOTHING) : surrender(flow, size);
}

/** Puts a hello of several records together. */
function gather(flow: Flow, half: Half, side: u32, at: usize, size: u32): u32 {
  const length = u16be(at + 3);
  if (half.gathered + length > BLOCK_BYTES - HEADER) return surrender(flow, size);
  if (size - HEADER < length) return 0;
  const block = gatherAt(half);
  if (!block) return surrender(flow, size);
  memory.copy(block + half.gathered, at + HEADER, length);
  half.gathered += length;
  const message = half.gathered < MESSAGE_HEADER ? BLOCK_BYTES : messageSize(block);
  if (half.gathered >= message) {
    if (!read(flow, side, block, message)) return surrender(flow, size);
    forgetGathered(half);
  }
  return pass(flow, half, side, length, Then.NOTHING);
}

/** Reads a hello that is complete; false where it is none. */
function read(flow: Flow, side: u32, at: usize, size: u32): bool {
  if (side == Side.SERVER) return takeServerHello(flow, at, size);
  if (load<u8>(at) != CLIENT_HELLO) return false;
  takeClientHello(flow, at, size);
  return true;
}

/** A hello in the form of SSL 2.0; the answer to it may be in that of a later version. */
function takeOldHello(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const half = halfOf(flow, side);
  if (side == Side.SERVER) {
    if (size < 4) return 0;
    if (!isOldServerHello(at)) return surrender(flow, size);
    agree(flow, SSL_2);
    // What follows has no form that others could read.
    if (flow.parser != OPAQUE) succeed(flow);
    return size;
  }
  const verdict = looksLikeOldHello(at, size);
  if (verdict == Verdict.MORE) return 0;
  const length = oldRecordSize(at);
  if (verdict == Verdict.NO) return surrender(flow, size);
  if (size < length) return size < BLOCK_BYTES ? 0 : surrender(flow, size);
  takeHelloUnread(flow);
  half.phase = <u8>Phase.RECORD;
  return length;
}
