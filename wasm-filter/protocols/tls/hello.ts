import { isSame, lower } from "../../core/text";
import { u16be, u24be } from "../../packet/bytes";

/**
 * The messages that open a handshake (RFC 8446, 4.1), each behind its type and its length:
 *
 *     ClientHello  version u16 | random 32 | session id | cipher suites | compression methods | extensions
 *     ServerHello  version u16 | random 32 | session id | cipher suite u16 | compression method u8 | extensions
 */
export const MESSAGE_HEADER: u32 = 4;
export const CLIENT_HELLO: u32 = 1;
export const SERVER_HELLO: u32 = 2;
/** Of drafts of TLS 1.3. */
const HELLO_RETRY_REQUEST: u32 = 6;

export const SSL_2: u32 = 0x0002;
export const TLS_1_3: u32 = 0x0304;

const RANDOM: u32 = 32;
const SERVER_NAME: u32 = 0;
const PROTOCOLS: u32 = 16;
const SUPPORTED_VERSIONS: u32 = 43;
const LONGEST_NAME: u32 = 253;
/** The random bytes of a ServerHello that asks for another ClientHello: SHA-256 of "HelloRetryRequest". */
const RETRY = memory.data<u8>([
  0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
  0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
]);

/** Of the ServerHello that was read last: the version that is spoken from then on, and whether it asks for another hello. */
export let version: u32 = 0;
export let isRetry: bool = false;

/** Of the ClientHello that was read last: the host's name in lower case; isOddName where it is formed like none. */
const name = memory.data(256, 8);
export let nameSize: u32 = 0;
export let isOddName: bool = false;
/** Whether it may be that of a kubelet that probes: it names no host, and offers what Go's HTTP does (RFC 7301). */
export let isLikeProbe: bool = false;
/** "h2", "http/1.1" */
const WEB = memory.data<u8>([0, 12, 2, 0x68, 0x32, 8, 0x68, 0x74, 0x74, 0x70, 0x2f, 0x31, 0x2e, 0x31]);
const WEB_BYTES: u32 = 14;

export function nameAt(): usize {
  return name;
}

/** What extensions are looked through for, and where its body was found. */
let found: usize = 0;
let foundSize: u32 = 0;

/** Reads a ClientHello, `size` bytes of message. */
export function readClientHello(at: usize, size: u32): void {
  forgetName();
  let from: u32 = MESSAGE_HEADER + 2 + RANDOM;
  if (from >= size) return;
  from += 1 + load<u8>(at + from);
  if (from + 2 > size) return;
  from += 2 + u16be(at + from);
  if (from >= size) return;
  from += 1 + load<u8>(at + from);
  const isNamed = findExtension(at, from, size, SERVER_NAME);
  if (!isNamed) isLikeProbe = offersWeb(at, from, size);
  if (!isNamed || foundSize < 5) return;
  // A list of names, of which only one of type 0 was ever defined.
  const length = u16be(found + 3);
  if (load<u8>(found + 2) == 0 && length <= foundSize - 5) takeName(found + 5, length);
}

function offersWeb(at: usize, from: u32, size: u32): bool {
  return findExtension(at, from, size, PROTOCOLS) && foundSize == WEB_BYTES && isSame(found, WEB, WEB_BYTES);
}

/** Has the last ClientHello name no host. */
export function forgetName(): void {
  isLikeProbe = false;
  nameSize = 0;
  isOddName = false;
}

/** Reads a ServerHello, `size` bytes of message; false where it is none. */
export function readServerHello(at: usize, size: u32): bool {
  const type: u32 = load<u8>(at);
  version = 0;
  isRetry = type == HELLO_RETRY_REQUEST;
  if (isRetry) return true;
  let from: u32 = MESSAGE_HEADER + 2 + RANDOM;
  if (type != SERVER_HELLO || from > size) return false;
  version = plain(u16be(at + MESSAGE_HEADER));
  isRetry = isSame(at + MESSAGE_HEADER + 2, RETRY, RANDOM);
  if (from >= size || version == TLS_1_3) return true;
  from += 1 + load<u8>(at + from) + 3;
  if (findExtension(at, from, size, SUPPORTED_VERSIONS) && foundSize == 2) version = plain(u16be(found));
  return true;
}

/** Drafts of TLS 1.3 had numbers of their own. */
function plain(value: u32): u32 {
  const high = value >> 8;
  return high == 0x7f || high == 0x7e || high == 0xfb ? TLS_1_3 : value;
}

function findExtension(at: usize, start: u32, size: u32, type: u32): bool {
  if (start + 2 > size) return false;
  let from = start + 2;
  const end = min(size, from + u16be(at + start));
  while (from + 4 <= end) {
    const length = u16be(at + from + 2);
    if (from + 4 + length > end) return false;
    if (u16be(at + from) == type) {
      found = at + from + 4;
      foundSize = length;
      return true;
    }
    from += 4 + length;
  }
  return false;
}

function takeName(at: usize, size: u32): void {
  isOddName = size == 0 || size > LONGEST_NAME;
  for (let i: u32 = 0; i < size && !isOddName; i++) {
    const byte = lower(load<u8>(at + i));
    isOddName = !(byte - 97 < 26 || byte - 48 < 10 || byte == 0x2d || byte == 0x2e || byte == 0x5f);
    store<u8>(name + i, <u8>byte);
  }
  nameSize = isOddName ? 0 : size;
}

/** How long the message is that begins at `at`, its header included. */
export function messageSize(at: usize): u32 {
  return MESSAGE_HEADER + u24be(at + 1);
}
