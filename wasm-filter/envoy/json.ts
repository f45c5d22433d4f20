/**
 * Reads JSON (RFC 8259) in one pass, where the caller says what it expects next. What it does not expect it skips.
 * Nothing is allocated; a malformed document makes every later call answer "no" and `isBroken` true.
 */
const VALUE_BYTES: u32 = 512;
const value = memory.data(512, 8);

let start: usize = 0;
let at: usize = 0;
let end: usize = 0;
let broken: bool = false;
let size: u32 = 0;

export function startJson(from: usize, length: u32): void {
  start = from;
  at = from;
  end = from + length;
  broken = false;
}

export function isBroken(): bool {
  return broken;
}

/** How far it was read. */
export function stoppedAt(): u32 {
  return <u32>(at - start);
}

/** Whether nothing but white space is left. */
export function isAtEnd(): bool {
  return peek() == 0 && at >= end;
}

/** Enters an object or array that begins with this byte. */
export function enter(open: u32): bool {
  return take(open);
}

/** Steps to the next key of an object (then the current string), false at its end. */
export function nextKey(): bool {
  if (!nextElement(0x7d)) return false;
  return readString() && (take(COLON) || breakOff());
}

/** Steps to the next item of an array, false at its end. */
export function nextItem(): bool {
  return nextElement(0x5d);
}

/** Takes a comma or the closing byte. A trailing comma is let pass. */
function nextElement(close: u32): bool {
  if (broken) return false;
  take(COMMA);
  if (take(close)) return false;
  return at < end || breakOff();
}

/** Reads a string into the buffer; one that is longer than the buffer is read as the empty one. */
export function readString(): bool {
  size = 0;
  if (!take(QUOTE)) return false;
  let isTooLong = false;
  while (at < end) {
    const byte: u32 = load<u8>(at++);
    if (byte == QUOTE) {
      if (isTooLong) size = 0;
      return true;
    }
    if (size + 4 > VALUE_BYTES) {
      isTooLong = true;
      size = 0;
    }
    if (byte == BACKSLASH) readEscape();
    else put(byte);
  }
  return breakOff();
}

/** The current string. */
export function stringAt(): usize {
  return value;
}

export function stringSize(): u32 {
  return size;
}

/** Reads a whole number without a sign; -1 where the value is something else, which then is skipped. */
export function readInteger(): i64 {
  const first = peek();
  if (first - 48 > 9) {
    skipValue();
    return -1;
  }
  let number: i64 = 0;
  while (at < end && <u32>load<u8>(at) - 48 < 10) {
    number = min<i64>(number * 10 + (load<u8>(at) - 48), i32.MAX_VALUE);
    at++;
  }
  const stop = at;
  skipScalar();
  return at == stop ? number : -1;
}

/** Reads true as 1 and false as 0; -1 where the value is something else, which then is skipped. */
export function readBoolean(): i32 {
  const first = peek();
  const from = at;
  skipValue();
  const size = <u32>(at - from);
  if (first == 0x74 && size == 4 && load<u32>(from) == TRUE) return 1;
  if (first == 0x66 && size == 5 && load<u32>(from) == FALS && load<u8>(from, 4) == 0x65) return 0;
  return -1;
}

/** Skips a value of any kind, with all that is in it. */
export function skipValue(): void {
  let depth: u32 = 0;
  do {
    const byte = peek();
    if (broken || at >= end) {
      breakOff();
      return;
    }
    if (byte == QUOTE) {
      readString();
    } else if (byte == 0x7b || byte == 0x5b) {
      depth++;
      at++;
    } else if (byte == 0x7d || byte == 0x5d) {
      if (!depth) {
        breakOff();
        return;
      }
      depth--;
      at++;
    } else if (byte == COMMA || byte == COLON) {
      at++;
    } else if (!skipScalar()) {
      breakOff();
      return;
    }
  } while (depth);
}

/** "true" and "fals" as they stand in memory. */
const TRUE: u32 = 0x65757274;
const FALS: u32 = 0x736c6166;
const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const COLON: u32 = 0x3a;
const BACKSLASH: u32 = 0x5c;

/** The next byte that is no white space, 0 at the end. */
function peek(): u32 {
  while (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09) return byte;
    at++;
  }
  return 0;
}

function take(byte: u32): bool {
  if (broken || peek() != byte || at >= end) return false;
  at++;
  return true;
}

function breakOff(): bool {
  broken = true;
  return false;
}

/** Skips the rest of a number, true, false or null; false where there is nothing that could be one. */
function skipScalar(): bool {
  const from = at;
  while (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte == COMMA || byte == 0x7d || byte == 0x5d || byte == COLON || byte == QUOTE || byte <= 0x20) break;
    at++;
  }
  return at > from;
}

function put(byte: u32): void {
  store<u8>(value + size++, <u8>byte);
}

function readEscape(): void {
  if (at >= end) return;
  const byte: u32 = load<u8>(at++);
  if (byte == 0x75) return readUnicode();
  if (byte == 0x6e) put(0x0a);
  else if (byte == 0x74) put(0x09);
  else if (byte == 0x72) put(0x0d);
  else if (byte == 0x62) put(0x08);
  else if (byte == 0x66) put(0x0c);
  else put(byte);
}

/** A character of the basic plane; half of a surrogate pair becomes "?", since no setting needs more. */
function readUnicode(): void {
  let code: u32 = 0;
  for (let i = 0; i < 4; i++) {
    if (at >= end) return;
    const byte: u32 = load<u8>(at++);
    const digit = byte - 48 < 10 ? byte - 48 : (byte | 0x20) - 87;
    code = (code << 4) | (digit & 15);
  }
  if (code < 0x80) return put(code);
  if (code - 0xd800 < 0x800) return put(0x3f);
  if (code < 0x800) {
    put(0xc0 | (code >> 6));
  } else {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 63));
  }
  put(0x80 | (code & 63));
}
