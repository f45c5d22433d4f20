import { Flow, Side } from "../../packet/flow";
import { readResult } from "./answers";
import { Flag } from "./message";
import { Known, Part, Phase, partOf } from "./part";
import { REST, WAIT, readCollection, readCommand } from "./requests";

/** What stands behind the head of a message, be it as it was sent or unpacked. */

/** What is read at once before the documents: of OP_MSG its flags, of OP_REPLY all its numbers and a length. */
export const FLAGS_BYTES: u32 = 4;
export const REPLY_BYTES: u32 = 20;
export const LENGTH_BYTES: u32 = 4;

/** OP_MSG begins: what its flags say. */
export function startSections(part: Part, flags: u32, side: u32): void {
  if (flags & Flag.MORE_TO_COME) part.known = <u8>(side == Side.CLIENT ? Known.UNANSWERED : Known.MORE_TO_COME);
  part.phase = <u8>Phase.SECTION;
  part.left -= FLAGS_BYTES;
}

/** Reads the next step; answers how many bytes it took, which may be more than there are, or WAIT or REST. */
export function readInside(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const part = partOf(flow, side);
  if (part.phase == Phase.SECTION) return readSection(part, at, size);
  if (part.phase == Phase.COLLECTION) return readCollection(flow, part, at, size);
  return side == Side.CLIENT ? readCommand(flow, part, at, size) : readResult(part, at, size);
}

/** A section of OP_MSG: the body, or a sequence of documents that belongs to it. */
function readSection(part: Part, at: usize, size: u32): u32 {
  if (part.left < 1 + LENGTH_BYTES) return REST;
  if (size < 1 + LENGTH_BYTES) return WAIT;
  const kind: u32 = load<u8>(at);
  const bytes = load<u32>(at, 1);
  if (kind == 0) {
    part.phase = <u8>Phase.BODY;
    return 1 + LENGTH_BYTES;
  }
  return kind == 1 && bytes >= LENGTH_BYTES && bytes < part.left ? 1 + bytes : REST;
}
