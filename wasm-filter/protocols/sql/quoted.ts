import { utf8Length } from "../../core/clean";

/**
 * Where quoted things and comments end. All of them answer the first byte behind, or `end` where it is not there: then all that
 * is left belongs to it.
 */

/** What a backslash does within a string. */
export namespace Backslash {
  /** Nothing: PostgreSQL, and MySQL with NO_BACKSLASH_ESCAPES. */
  export const PLAIN: u32 = 0;
  /** The next byte is part of the string, also a quote: MySQL, and E'' of PostgreSQL. */
  export const ESCAPES: u32 = 1;
  /** One of these: the connection was joined midway. */
  export const UNKNOWN: u32 = 2;
}

const BACKSLASH: u32 = 0x5c;
const SLASH: u32 = 0x2f;
const STAR: u32 = 0x2a;
const DOLLAR: u32 = 0x24;

/** Where the string or name ends whose opening quote is at `at`. Two quotes in a row are one that belongs to it. */
export function quotedEnd(at: usize, end: usize, backslash: u32): usize {
  const quote = load<u8>(at);
  const start = at;
  for (at++; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == quote) {
      if (at + 1 >= end || load<u8>(at + 1) != quote) return at + 1;
      at++;
    } else if (byte == BACKSLASH && backslash != Backslash.PLAIN) {
      // Where it may or may not take the quote with it, nothing that follows can be told from what is quoted.
      const isBeforeQuote = at + 1 < end && load<u8>(at + 1) == quote;
      if (isBeforeQuote && (backslash == Backslash.UNKNOWN || mayBeHalf(at, start))) return end;
      at++;
    }
  }
  return end;
}

/** Whether a backslash may be the second half of a letter, as in Big5, GBK and Shift JIS: what is before it is not UTF-8. */
function mayBeHalf(at: usize, start: usize): bool {
  if (load<u8>(at - 1) < 0x80) return false;
  let first = at - 1;
  while (first > start + 1 && at - first < 4 && (load<u8>(first) & 0xc0) == 0x80) first--;
  return utf8Length(first, <u32>(at - first)) != <u32>(at - first);
}

/** Where the line ends. */
export function commentLineEnd(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != 10 && load<u8>(at) != 13) at++;
  return at;
}

/** Where the comment ends whose slash and star are at `at`. In PostgreSQL comments may hold others. */
export function commentEnd(at: usize, end: usize, mayNest: bool): usize {
  let depth: u32 = 1;
  for (at += 2; at + 1 < end; at++) {
    const byte = load<u8>(at);
    const next = load<u8>(at + 1);
    if (byte == STAR && next == SLASH) {
      if (--depth == 0) return at + 2;
      at++;
    } else if (mayNest && byte == SLASH && next == STAR) {
      depth++;
      at++;
    }
  }
  return end;
}

/** Where the string ends that a $tag$ at `at` begins; 0 where there is no such tag. */
export function dollarQuotedEnd(at: usize, end: usize): usize {
  let tag = at + 1;
  while (tag < end && isTagByte(load<u8>(tag))) tag++;
  if (tag >= end || load<u8>(tag) != DOLLAR || load<u8>(at + 1) - 48 < 10) return 0;
  const size = <u32>(tag + 1 - at);
  for (let from = tag + 1; from + size <= end; from++) {
    if (load<u8>(from) == DOLLAR && memory.compare(from, at, size) == 0) return from + size;
  }
  return end;
}

function isTagByte(byte: u32): bool {
  return (byte | 0x20) - 97 < 26 || byte - 48 < 10 || byte == 0x5f || byte >= 0x80;
}
