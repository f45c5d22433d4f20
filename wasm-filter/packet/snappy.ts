import { isUnpackedFull, putBytes, repeat, startUnpacked } from "./unpacked";

/** Elements by the last two bits of their first byte. */
const LITERAL: u32 = 0;
const SHORT_COPY: u32 = 1;
const COPY: u32 = 2;
/** Literals that are as long or longer say their length behind. */
const LONG_LITERAL: u32 = 60;

/**
 * Unpacks Snappy's raw format (https://github.com/google/snappy/blob/main/format_description.txt) to unpacked.ts, as far as
 * it is there, and there is room.
 *
 * @returns false where it is none
 */
export function unpackSnappy(at: usize, size: u32): bool {
  startUnpacked();
  const end = at + size;
  // The size of what is unpacked, seven bits a byte.
  while (at < end && load<u8>(at) & 0x80) at++;
  at++;
  while (at < end && !isUnpackedFull()) {
    const tag: u32 = load<u8>(at++);
    const kind = tag & 3;
    if (kind == LITERAL) {
      let length = tag >> 2;
      if (length >= LONG_LITERAL) {
        const bytes = length - LONG_LITERAL + 1;
        length = number(at, bytes);
        at += bytes;
      }
      const there = at < end ? <u32>min<u64>(<u64>length + 1, end - at) : 0;
      putBytes(at, there);
      if (length >= there) return true;
      at += there;
      continue;
    }
    const bytes: u32 = kind == SHORT_COPY ? 1 : kind == COPY ? 2 : 4;
    if (at + bytes > end) return true;
    const distance = kind == SHORT_COPY ? ((tag >> 5) << 8) | load<u8>(at) : number(at, bytes);
    if (!repeat(distance, kind == SHORT_COPY ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1)) return false;
    at += bytes;
  }
  return true;
}

/** A little-endian number of up to four bytes. */
function number(at: usize, bytes: u32): u32 {
  return bytes == 4 ? load<u32>(at) : load<u32>(at) & ((1 << (bytes << 3)) - 1);
}
