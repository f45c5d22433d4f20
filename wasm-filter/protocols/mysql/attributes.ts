import { encodedAt, encodedSize } from "./conversation";

/**
 * What stands before a query where the client may send attributes with it (CLIENT_QUERY_ATTRIBUTES):
 *
 *     count, "1" | which are null, "1", (type u16, name) x count | values
 *
 * Statements begin with no such two bytes, so they are told apart without knowing what the two sides agreed on.
 */

/** Attributes of a query that are more are not read. */
const MOST: u32 = 31;
/** Their size cannot be told. */
export const UNKNOWN: u32 = u32.MAX_VALUE;

/** How many bytes stand before the query at `at`; UNKNOWN where they are not to be understood, or not all there. */
export function attributesSize(at: usize, size: u32): u32 {
  if (size < 2 || load<u8>(at) > MOST || load<u8>(at + 1) != 1) return 0;
  const count: u32 = load<u8>(at);
  if (!count) return 2;
  const nulls = at + 2;
  let used: u32 = 2 + ((count + 7) >> 3) + 1;
  let names = used;
  for (let i: u32 = 0; i < count; i++) {
    used += 2;
    const name = textSize(at, used, size);
    if (!name) return UNKNOWN;
    used += name;
  }
  for (let i: u32 = 0; i < count; i++) {
    const type: u32 = load<u8>(at + names);
    names += 2 + textSize(at, names + 2, size);
    if ((load<u8>(nulls + (i >> 3)) >> (<u8>(i & 7))) & 1) continue;
    const value = valueSize(type, at, used, size);
    if (value == UNKNOWN) return UNKNOWN;
    used += value;
  }
  return used <= size ? used : UNKNOWN;
}

/** Bytes of a text with its length; 0 where it is not all there. */
function textSize(at: usize, used: u32, size: u32): u32 {
  if (used >= size) return 0;
  const length = encodedAt(at + used);
  const whole = encodedSize(at + used);
  return length <= size && used + whole + <u32>length <= size ? whole + <u32>length : 0;
}

/** Bytes of a value (MySQL, "Binary Protocol Value"). */
function valueSize(type: u32, at: usize, used: u32, size: u32): u32 {
  switch (type) {
    case 6: // NULL
      return 0;
    case 1: // TINY
      return 1;
    case 2: // SHORT, YEAR
    case 13:
      return 2;
    case 3: // LONG, FLOAT, INT24
    case 4:
    case 9:
      return 4;
    case 5: // DOUBLE, LONGLONG
    case 8:
      return 8;
    case 7: // TIMESTAMP, DATE, TIME, DATETIME
    case 10:
    case 11:
    case 12:
      return used < size ? 1 + <u32>load<u8>(at + used) : UNKNOWN;
  }
  const text = textSize(at, used, size);
  return text ? text : UNKNOWN;
}
