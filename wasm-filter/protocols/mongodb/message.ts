import { Side } from "../../packet/flow";
import { Verdict } from "../../packet/parsers";

/** Messages (MongoDB Wire Protocol): a head of sixteen bytes and what its opcode says. Numbers are little-endian. */
export namespace Op {
  export const REPLY: u32 = 1;
  export const UPDATE: u32 = 2001;
  export const INSERT: u32 = 2002;
  export const QUERY: u32 = 2004;
  export const GET_MORE: u32 = 2005;
  export const DELETE: u32 = 2006;
  export const KILL_CURSORS: u32 = 2007;
  export const COMPRESSED: u32 = 2012;
  export const MSG: u32 = 2013;
}

/** Flags of OP_MSG. */
export namespace Flag {
  export const CHECKSUM: u32 = 1;
  export const MORE_TO_COME: u32 = 2;
  export const EXHAUST: u32 = 1 << 16;
}

export const HEAD_BYTES: u32 = 16;
/** maxMessageSizeBytes is 48,000,000; what is around it is small. */
const MOST_BYTES: u32 = 48_100_000;
const REPLY_BYTES: u32 = 36;

export function messageBytes(at: usize): u32 {
  return load<u32>(at);
}

/** Whether an opcode and a length belong together, in what a side sends. */
export function isMessage(side: u32, bytes: u32, opcode: u32): bool {
  if (bytes < HEAD_BYTES + 4 || bytes > MOST_BYTES) return false;
  if (opcode == Op.MSG || opcode == Op.COMPRESSED) return true;
  if (side == Side.SERVER) return opcode == Op.REPLY && bytes >= REPLY_BYTES;
  return opcode >= Op.UPDATE && opcode <= Op.KILL_CURSORS && opcode != 2003;
}

/** Whether a message answers another. That of a client answers 0, or -1; but an answer may be to the request 0, too. */
export function isAnswer(at: usize): bool {
  return load<u32>(at, 8) + 1 > 1;
}

/** Whether a message of a side begins here. */
export function looksLikeMessage(side: u32, at: usize, size: u32): u32 {
  if (size < 4) return size < 3 || load<u8>(at, 2) < 3 ? Verdict.MORE : Verdict.NO;
  const bytes = messageBytes(at);
  if (bytes > MOST_BYTES || bytes < HEAD_BYTES + 4) return Verdict.NO;
  if (size < HEAD_BYTES) return Verdict.MORE;
  const opcode = load<u32>(at, 12);
  if (!isMessage(side, bytes, opcode) || (side == Side.CLIENT && isAnswer(at))) return Verdict.NO;
  if (opcode == Op.MSG) return looksLikeSections(at, size, bytes);
  if (opcode == Op.COMPRESSED) return looksCompressed(at, size);
  return opcode == Op.REPLY ? looksLikeReply(at, size, bytes) : looksLikeQuery(at, size, opcode);
}

function looksLikeSections(at: usize, size: u32, bytes: u32): u32 {
  if (size < 25) return Verdict.MORE;
  if (load<u32>(at, 16) & ~(Flag.CHECKSUM | Flag.MORE_TO_COME | Flag.EXHAUST)) return Verdict.NO;
  return load<u8>(at, 20) < 2 && load<u32>(at, 21) - 5 < bytes ? Verdict.YES : Verdict.NO;
}

function looksCompressed(at: usize, size: u32): u32 {
  if (size < 25) return Verdict.MORE;
  const original = load<u32>(at, 16);
  const isKnown = original == Op.MSG || original == Op.REPLY || original - Op.UPDATE < 7;
  return isKnown && load<u32>(at, 20) < MOST_BYTES && load<u8>(at, 24) < 4 ? Verdict.YES : Verdict.NO;
}

function looksLikeReply(at: usize, size: u32, bytes: u32): u32 {
  if (size < REPLY_BYTES) return Verdict.MORE;
  if (load<u32>(at, 16) > 15) return Verdict.NO;
  const documents = load<u32>(at, 32);
  if (!documents) return bytes == REPLY_BYTES ? Verdict.YES : Verdict.NO;
  if (size < REPLY_BYTES + 4) return Verdict.MORE;
  const first = load<u32>(at, REPLY_BYTES);
  return first >= 5 && first <= bytes - REPLY_BYTES ? Verdict.YES : Verdict.NO;
}

/** All of them but OP_KILL_CURSORS name a collection with its database: "shop.orders". */
function looksLikeQuery(at: usize, size: u32, opcode: u32): u32 {
  if (opcode == Op.KILL_CURSORS) return size < 20 || load<u32>(at, 16) ? Verdict.NO : Verdict.YES;
  let dots: u32 = 0;
  for (let i: u32 = 20; i < size; i++) {
    const byte: u32 = load<u8>(at + i);
    if (!byte) return dots ? Verdict.YES : Verdict.NO;
    if (byte < 0x20 || i > 300) return Verdict.NO;
    if (byte == 0x2e) dots++;
  }
  return Verdict.MORE;
}
