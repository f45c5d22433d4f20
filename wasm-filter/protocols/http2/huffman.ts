/**
 * The Huffman code of header strings (RFC 7541, appendix B). It is canonical: among codes of one length those of smaller
 * symbols are smaller, and shorter codes come before longer ones. So the lengths say it all.
 */
const lengths = memory.data<u8>([
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26,
]);

const SHORTEST: u32 = 5;
const LONGEST: u32 = 30;

/** The codes of one length. */
@unmanaged
class Length {
  firstCode: u32;
  count: u32;
  /** Where its symbols begin. */
  symbols: u32;
}
const byLength = memory.data(31 * 12, 4);
/** All symbols, by length and then by value. */
const symbols = sortSymbols(memory.data(256));

/** What `decodeHuffman` answers for what is no Huffman code. */
export const BAD_CODE: u32 = u32.MAX_VALUE;

/**
 * Decodes a string; eight bytes of it become thirteen at most.
 *
 * @returns its size
 */
export function decodeHuffman(at: usize, size: u32, to: usize): u32 {
  let pending: u64 = 0;
  let bits: u32 = 0;
  let written: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    pending = (pending << 8) | load<u8>(at + i);
    bits += 8;
    while (bits >= SHORTEST) {
      const length = codeLength(pending, bits);
      if (!length) {
        // The code of 30 ones is the end of a string, which no string may hold.
        if (bits >= LONGEST) return BAD_CODE;
        break;
      }
      bits -= length;
      const place = lengthAt(length);
      const code = (<u32>(pending >> bits)) & ((1 << length) - 1);
      store<u8>(to + written, load<u8>(symbols + place.symbols + (code - place.firstCode)));
      written++;
    }
  }
  return written;
}

/** Bits of the code that the first of `bits` bits begin with, 0 where it is not complete. */
function codeLength(pending: u64, bits: u32): u32 {
  const most = min(bits, LONGEST);
  for (let length = SHORTEST; length <= most; length++) {
    const code = (<u32>(pending >> (bits - length))) & ((1 << length) - 1);
    const place = lengthAt(length);
    if (code - place.firstCode < place.count) return length;
  }
  return 0;
}

function lengthAt(length: u32): Length {
  return changetype<Length>(byLength + <usize>length * offsetof<Length>());
}

function sortSymbols(to: usize): usize {
  let code: u32 = 0;
  let sorted: u32 = 0;
  for (let length: u32 = 1; length <= LONGEST; length++) {
    const place = lengthAt(length);
    place.firstCode = code;
    place.symbols = sorted;
    for (let symbol: u32 = 0; symbol < 256; symbol++) {
      if (load<u8>(lengths + symbol) == length) store<u8>(to + sorted++, <u8>symbol);
    }
    place.count = sorted - place.symbols;
    code = (code + place.count) << 1;
  }
  return to;
}
