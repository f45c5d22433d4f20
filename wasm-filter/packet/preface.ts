import { bytesOf, isSame, sizeOf, text } from "../core/text";
import { u16be } from "./bytes";

/**
 * What load balancers send before anything else, to say who the client is (the PROXY protocol of HAProxy):
 *
 *     version 1   "PROXY TCP4 192.0.2.1 192.0.2.2 51234 80\r\n"
 *     version 2   signature, 12 bytes | version and command u8 | family u8 | length u16 | addresses
 */
const FIRST = text("PROXY ");
const LONGEST_FIRST: u32 = 107;
const SIGNATURE = memory.data<u8>([13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]);
const SIGNATURE_BYTES: u32 = 12;
const SECOND_BYTES: u32 = 16;

/** The size of such a header, which is there as a whole; 0 where none is. */
export function prefaceSize(at: usize, size: u32): u32 {
  if (size < SECOND_BYTES) return 0;
  if (isSame(at, SIGNATURE, SIGNATURE_BYTES)) {
    const whole = SECOND_BYTES + u16be(at + 14);
    return whole <= size ? whole : 0;
  }
  if (!isSame(at, bytesOf(FIRST), sizeOf(FIRST))) return 0;
  for (let i = sizeOf(FIRST); i < min(size, LONGEST_FIRST); i++) if (load<u8>(at + i) == 10) return i + 1;
  return 0;
}
