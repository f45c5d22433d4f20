import { MAX_SEGMENT, MAX_SEGMENTS } from "../limits";
import { Byte, classOf } from "./bytes";

/**
 * A request's path, taken apart into its segments, normalised and bounded. Only ASCII comes out: percent-encoding of
 * unreserved characters is undone, every other byte that does not belong into a path stays or becomes percent-encoded
 * in upper case (RFC 3986, 2.3 and 6.2.2).
 *
 *     bytes   MAX_SEGMENT + 1 places a segment; what is longer is cut there, which its size tells
 *     sizes   u32 a segment
 *     classes u8 a segment: the bits (bytes.ts) that its bytes have
 */
const WIDTH: u32 = MAX_SEGMENT + 1;
const bytes = memory.data(1548, 8);
const sizes = memory.data(48, 8);
const classes = memory.data(12, 8);

let count: u32 = 0;
let deeper: bool = false;
let asterisk: bool = false;
let size: u32 = 0;
let bits: u32 = 0;

/** Takes a path apart: origin-form, absolute-form or "*" (RFC 9112, 3.2). Query, fragment and path parameters go. */
export function splitPath(at: usize, length: u32): void {
  const end = at + length;
  count = 0;
  deeper = false;
  asterisk = length == 1 && load<u8>(at) == STAR;
  if (asterisk) return;
  let from = skipAuthority(at, end);
  while (from < end && !deeper) {
    from = readSegment(from, end);
    if (from < end && load<u8>(from) != SLASH) return;
    from++;
  }
}

/** Whether the path is that of a request to the server as a whole (OPTIONS *). */
export function isAsterisk(): bool {
  return asterisk;
}

export function segmentCount(): u32 {
  return count;
}

/** Whether there were more segments than are kept. */
export function isDeeper(): bool {
  return deeper;
}

export function segmentAt(i: u32): usize {
  return bytes + <usize>(i * WIDTH);
}

/** Bytes of a segment; MAX_SEGMENT + 1 where it was longer than MAX_SEGMENT. */
export function segmentSize(i: u32): u32 {
  return load<u32>(sizes + ((<usize>i) << 2));
}

/** What kinds of bytes a segment has: bits of bytes.ts. */
export function segmentClasses(i: u32): u32 {
  return load<u8>(classes + i);
}

const SLASH: u32 = 0x2f;
const STAR: u32 = 0x2a;
const PERCENT: u32 = 0x25;

/** Behind "http://host" where the path begins with it. */
export function skipAuthority(at: usize, end: usize): usize {
  let from = at;
  while (from < end && isLetter(load<u8>(from))) from++;
  if (from == at || from + 3 > end || load<u8>(from) != 0x3a || load<u16>(from + 1) != 0x2f2f) return at;
  from += 3;
  while (from < end && load<u8>(from) != SLASH && load<u8>(from) != 0x3f) from++;
  return from;
}

/** Reads one segment; returns where it ends: at a slash, at the query, or at the end. Empty ones are not kept. */
function readSegment(from: usize, end: usize): usize {
  size = 0;
  bits = 0;
  let at = count < MAX_SEGMENTS ? readPlain(from, end) : from;
  let isParameter = false;
  while (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte == SLASH || byte == 0x3f || byte == 0x23) break;
    if (byte == 0x3b) isParameter = true;
    at += isParameter || size == WIDTH ? 1 : readByte(at, end, byte);
  }
  if (size) keep();
  return at;
}

/** Reads what goes into the segment as it is, and returns where that ends. */
function readPlain(from: usize, end: usize): usize {
  const segment = segmentAt(count);
  const limit = min(end, from + MAX_SEGMENT);
  let at = from;
  let seen: u32 = 0;
  for (; at < limit; at++) {
    const byte: u32 = load<u8>(at);
    const kind = classOf(byte);
    if (kind & (Byte.END | Byte.SPECIAL)) break;
    seen |= kind;
    store<u8>(segment + (at - from), <u8>byte);
  }
  bits = seen;
  size = <u32>(at - from);
  return at;
}

function keep(): void {
  if (count == MAX_SEGMENTS) {
    deeper = true;
    return;
  }
  store<u32>(sizes + ((<usize>count) << 2), size);
  store<u8>(classes + count, <u8>bits);
  count++;
}

/** Reads one byte, encoded or not, and returns how many it took. */
function readByte(at: usize, end: usize, byte: u32): u32 {
  if (byte != PERCENT || at + 2 >= end) {
    put(byte);
    return 1;
  }
  const high = hexValue(load<u8>(at + 1));
  const low = hexValue(load<u8>(at + 2));
  if ((high | low) > 15) {
    put(PERCENT);
    return 1;
  }
  const decoded = (high << 4) | low;
  if (isUnreserved(decoded)) append(decoded);
  else putEncoded(decoded);
  return 3;
}

function put(byte: u32): void {
  if (byte == PERCENT || byte <= 0x20 || byte >= 0x7f) putEncoded(byte);
  else append(byte);
}

/** Writes a byte percent-encoded: three bytes. */
export function putEncodedAt(at: usize, byte: u32): void {
  store<u8>(at, <u8>PERCENT);
  store<u8>(at, <u8>hexDigit(byte >> 4), 1);
  store<u8>(at, <u8>hexDigit(byte & 15), 2);
}

function putEncoded(byte: u32): void {
  append(PERCENT);
  append(hexDigit(byte >> 4));
  append(hexDigit(byte & 15));
}

/** A segment that is too long to be kept whole is as long as its place, and more is not written. */
function append(byte: u32): void {
  if (size == WIDTH || count == MAX_SEGMENTS) {
    size = max<u32>(size, 1);
    return;
  }
  bits |= classOf(byte);
  store<u8>(segmentAt(count) + size, <u8>byte);
  size++;
}

function hexDigit(value: u32): u32 {
  return value < 10 ? value + 48 : value + 55;
}

/** 0 to 15, or more where the byte is no hexadecimal digit. */
export function hexValue(byte: u32): u32 {
  if (byte - 48 < 10) return byte - 48;
  const letter = (byte | 0x20) - 97;
  return letter < 6 ? letter + 10 : 16;
}

export function isDigit(byte: u32): bool {
  return byte - 48 < 10;
}

export function isLetter(byte: u32): bool {
  return (byte | 0x20) - 97 < 26;
}

function isUnreserved(byte: u32): bool {
  return isDigit(byte) || isLetter(byte) || byte == 0x2d || byte == 0x2e || byte == 0x5f || byte == 0x7e;
}
