import { isSame } from "../../core/text";
import { Verdict } from "../../packet/parsers";

/** The start lines of HTTP/1.0 and 1.1: how to tell them from anything else, and what is in them. */
const LONGEST_METHOD: u32 = 32;
/** "HTTP/1.1" has eight bytes. */
const LONGEST_VERSION: usize = 16;
/** So many bytes of a request line that has not ended must look like one. */
const ENOUGH: u32 = 256;
const SPACE: u32 = 32;
const SLASH: u32 = 0x2f;
/** "HTTP" and "/1." */
const HTTP: u32 = 0x50545448;

/** Of the request line that was read last. */
export let methodSize: u32 = 0;
export let target: usize = 0;
export let targetSize: u32 = 0;

/** Whether a request begins with these bytes. */
export function looksLikeRequest(at: usize, size: u32): u32 {
  const from = skipEmptyLines(at, size);
  size -= from;
  at += from;
  const length = methodLength(at, size);
  if (length > LONGEST_METHOD) return Verdict.NO;
  if (length >= size) return Verdict.MORE;
  if (!length || load<u8>(at + length) != SPACE) return Verdict.NO;
  for (let i = length + 1; i < size; i++) {
    const byte: u32 = load<u8>(at + i);
    if (byte == 10) return readRequestLine(at, at + i - u32(load<u8>(at + i - 1) == 13)) ? Verdict.YES : Verdict.NO;
    if (byte < SPACE && byte != 13 && byte != 9) return Verdict.NO;
  }
  return size > ENOUGH && load<u8>(at + length + 1) == SLASH ? Verdict.YES : Verdict.MORE;
}

/** Whether an answer begins with these bytes. */
export function looksLikeAnswer(at: usize, size: u32): u32 {
  const from = skipEmptyLines(at, size);
  size -= from;
  at += from;
  if (size >= 8) return load<u32>(at) == HTTP && isVersion(at + 4) ? Verdict.YES : Verdict.NO;
  return isSame(at, HTTP_AT, min(size, 4)) ? Verdict.MORE : Verdict.NO;
}
const HTTP_AT = memory.data<u8>([0x48, 0x54, 0x54, 0x50]);

function skipEmptyLines(at: usize, size: u32): u32 {
  let from: u32 = 0;
  while (from < size && from < 8 && (load<u8>(at + from) == 13 || load<u8>(at + from) == 10)) from++;
  return from;
}

/** Of an answer any version is taken: some servers write "HTTP/2.0", "HTTP/1.00" and worse, and clients take it. */
function isVersion(at: usize): bool {
  return load<u8>(at) == SLASH && <u32>load<u8>(at, 1) - 48 < 10;
}

/** "/1.0", "/1.1" and what may come of them. */
function isVersionOne(at: usize): bool {
  return load<u16>(at) == 0x312f && load<u8>(at, 2) == 0x2e && <u32>load<u8>(at, 3) - 48 < 10;
}

/** Bytes of the token at the beginning (RFC 9110, 5.6.2). */
function methodLength(at: usize, size: u32): u32 {
  let i: u32 = 0;
  for (; i < size && i <= LONGEST_METHOD; i++) {
    const byte: u32 = load<u8>(at + i);
    const isToken = (byte | 0x20) - 97 < 26 || byte - 48 < 10 || byte == 0x2d || byte == 0x5f;
    if (!isToken) break;
  }
  return i;
}

/** Reads "GET " of a request line whose end is not there; false where it is none. */
export function readMethod(at: usize, size: u32): bool {
  methodSize = methodLength(at, size);
  return methodSize != 0 && methodSize < min(size, LONGEST_METHOD) && load<u8>(at + methodSize) == SPACE;
}

/** Reads "GET /path HTTP/1.1"; false where it is none. */
export function readRequestLine(at: usize, end: usize): bool {
  methodSize = methodLength(at, <u32>(end - at));
  const from = at + methodSize;
  if (!methodSize || methodSize > LONGEST_METHOD || load<u8>(from) != SPACE) return false;
  while (end > from && load<u8>(end - 1) == SPACE) end--;
  const version = versionOf(from, end);
  if (!version) return false;
  // "GET HTTP/1.1" has none, and is answered by some.
  target = from + 1;
  targetSize = version - 1 > from ? <u32>(version - 1 - target) : 0;
  return true;
}

/** Where the version stands with which a request line ends, 0 where none does. Some have more behind it ("HTTP/1.0.8"). */
function versionOf(from: usize, end: usize): usize {
  for (let at = end - 8; at > from && at + LONGEST_VERSION > end; at--) {
    if (load<u32>(at) == HTTP) return isVersionOne(at + 4) && load<u8>(at - 1) == SPACE ? at : 0;
  }
  return 0;
}

/** Whether a status line whose end may be missing has a status. */
export function hasStatus(at: usize, end: usize): bool {
  const status = readStatusLine(at, end);
  return status != 0 && status != BROKEN_STATUS;
}

/** In place of a status that is none, as in "HTTP/1.1 2XX OK": beyond all that there are. */
export const BROKEN_STATUS: u32 = 1000;

/** The status of "HTTP/1.1 200 OK", BROKEN_STATUS where it begins with a digit and is none; 0 where this is no status line. */
export function readStatusLine(at: usize, end: usize): u32 {
  if (end < at + 10 || load<u32>(at) != HTTP || !isVersion(at + 4)) return 0;
  let from = at + 6;
  while (from + 1 < end && from < at + LONGEST_VERSION && load<u8>(from) != SPACE) from++;
  if (load<u8>(from) != SPACE) return 0;
  let status: u32 = 0;
  let digits: u32 = 0;
  while (++from < end && digits < 4) {
    const digit = <u32>load<u8>(from) - 48;
    if (digit > 9) break;
    status = status * 10 + digit;
    digits++;
  }
  if (!digits) return 0;
  return digits == 3 && status >= 100 ? status : BROKEN_STATUS;
}
