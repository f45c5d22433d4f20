import { u16be } from "../../packet/bytes";
import { Flow, Side, skip, stateOf } from "../../packet/flow";
import { loseUnparsed } from "../../packet/streams";
import { Verdict } from "../../packet/parsers";
import {
  HEADER,
  LONGEST_QUESTION,
  MAX_QUESTIONS,
  SHORTEST,
  id,
  isAnswer,
  opcode,
  question,
  rcode,
  readHeader,
  readMessage,
  type,
} from "./message";
import { AXFR, IXFR } from "./names";
import { takeAnswer, takeQuery } from "./transactions";

/** DNS over TCP (RFC 7766): messages behind each other, each behind its length. */
namespace Phase {
  export const LENGTH: u32 = 0;
  /** The rest of a message is passed over. */
  export const MESSAGE: u32 = 1;
  export const LOST: u32 = 2;
}

/** Where one side is, and the message that is under way. */
@unmanaged
class Stream {
  phase: u8;
  isAnswer: u8;
  id: u16;
  type: u16;
  rcode: u16;
  question: u32;
  opcode: u8;
  /** Whether the answer to a transfer goes on in further messages, and with which id. */
  isTransfer: u8;
  transfer: u16;
}

const LENGTH_BYTES: u32 = 2;
const LOOKED_AT: u32 = HEADER + LONGEST_QUESTION;

/** Whether a message begins with these bytes, a query or an answer as is wanted. */
function looksLike(at: usize, size: u32, wantsAnswer: bool): u32 {
  if (size < LENGTH_BYTES + HEADER) return Verdict.MORE;
  const length = u16be(at);
  const there = min(size - LENGTH_BYTES, length);
  if (length < SHORTEST || u16be(at + 6) > MAX_QUESTIONS) return Verdict.NO;
  if (readMessage(at + LENGTH_BYTES, there)) return isAnswer == wantsAnswer ? Verdict.YES : Verdict.NO;
  return there < min(length, LOOKED_AT) ? Verdict.MORE : Verdict.NO;
}

export function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  if (clientSize) return looksLike(client, clientSize, false);
  return looksLike(server, serverSize, true);
}

function streamOf(flow: Flow, side: u32): Stream {
  return changetype<Stream>(stateOf(flow) + <usize>side * offsetof<Stream>());
}

export function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const stream = streamOf(flow, side);
  if (stream.phase == Phase.MESSAGE) {
    stream.phase = <u8>Phase.LENGTH;
    endMessage(flow, stream);
  }
  if (!size) return 0;
  if (stream.phase == Phase.LOST) {
    const verdict = looksLike(at, size, side == Side.SERVER);
    if (verdict == Verdict.MORE) return 0;
    if (verdict == Verdict.NO) return size;
    stream.phase = <u8>Phase.LENGTH;
  }
  return takeMessage(flow, stream, side, at, size);
}

/** Takes what a message asks or answers; what it ends with is passed over. */
function takeMessage(flow: Flow, stream: Stream, side: u32, at: usize, size: u32): u32 {
  if (size < LENGTH_BYTES) return 0;
  const length = u16be(at);
  const there = size - LENGTH_BYTES;
  if (length < HEADER) return lost(flow, stream, size);
  if (there < min(length, LOOKED_AT)) return 0;
  if (!readMessage(at + LENGTH_BYTES, min(there, length))) readHeader(at + LENGTH_BYTES);
  if (isAnswer != (side == Side.SERVER)) return lost(flow, stream, size);
  stream.phase = <u8>Phase.MESSAGE;
  stream.isAnswer = u8(isAnswer);
  stream.id = <u16>id;
  stream.type = <u16>type;
  stream.rcode = <u16>rcode;
  stream.opcode = <u8>opcode;
  stream.question = question;
  skip(flow, side, length);
  return LENGTH_BYTES;
}

function lost(flow: Flow, stream: Stream, size: u32): u32 {
  loseUnparsed(flow);
  stream.phase = <u8>Phase.LOST;
  return size;
}

function endMessage(flow: Flow, stream: Stream): void {
  const number: u32 = stream.id;
  if (!stream.isAnswer) return takeQuery(flow, number, stream.opcode, stream.type, stream.question);
  // The messages of a transfer behind the first one.
  if (stream.isTransfer && stream.transfer == number) return;
  stream.isTransfer = u8(stream.type == AXFR || stream.type == IXFR);
  stream.transfer = <u16>number;
  takeAnswer(flow, number, stream.rcode);
}

export function gap(flow: Flow, side: u32, _bytes: u32): void {
  streamOf(flow, side).phase = <u8>Phase.LOST;
}

/** Queries that have no answer by then are counted as that, by themselves. */
export function close(_flow: Flow, _side: u32): void {}
