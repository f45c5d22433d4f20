import { u16be, u32be } from "../../packet/bytes";
import { Side } from "../../packet/flow";
import { Verdict } from "../../packet/parsers";
import { HEADER, wholeSize } from "./conversation";

/** The messages of protocol 3 (PostgreSQL, "Message Formats"): which there are, and which of them can hardly be anything else. */

/** The letters that messages of a client and of a server begin with, a bit for each of 128. */
const types = memory.data(32, 8);
allow(Side.CLIENT, "BCDEFHPQSXcdfp");
allow(Side.SERVER, "123ACDEGHIKNRSTVWZcdnstv");

function allow(side: u32, letters: string): void {
  for (let i = 0; i < letters.length; i++) {
    const letter = <u32>letters.charCodeAt(i);
    const at = types + (side << 4) + (letter >> 3);
    store<u8>(at, load<u8>(at) | (u8(1) << u8(letter & 7)));
  }
}

/** Whether messages of a side may begin with this letter. */
export function isType(side: u32, letter: u32): bool {
  return letter < 128 && ((load<u8>(types + (side << 4) + (letter >> 3)) >> (<u8>(letter & 7))) & 1) != 0;
}

/** In the first bytes of a connection lengths are not above this. */
const USUAL: u32 = 1 << 24;
/** So much of a query must look like text. */
const ENOUGH: u32 = 24;

/** Whether a side sends these bytes: messages, one after the other, and one among them that tells. */
export function looksLikeMessages(side: u32, at: usize, size: u32): u32 {
  let used: u32 = 0;
  let isTold = false;
  while (size - used >= HEADER) {
    const message = at + used;
    const whole = wholeSize(u32be(message + 1));
    if (!isType(side, load<u8>(message)) || !whole || whole > USUAL) return Verdict.NO;
    const shown = min(whole, size - used);
    if (side == Side.CLIENT ? tellsClient(message, shown, whole) : tellsServer(message, shown, whole)) isTold = true;
    if (whole > size - used) {
      if (isTold) return Verdict.YES;
      return used ? Verdict.NO : Verdict.MORE;
    }
    used += whole;
  }
  if (used < size && !isType(side, load<u8>(at + used))) return Verdict.NO;
  if (isTold) return Verdict.YES;
  return used ? Verdict.NO : Verdict.MORE;
}

/** A query, a Parse, a Sync. */
function tellsClient(at: usize, size: u32, whole: u32): bool {
  switch (<u32>load<u8>(at)) {
    case 0x51: // Q
      return isQuery(at + HEADER, size - HEADER, size == whole);
    case 0x50: // P
      return size == whole && isParse(at + HEADER, whole - HEADER);
    case 0x53: // S
      return whole == HEADER;
    default:
      return false;
  }
}

/** Text, and a 0 at its end. */
function isQuery(at: usize, size: u32, isWhole: bool): bool {
  if (isWhole && (!size || load<u8>(at + size - 1))) return false;
  if (!isWhole && size < ENOUGH) return false;
  const end = at + (isWhole ? size - 1 : size);
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at);
    if (byte < 32 && byte != 9 && byte != 10 && byte != 13) return false;
  }
  return true;
}

/** A name, a query, and as many types as there is room for. */
function isParse(at: usize, size: u32): bool {
  const name = textSize(at, size);
  const query = textSize(at + name, size - name);
  const rest = size - name - query;
  return name != 0 && query != 0 && rest >= 2 && (rest - 2) >> 2 == u16be(at + name + query) && ((rest - 2) & 3) == 0;
}

/** ReadyForQuery, CommandComplete, ErrorResponse. */
function tellsServer(at: usize, size: u32, whole: u32): bool {
  const isCapital = size > 6 && <u32>load<u8>(at + 6) - 65 < 26;
  switch (<u32>load<u8>(at)) {
    case 0x5a: // Z
      return whole == 6 && size == 6 && isState(load<u8>(at + 5));
    case 0x43: // C
      return isCapital && size == whole && textSize(at + HEADER, size - HEADER) == size - HEADER;
    case 0x45: // E
      return isCapital && load<u8>(at + 5) == 0x53;
    default:
      return false;
  }
}

/** Idle, in a transaction, in one that failed. */
function isState(letter: u32): bool {
  return letter == 0x49 || letter == 0x54 || letter == 0x45;
}

/** Bytes of a text with the 0 that ends it; 0 where it does not end. */
export function textSize(at: usize, size: u32): u32 {
  const zero = i8x16.splat(0);
  for (let i: u32 = 0; i < size; i += 16) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(at + i), zero));
    if (!mask) continue;
    const end = i + <u32>ctz(mask);
    return end < size ? end + 1 : 0;
  }
  return 0;
}
