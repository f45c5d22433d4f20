/**
 * The wire protocol of MongoDB: OP_MSG, and what servers understood before it. What each side is at, see part.ts; of the two
 * together:
 *
 *     client  OP_MSG, OP_QUERY, OP_GET_MORE (request id)     asked: "find orders"
 *     server  OP_MSG, OP_REPLY (in response to that id)      answered, by ok, code, writeErrors and writeConcernError
 *             OP_MSG with moreToCome, OP_MSG, ...            an exhaust cursor: the first is the answer
 *     client  OP_MSG with moreToCome, OP_INSERT, OP_UPDATE,
 *             OP_DELETE, OP_KILL_CURSORS                     nobody answers: a success without a latency
 *     either  OP_COMPRESSED                                  what is in it, see compressed.ts
 */
import { Protocol } from "../../core/counters";
import { Flow, Side, skip } from "../../packet/flow";
import { loseUnparsed } from "../../packet/streams";
import { Verdict, register } from "../../packet/parsers";
import { endAnswer, readReplyFlags } from "./answers";
import { FLAGS_BYTES, LENGTH_BYTES, REPLY_BYTES, readInside, startSections } from "./body";
import { MOST_COMPRESSED, readCompressed } from "./compressed";
import { HEAD_BYTES, Op, isAnswer, isMessage, looksLikeMessage, messageBytes } from "./message";
import { Inside, Known, Part, Phase, partOf, passRest } from "./part";
import { REST, WAIT, askKillCursors, endRequest } from "./requests";

export const MONGODB: u32 = register(Protocol.MONGODB, detect, feed, gap, close);

function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  const asked = clientSize ? looksLikeMessage(Side.CLIENT, client, clientSize) : Verdict.MORE;
  const answered = serverSize ? looksLikeMessage(Side.SERVER, server, serverSize) : Verdict.MORE;
  if (asked == Verdict.NO || answered == Verdict.NO) return Verdict.NO;
  if (asked == Verdict.YES) return Verdict.YES;
  return answered == Verdict.YES && isAnswer(server) ? Verdict.YES : Verdict.MORE;
}

function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const part = partOf(flow, side);
  if (part.phase == Phase.END) endMessage(flow, side, part);
  if (!size) return 0;
  if (part.phase == Phase.LOST) {
    const verdict = looksLikeMessage(side, at, size);
    if (verdict == Verdict.NO) return size;
    if (verdict == Verdict.MORE) return 0;
    part.phase = <u8>Phase.HEAD;
  }
  if (part.phase == Phase.HEAD) return readHead(flow, side, at, size);
  const used = readInside(flow, side, at, size);
  if (used == WAIT) return 0;
  if (used == REST || used >= part.left) {
    const rest = used == REST ? 0 : min(used, part.left);
    return passAll(flow, side, min(rest, size), 0);
  }
  part.left -= used;
  if (used <= size) return used;
  skip(flow, side, used - size);
  return size;
}

/** Takes `used` bytes, `taken` of them before those that are left, and passes over the rest of the message. */
function passAll(flow: Flow, side: u32, used: u32, taken: u32): u32 {
  if (passRest(flow, side, used)) endMessage(flow, side, partOf(flow, side));
  return taken + used;
}

function readHead(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (size < HEAD_BYTES) return 0;
  const bytes = messageBytes(at);
  const opcode = load<u32>(at, 12);
  if (!isMessage(side, bytes, opcode)) return lost(flow, side, size);
  const part = partOf(flow, side);
  const numbers = side == Side.SERVER && opcode == Op.REPLY ? REPLY_BYTES : FLAGS_BYTES;
  if (size < HEAD_BYTES + numbers || (opcode == Op.COMPRESSED && size < min(bytes, MOST_COMPRESSED))) return 0;
  part.opcode = opcode;
  part.left = bytes - HEAD_BYTES;
  part.id = load<u32>(at, 4);
  part.answers = load<u32>(at, 8);
  part.known = 0;
  part.inside = <u8>Inside.TOP;
  part.code = 0;
  if (opcode == Op.MSG) {
    startSections(part, load<u32>(at, HEAD_BYTES), side);
    return HEAD_BYTES + FLAGS_BYTES;
  }
  if (opcode == Op.REPLY) return startReply(flow, part, at, size);
  if (opcode != Op.COMPRESSED && opcode != Op.KILL_CURSORS) {
    part.phase = <u8>Phase.COLLECTION;
    return HEAD_BYTES;
  }
  if (opcode == Op.KILL_CURSORS) askKillCursors(flow, part);
  else readCompressed(flow, side, at, bytes);
  return passAll(flow, side, 0, HEAD_BYTES);
}

function startReply(flow: Flow, part: Part, at: usize, size: u32): u32 {
  const documents = load<u32>(at, HEAD_BYTES + 16);
  readReplyFlags(flow, part, load<u32>(at, HEAD_BYTES), documents);
  const taken = REPLY_BYTES + (documents ? LENGTH_BYTES : 0);
  if (part.phase == Phase.END || part.left <= taken) {
    part.left -= REPLY_BYTES;
    return passAll(flow, Side.SERVER, 0, HEAD_BYTES + REPLY_BYTES);
  }
  part.left -= taken;
  if (size >= HEAD_BYTES + taken) return HEAD_BYTES + taken;
  skip(flow, Side.SERVER, HEAD_BYTES + taken - size);
  return size;
}

function endMessage(flow: Flow, side: u32, part: Part): void {
  part.phase = <u8>Phase.HEAD;
  if (side == Side.CLIENT) endRequest(flow, part);
  else endAnswer(flow, part);
}

/** What a side sends is no message: from now on the beginning of one is looked for. */
function lost(flow: Flow, side: u32, size: u32): u32 {
  loseUnparsed(flow);
  partOf(flow, side).phase = <u8>Phase.LOST;
  return size;
}

function gap(flow: Flow, side: u32, bytes: u32): void {
  const part = partOf(flow, side);
  if (isWithin(part)) {
    // Where the message ends is known, and what it is, if not all that it says.
    if (part.phase != Phase.END && side == Side.SERVER) part.known |= <u8>Known.UNCLEAR;
    if (bytes <= part.left) {
      passAll(flow, side, bytes, 0);
      return;
    }
    endMessage(flow, side, part);
  }
  part.phase = <u8>Phase.LOST;
  part.missed = 1;
}

function isWithin(part: Part): bool {
  return part.phase != Phase.HEAD && part.phase != Phase.LOST;
}

function close(_flow: Flow, _side: u32): void {}
