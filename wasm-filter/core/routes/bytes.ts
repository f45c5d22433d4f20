/**
 * What a byte of a path is, as bits of a table, so that the usual path is read with one look a byte.
 */
export namespace Byte {
  /** Ends a segment: "/", "?", "#". */
  export const END: u32 = 1;
  /** Does not go into a template as it is: ";", "%", and what is not printable ASCII. */
  export const SPECIAL: u32 = 2;
  export const DIGIT: u32 = 4;
  export const LOWER: u32 = 8;
  export const UPPER: u32 = 16;
  /** A hexadecimal digit that is a letter. */
  export const HEX_LETTER: u32 = 32;
  /** "%" and "@", which names do not have. */
  export const FREE: u32 = 64;
  export const LETTER: u32 = LOWER | UPPER;
}

const table = classify(memory.data(256, 8));

/** The bits of a byte. */
export function classOf(byte: u32): u32 {
  return load<u8>(table + byte);
}

function classify(at: usize): usize {
  for (let byte: u32 = 0; byte < 256; byte++) {
    const letter = (byte | 0x20) - 97;
    let bits: u32 = 0;
    if (byte == 0x2f || byte == 0x3f || byte == 0x23) bits = Byte.END;
    else if (byte <= 0x20 || byte >= 0x7f || byte == 0x3b) bits = Byte.SPECIAL;
    else if (byte == 0x25) bits = Byte.SPECIAL | Byte.FREE;
    else if (byte == 0x40) bits = Byte.FREE;
    else if (byte - 48 < 10) bits = Byte.DIGIT;
    else if (letter < 26) bits = (byte & 0x20 ? Byte.LOWER : Byte.UPPER) | (letter < 6 ? Byte.HEX_LETTER : 0);
    store<u8>(at + byte, <u8>bits);
  }
  return at;
}
