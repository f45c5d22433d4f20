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

/** Reads "GET /path HTTP/1.1"; false where it is none. */
export function readRequestLine(at: usize, end: usize): bool {
  methodSize = methodLength(at, <u32>(end - at));
  const from = at + methodSize;
  if (!methodSize || methodSize > LONGEST_METHOD || load<u8>(from) != SPACE) return false;
  while (end > from && load<u8>(end - 1) == SPACE) end--;
  if (end < from + 9 || load<u32>(end - 8) != HTTP || !isVersionOne(end - 4) || load<u8>(end - 9) != SPACE)
    return false;
  // "GET HTTP/1.1" has none, and is answered by some.
  target = from + 1;
  targetSize = end - 9 > from ? <u32>(end - 9 - target) : 0;
  return true;
}

/** The status of "HTTP/1.1 200 OK"; 0 where it is none. */
export function readStatusLine(at: usize, end: usize): u32 {
  if (end < at + 12 || load<u32>(at) != HTTP || !isVersion(at + 4)) return 0;
  let from = at + 6;
  while (from + 4 < end && from < at + LONGEST_VERSION && load<u8>(from) != SPACE) from++;
  if (load<u8>(from) != SPACE) return 0;
  let status: u32 = 0;
  for (let i: usize = 1; i < 4; i++) {
    const digit = <u32>load<u8>(from + i) - 48;
    if (digit > 9) return 0;
    status = status * 10 + digit;
  }
  return status >= 100 ? status : 0;
}
