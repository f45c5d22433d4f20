import { Text, equals, text } from "../../core/text";
import { Flow, Side } from "../../packet/flow";
import { unpackZlib } from "../../packet/inflate";
import { unpackSnappy } from "../../packet/snappy";
import { putBytes, startUnpacked, unpackedAt, unpackedBytes } from "../../packet/unpacked";
import { readReplyFlags } from "./answers";
import { Read, Type, elementType, nameAt, nameSize, readElement } from "./bson";
import { FLAGS_BYTES, LENGTH_BYTES, REPLY_BYTES, readInside, startSections } from "./body";
import { HEAD_BYTES, Op } from "./message";
import { Known, Part, Phase, partOf } from "./part";
import { REST, WAIT, askKillCursors } from "./requests";

/**
 * OP_COMPRESSED, a message within a message:
 *
 *     head, 16 bytes | opcode u32 | bytes unpacked u32 | compressor u8 | packed
 *
 * It is unpacked as far as there is room (unpacked.ts), and read like any other. What is not known then is the name of a command, where
 * it is not read at all (zstd), and whether an answer says that it failed, which it may do at its end. One that has a cursor has not
 * failed.
 */

/** So much of a message is waited for; of a longer one that is all that is looked at. */
export const MOST_COMPRESSED: u32 = 12 << 10;
const INNER_HEAD_BYTES: u32 = 9;
const COMPRESSED_HEAD: u32 = HEAD_BYTES + INNER_HEAD_BYTES;

const NOOP: u32 = 0;
const SNAPPY: u32 = 1;
const ZLIB: u32 = 2;

const CURSOR: Text = text("cursor");

/** Reads a message that is there as far as MOST_COMPRESSED; how long it is stays as it is. */
export function readCompressed(flow: Flow, side: u32, at: usize, bytes: u32): void {
  const part = partOf(flow, side);
  const left = part.left;
  const isRead = bytes > COMPRESSED_HEAD && unpack(at, min(bytes, MOST_COMPRESSED));
  if (isRead) {
    part.opcode = load<u32>(at, HEAD_BYTES);
    part.left = load<u32>(at, HEAD_BYTES + 4);
  }
  if (!isRead || !readUnpacked(flow, side, part)) part.known |= <u8>Known.UNCLEAR;
  part.left = left;
}

function unpack(at: usize, size: u32): bool {
  const from = at + COMPRESSED_HEAD;
  const packed = size - COMPRESSED_HEAD;
  switch (<u32>load<u8>(at, HEAD_BYTES + 8)) {
    case NOOP:
      startUnpacked();
      putBytes(from, packed);
      return true;
    case SNAPPY:
      return unpackSnappy(from, packed);
    case ZLIB:
      return unpackZlib(from, packed);
    default:
      return false;
  }
}

/** Reads what was unpacked, as a message of `part.left` bytes; false where what matters of it was not among that. */
function readUnpacked(flow: Flow, side: u32, part: Part): bool {
  const taken = startBody(flow, side, part);
  if (taken == WAIT) return false;
  if (part.phase == Phase.END) return true;
  const end = unpackedAt() + unpackedBytes();
  let at = unpackedAt() + taken;
  let isFine = false;
  while (at < end) {
    const size = <u32>(end - at);
    if (side == Side.SERVER && part.phase == Phase.BODY) isFine = isFine || isCursor(at, size, part.left);
    const used = readInside(flow, side, at, size);
    if (used == WAIT) break;
    if (used == REST || used >= part.left) return true;
    part.left -= used;
    at += used;
  }
  return isFine;
}

/** Takes what comes before the documents; answers how many bytes that was, WAIT where they are not there. */
function startBody(flow: Flow, side: u32, part: Part): u32 {
  const at = unpackedAt();
  const size = unpackedBytes();
  const opcode = part.opcode;
  if (opcode == Op.MSG && size > FLAGS_BYTES && part.left > FLAGS_BYTES) {
    startSections(part, load<u32>(at), side);
    return FLAGS_BYTES;
  }
  if (opcode == Op.REPLY && side == Side.SERVER && size >= REPLY_BYTES) {
    readReplyFlags(flow, part, load<u32>(at), load<u32>(at, 16));
    const taken = REPLY_BYTES + LENGTH_BYTES;
    if (part.left <= taken) part.phase = <u8>Phase.END;
    part.left -= taken;
    return taken;
  }
  if (side == Side.SERVER || opcode - Op.UPDATE > Op.KILL_CURSORS - Op.UPDATE) return WAIT;
  // The collection begins behind the flags, which readCollection takes along.
  part.phase = <u8>(opcode == Op.KILL_CURSORS ? Phase.END : Phase.COLLECTION);
  if (opcode == Op.KILL_CURSORS) askKillCursors(flow, part);
  return 0;
}

/** Whether the element that begins here is the cursor of an answer. */
function isCursor(at: usize, size: u32, left: u32): bool {
  const read = readElement(at, size, left);
  return read == Read.DONE && elementType == Type.DOCUMENT && equals(nameAt, nameSize, CURSOR);
}
