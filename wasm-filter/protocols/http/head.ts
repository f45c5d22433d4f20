import { Text, bytesOf, lower, sizeOf, text } from "../../core/text";

/**
 * The head of a message (RFC 9112): a start line and header fields, up to an empty line. Lines may end with a bare LF. One
 * pass looks for the ends of lines, sixteen bytes at a time, and reads of each field what decides where the message ends.
 */

/** What the last head says of the body; NONE where it has no Content-Length. */
export const NONE: u64 = u64.MAX_VALUE;
export let contentLength: u64 = NONE;
export let isChunked: bool = false;
/** Whether it upgrades to HTTP/2 (RFC 7540, 3.2). */
export let isHttp2: bool = false;
/** Whether its sender may wait for a word before it sends the body. */
export let isExpecting: bool = false;
/** Whether it says that a kubelet sent it, to probe. */
export let isProbe: bool = false;
/** Where the start line ends, without its line end. */
export let startEnd: usize = 0;
/** Empty lines before the start line, which it begins behind. */
export let startAt: usize = 0;

const CONTENT_LENGTH = text("content-length");
const TRANSFER_ENCODING = text("transfer-encoding");
const CHUNKED = text("chunked");
const EXPECT = text("expect");
const CONTINUE = text("100-continue");
const UPGRADE = text("upgrade");
const H2C = text("h2c");
const USER_AGENT = text("user-agent");
const KUBE_PROBE = text("kube-probe/");

const LONGEST_BODY: u64 = 1 << 56;

const LF: u32 = 10;
const CR: u32 = 13;
const COLON: u32 = 0x3a;

/**
 * Reads the head that begins at `at`.
 *
 * @returns its size, 0 where its end is not among the `size` bytes
 */
export function readHead(at: usize, size: u32): u32 {
  contentLength = NONE;
  isChunked = false;
  isHttp2 = false;
  isExpecting = false;
  isProbe = false;
  startEnd = 0;
  let line = at;
  const end = at + size;
  const newline = i8x16.splat(<i8>LF);
  for (let from = at; from < end; from += 16) {
    let mask = i8x16.bitmask(i8x16.eq(v128.load(from), newline));
    while (mask) {
      const feed = from + ctz(mask);
      if (feed >= end) return 0;
      mask &= mask - 1;
      const length = <u32>(feed - line) - u32(feed > line && load<u8>(feed - 1) == CR);
      if (!startEnd) {
        // Empty lines before a message are passed over (RFC 9112, 2.2).
        if (length) {
          startAt = line;
          startEnd = line + length;
        }
      } else if (!length) {
        return <u32>(feed + 1 - at);
      } else {
        readField(line, length);
      }
      line = feed + 1;
    }
  }
  return 0;
}

/** Has the start line be these bytes, whose end is not there. */
export function beginAt(at: usize, size: u32): void {
  startAt = at;
  startEnd = at + size;
}

/** Has the head announce no body. */
export function forgetBody(): void {
  contentLength = 0;
  isChunked = false;
}

/** The names that matter begin with "c" or "t" and have fourteen or more letters, or are "upgrade", "user-agent" or "expect". */
function readField(at: usize, size: u32): void {
  const first = lower(load<u8>(at));
  if (first == 0x63) {
    if (size > 15 && load<u8>(at + 14) == COLON && isName(at, CONTENT_LENGTH)) readLength(at + 15, at + size);
  } else if (first == 0x74) {
    if (size > 18 && load<u8>(at + 17) == COLON && isName(at, TRANSFER_ENCODING)) readEncoding(at + 18, at + size);
  } else if (first == 0x75) {
    if (size > 10 && load<u8>(at + 7) == COLON && isName(at, UPGRADE)) readUpgrade(at + 8, at + size);
    else if (size > 22 && load<u8>(at + 10) == COLON && isName(at, USER_AGENT)) readAgent(at + 11, at + size);
  } else if (first == 0x65) {
    if (size > 18 && load<u8>(at + 6) == COLON && isName(at, EXPECT)) readExpectation(at + 7, at + size);
  }
}

function isName(at: usize, name: Text): bool {
  for (let i: u32 = 0; i < sizeOf(name); i++) if (lower(load<u8>(at + i)) != load<u8>(bytesOf(name) + i)) return false;
  return true;
}

function readLength(at: usize, end: usize): void {
  while (at < end && load<u8>(at) <= 32) at++;
  const first = at;
  let value: u64 = 0;
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - 48;
    if (digit > 9) break;
    // No body has so many bytes: what says so is wrong, and nothing is known of where it ends.
    if (value > LONGEST_BODY) return;
    value = value * 10 + digit;
  }
  if (at > first) contentLength = value;
}

function readUpgrade(at: usize, end: usize): void {
  while (at < end && load<u8>(at) <= 32) at++;
  while (end > at && load<u8>(end - 1) <= 32) end--;
  isHttp2 = <u32>(end - at) == sizeOf(H2C) && isName(at, H2C);
}

function readExpectation(at: usize, end: usize): void {
  while (at < end && load<u8>(at) <= 32) at++;
  while (end > at && load<u8>(end - 1) <= 32) end--;
  isExpecting = <u32>(end - at) == sizeOf(CONTINUE) && isName(at, CONTINUE);
}

function readAgent(at: usize, end: usize): void {
  while (at < end && load<u8>(at) <= 32) at++;
  isProbe = <u32>(end - at) > sizeOf(KUBE_PROBE) && isName(at, KUBE_PROBE);
}

/** Chunked is the last coding where it is one (RFC 9112, 6.1). */
function readEncoding(at: usize, end: usize): void {
  while (end > at && load<u8>(end - 1) <= 32) end--;
  if (<u32>(end - at) >= sizeOf(CHUNKED)) isChunked = isName(end - sizeOf(CHUNKED), CHUNKED);
}

/** Where the first LF is, 0 where there is none. */
export function lineEnd(at: usize, size: u32): usize {
  const end = at + size;
  const newline = i8x16.splat(<i8>LF);
  for (let from = at; from < end; from += 16) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(from), newline));
    if (!mask) continue;
    const feed = from + ctz(mask);
    return feed < end ? feed : 0;
  }
  return 0;
}
