import { isUnpackedFull, putByte, putBytes, repeat, startUnpacked } from "./unpacked";

/**
 * Unpacks zlib's format (RFC 1950, RFC 1951) to unpacked.ts, as far as it is there, and there is room.
 *
 *     BLOCK --stored--> bytes --------------------------.
 *       ^ |--fixed----------------> codes --256--.      |
 *       | `--dynamic--> lengths --> codes --256--|      |
 *       `----------------------------------------´------´   until the last one
 */
const STORED: u32 = 0;
const FIXED: u32 = 1;
const DYNAMIC: u32 = 2;
const LONGEST_CODE: u32 = 15;
const END: u32 = 256;
const MOST_LITERALS: u32 = 288;
const MOST_DISTANCES: u32 = 30;
/** What `symbol` answers for what is no code, or is not there. */
const NONE: u32 = u32.MAX_VALUE;

/** Extra bits of lengths (257 to 285) and of distances, and the order in which the lengths of the codes of lengths come. */
const lengthExtras = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
const order = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** A code: how many symbols have each length (u16 x 16), and the symbols by length and then by value (u16). */
const literals = memory.data(32 + 288 * 2, 8);
const distances = memory.data(32 + 288 * 2, 8);
/** Lengths of the codes of a dynamic block: u8 a symbol. */
const lengths = memory.data(288 + 32 + 138, 8);
const offsets = memory.data(32, 8);

let at: usize = 0;
let end: usize = 0;
let pending: u32 = 0;
let bits: u32 = 0;
let isShort: bool = false;

/** @returns false where it is none */
export function unpackZlib(from: usize, size: u32): bool {
  startUnpacked();
  if (size < 2) return true;
  const head = ((<u32>load<u8>(from)) << 8) | load<u8>(from, 1);
  // Deflate, a sum that is a multiple of 31, no dictionary.
  if ((head & 0x0f20) != 0x0800 || head % 31) return false;
  at = from + 2;
  end = from + size;
  pending = 0;
  bits = 0;
  isShort = false;
  let isLast = false;
  while (!isLast && !isUnpackedFull()) {
    isLast = take(1) != 0;
    const kind = take(2);
    if (isShort) return true;
    if (!unpackBlock(kind)) return isShort;
  }
  return true;
}

/** False where it is none, or not all there. */
function unpackBlock(kind: u32): bool {
  if (kind == STORED) return copyStored();
  if (kind == FIXED) buildFixed();
  else if (kind != DYNAMIC || !readCodes()) return false;
  return unpackCodes();
}

function copyStored(): bool {
  pending = 0;
  bits = 0;
  if (at + 4 > end) {
    isShort = true;
    return false;
  }
  const size: u32 = load<u16>(at);
  if ((size ^ load<u16>(at, 2)) != 0xffff) return false;
  at += 4;
  const there = <u32>min<usize>(size, end - at);
  putBytes(at, there);
  at += there;
  isShort = there < size;
  return !isShort;
}

function unpackCodes(): bool {
  while (!isUnpackedFull()) {
    const found = symbol(literals);
    if (found == NONE) return false;
    if (found < END) {
      putByte(found);
      continue;
    }
    if (found == END) return true;
    const place = found - END - 1;
    if (place > 28) return false;
    const size = lengthOf(place);
    const far = symbol(distances);
    if (far >= MOST_DISTANCES) return false;
    const extra = far < 4 ? 0 : (far >> 1) - 1;
    const distance = (far < 4 ? far : (2 + (far & 1)) << extra) + take(extra) + 1;
    if (isShort || !repeat(distance, size)) return false;
  }
  return true;
}

/** Lengths are 3 to 10 by themselves, and then four for each further extra bit; the last one is 258. */
function lengthOf(place: u32): u32 {
  const extra: u32 = load<u8>(lengthExtras + place);
  if (place == 28) return 258;
  const base = place < 8 ? place : (4 + (place & 3)) << extra;
  return base + 3 + take(extra);
}

function buildFixed(): void {
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  build(literals, lengths, MOST_LITERALS);
  memory.fill(lengths, 5, MOST_DISTANCES);
  build(distances, lengths, MOST_DISTANCES);
}

/** Reads the codes of a dynamic block. */
function readCodes(): bool {
  const literalCount = take(5) + 257;
  const distanceCount = take(5) + 1;
  const count = take(4) + 4;
  if (literalCount > 286 || distanceCount > MOST_DISTANCES) return false;
  memory.fill(lengths, 0, 19);
  for (let i: u32 = 0; i < count; i++) store<u8>(lengths + load<u8>(order + i), <u8>take(3));
  if (!build(literals, lengths, 19)) return false;
  const all = literalCount + distanceCount;
  for (let i: u32 = 0; i < all;) {
    const found = symbol(literals);
    if (found > 18) return false;
    if (found < 16) {
      store<u8>(lengths + i++, <u8>found);
      continue;
    }
    if (found == 16 && !i) return false;
    const value: u8 = found == 16 ? load<u8>(lengths + i - 1) : 0;
    const times = found == 16 ? 3 + take(2) : found == 17 ? 3 + take(3) : 11 + take(7);
    if (i + times > all) return false;
    memory.fill(lengths + i, value, times);
    i += times;
  }
  return build(literals, lengths, literalCount) && build(distances, lengths + literalCount, distanceCount);
}

/** Builds a canonical code out of the lengths of its symbols'; false where there are more codes than there is room for. */
function build(code: usize, from: usize, count: u32): bool {
  memory.fill(code, 0, 32);
  for (let i: u32 = 0; i < count; i++) {
    const place = code + ((<usize>load<u8>(from + i)) << 1);
    store<u16>(place, load<u16>(place) + 1);
  }
  let left: i32 = 1;
  let offset: u32 = 0;
  for (let length: u32 = 1; length <= LONGEST_CODE; length++) {
    const having: u32 = load<u16>(code + ((<usize>length) << 1));
    left = (left << 1) - <i32>having;
    if (left < 0) return false;
    store<u16>(offsets + ((<usize>length) << 1), <u16>offset);
    offset += having;
  }
  for (let i: u32 = 0; i < count; i++) {
    const length: u32 = load<u8>(from + i);
    if (!length) continue;
    const place = offsets + ((<usize>length) << 1);
    store<u16>(code + 32 + ((<usize>load<u16>(place)) << 1), <u16>i);
    store<u16>(place, load<u16>(place) + 1);
  }
  return true;
}

/** Reads a symbol: its code comes with its highest bit first. */
function symbol(code: usize): u32 {
  let value: i32 = 0;
  let first: i32 = 0;
  let index: i32 = 0;
  for (let length: u32 = 1; length <= LONGEST_CODE; length++) {
    value |= <i32>take(1);
    if (isShort) return NONE;
    const having: i32 = load<u16>(code + ((<usize>length) << 1));
    if (value - having < first) return load<u16>(code + 32 + ((<usize>(index + value - first)) << 1));
    index += having;
    first = (first + having) << 1;
    value <<= 1;
  }
  return NONE;
}

/** The next bits, up to 13, the lowest first; zeros where there are none. */
function take(count: u32): u32 {
  while (bits < count) {
    if (at >= end) {
      isShort = true;
      return 0;
    }
    pending |= (<u32>load<u8>(at++)) << bits;
    bits += 8;
  }
  const value = pending & ((1 << count) - 1);
  pending >>= count;
  bits -= count;
  return value;
}
