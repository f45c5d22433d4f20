import { MAX_NAME } from "../limits";
import { Byte, classOf } from "./bytes";
import { hexValue, isDigit, isLetter } from "./path";

/**
 * Tells ids from names by their shape alone: numbers, UUIDs, hashes, ULIDs, dates, addresses, tokens. Names with digits
 * in them, such as "v1", "oauth2", "sha256sum" or "index2.html", are to stay.
 */

/**
 * The bytes of a segment that are an id, counted from its start: all of them, those before an extension (".png") or a
 * verb (":cancel"), or 0 where it is a name.
 *
 * @param classes What kinds of bytes the segment has (segmentClasses in path.ts).
 */
export function idLength(at: usize, size: u32, classes: u32): u32 {
  if (size > MAX_NAME) return size;
  if (classes & Byte.FREE && isFreeText(at, size)) return size;
  // A name of small letters that is too short to be a hash, as most segments are.
  if (!(classes & (Byte.DIGIT | Byte.UPPER)) && size < SHORTEST_HASH) return 0;
  const stem = stemLength(at, size);
  if (stem && isId(at, stem)) return stem;
  return isId(at, size) ? size : 0;
}

/** A run of hexadecimal digits is a hash from here on although none of them is a digit. */
const SHORTEST_HASH: u32 = 16;

/** Bytes before a last "." or ":" that up to 16 letters follow (an extension may have digits, as "mp4"); 0 if none. */
function stemLength(at: usize, size: u32): u32 {
  for (let i = size - 1; i > 0 && size - i <= 17; i--) {
    const byte: u32 = load<u8>(at + i);
    if (byte == COLON || byte == DOT) return size - i > 1 && isLetter(load<u8>(at + i + 1)) ? i : 0;
    if (!isLetter(byte) && !isDigit(byte)) return 0;
  }
  return 0;
}

const COLON: u32 = 0x3a;
const DOT: u32 = 0x2e;
const DASH: u32 = 0x2d;

function isId(at: usize, size: u32): bool {
  return isDateLike(at, size) || isUuid(at, size) || hasRandomToken(at, size);
}

/**
 * A number, date, time, or a version or address of numbers: begins with a digit, or with a sign before it, and has
 * nothing but digits and what stands between them. "1.1" and "2.0", versions of an API, are names.
 */
function isDateLike(at: usize, size: u32): bool {
  const sign: u32 = load<u8>(at) == DASH && size > 1 ? 1 : 0;
  if (!isDigit(load<u8>(at + sign))) return false;
  let dots: u32 = 0;
  let others: u32 = 0;
  for (let i: u32 = sign; i < size; i++) {
    const byte: u32 = load<u8>(at + i);
    if (isDigit(byte)) continue;
    if (byte == DOT) dots++;
    else if (isBetweenNumbers(byte)) others++;
    else return false;
  }
  return size > 4 || dots != 1 || others != 0;
}

/** "-", ":", ",", "+", "_", "T", "Z". */
function isBetweenNumbers(byte: u32): bool {
  return byte == DASH || byte == COLON || byte == 0x2c || byte == 0x2b || byte == 0x5f || byte == 0x54 || byte == 0x5a;
}

/** 8-4-4-4-12 hexadecimal digits. */
function isUuid(at: usize, size: u32): bool {
  if (size != 36) return false;
  for (let i: u32 = 0; i < 36; i++) {
    const byte: u32 = load<u8>(at + i);
    if (i == 8 || i == 13 || i == 18 || i == 23 ? byte != DASH : hexValue(byte) > 15) return false;
  }
  return true;
}

/** Text that someone typed: what had to be percent-encoded, or an address with "@" within. */
function isFreeText(at: usize, size: u32): bool {
  for (let i: u32 = 0; i < size; i++) {
    const byte: u32 = load<u8>(at + i);
    if (byte == 0x25 || (byte == 0x40 && i > 0)) return true;
  }
  return false;
}

/** Whether one of the runs of letters and digits looks drawn, not written. */
function hasRandomToken(at: usize, size: u32): bool {
  const end = at + size;
  let from = at;
  while (from < end) {
    let digits: u32 = 0;
    let hexLetters: u32 = 0;
    let changes: u32 = 0;
    let last: u32 = 0;
    let to = from;
    for (; to < end; to++) {
      const bits = classOf(load<u8>(to));
      const kind = bits & (Byte.DIGIT | Byte.LETTER);
      if (!kind) break;
      if (kind == Byte.DIGIT) digits++;
      else if (bits & Byte.HEX_LETTER) hexLetters++;
      if (last && kind != last) changes++;
      last = kind;
    }
    if (isRandomToken(<u32>(to - from), digits, hexLetters, changes)) return true;
    from = to + 1;
  }
  return false;
}

/** `changes`: how often a digit, small or capital letter follows one of another kind. */
function isRandomToken(size: u32, digits: u32, hexLetters: u32, changes: u32): bool {
  if (size < 5) return false;
  if (digits == size) return true;
  const isHex = digits + hexLetters == size;
  if (isHex && (size >= SHORTEST_HASH || (size >= 8 && digits >= 2))) return true;
  // Four digits in ten are more than a name has ("sha256sum" has three); in a long run two in ten are.
  if (size >= 8 && digits * 5 >= size * 2) return true;
  if (size >= 16 && digits * 5 >= size) return true;
  // Random base 62 changes between lower case, upper case and digits at 0.65 of its places, camelCase below 0.5.
  return size >= 10 && changes * 2 > size - 1;
}
