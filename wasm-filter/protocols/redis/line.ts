/** Lines of RESP: a letter that says the type, a value, CR LF. */
const CR: u32 = 13;
const LF: u32 = 10;
const MINUS: u32 = 0x2d;

/** What is no such line. */
export const BAD: u32 = u32.MAX_VALUE;
/** No number is longer, and no length of anything that Redis takes. */
const MAX_DIGITS: u32 = 18;
const LONGEST: i64 = 0xffffffff;

/** The number that was read last: a length, or how many elements follow; -1 is null. */
export let count: i64 = 0;

/**
 * Reads "$12\r\n", "*3\r\n" and their like, whatever the first letter is.
 *
 * @returns the bytes of the line, 0 where its end is not there yet, BAD where it is none
 */
export function readCount(at: usize, size: u32): u32 {
  let i: u32 = 1;
  const isNegative = size > 1 && load<u8>(at + 1) == MINUS;
  if (isNegative) i++;
  const from = i;
  let value: i64 = 0;
  while (i < size) {
    const digit = <u32>load<u8>(at + i) - 48;
    if (digit > 9) break;
    if (i - from == MAX_DIGITS) return BAD;
    value = value * 10 + digit;
    i++;
  }
  count = isNegative ? -value : value;
  if (i == size) return 0;
  if (i == from || load<u8>(at + i) != CR || value > LONGEST) return BAD;
  if (i + 1 == size) return 0;
  return load<u8>(at + i + 1) == LF ? i + 2 : BAD;
}

/** How many bytes there are up to the first LF, with it; 0 where there is none. */
export function lineSize(at: usize, size: u32): u32 {
  const feed = i8x16.splat(<i8>LF);
  for (let i: u32 = 0; i < size; i += 16) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(at + i), feed));
    if (!mask) continue;
    const end = i + <u32>ctz(mask);
    return end < size ? end + 1 : 0;
  }
  return 0;
}
