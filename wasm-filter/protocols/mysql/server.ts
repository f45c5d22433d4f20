import { Outcome } from "../../core/counters";
import { abandon, answer, oldest, Exchange } from "../../packet/exchanges";
import { Flow, OPAQUE, Side, pass } from "../../packet/flow";
import { giveUp } from "../../packet/streams";
import { Backslash } from "../sql/quoted";
import { Answer } from "./commands";
import { Conversation, HEADER, LONGEST, Server, encodedAt, encodedSize, lengthAt, lost } from "./conversation";
import { answerError } from "./errors";
import { takeColumns, takeDefinition, takeFirstOfResult, takePrepared, takeRow } from "./results";

/** So much of a packet is looked at that is not a row. */
const SHOWN: u32 = 32;

export const OK: u32 = 0;
export const FILE: u32 = 0xfb;
export const EOF: u32 = 0xfe;
export const ERROR: u32 = 0xff;
/** An EOF has at most so many bytes; an OK that begins like one has more. */
export const LONGEST_EOF: u32 = 5;
/** A row is never as long as this and begins like an EOF. */
export const LONGEST_END: u32 = LONGEST - 1;

/** Flags of a status. */
const MORE_RESULTS: u32 = 8;
const CURSOR: u32 = 0x40;
const NO_BACKSLASH: u32 = 0x200;
/** The capabilities that compress what follows. */
const ZLIB: u32 = 0x20;
const ZSTANDARD: u32 = 0x4000000;

/** Takes packets of a server, as many as are there. */
export function takeServer(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  let used: u32 = 0;
  while (size - used >= HEADER && goesOn(flow, conversation)) {
    const packet = at + used;
    const length = lengthAt(packet);
    const shown = min(length, bytesShown(conversation));
    if (size - used - HEADER < shown) break;
    const isMore = conversation.serverContinues != 0;
    conversation.serverContinues = u8(length == LONGEST);
    if (!isMore && !take(flow, conversation, packet + HEADER, length, shown)) return lost(flow, Side.SERVER, size);
    used += pass(flow, Side.SERVER, HEADER + length, size - used);
  }
  return used;
}

function goesOn(flow: Flow, conversation: Conversation): bool {
  return conversation.server != Server.LOST && !conversation.isCompressed && flow.parser != OPAQUE;
}

function bytesShown(conversation: Conversation): u32 {
  return conversation.server == Server.COLUMNS || conversation.server == Server.STREAM ? 0 : SHOWN;
}

/** Takes a packet; false where it is none that may come here. */
function take(flow: Flow, conversation: Conversation, at: usize, length: u32, size: u32): bool {
  const phase: u32 = conversation.server;
  if (phase == Server.STREAM) return true;
  if (phase == Server.COLUMNS) return takeColumns(conversation);
  if (!length) return phase == Server.LOGIN;
  if (phase == Server.LOGIN) return takeLogin(flow, conversation, at, size);
  const exchange = oldest(flow);
  // What nobody waits for: that the connection is closed soon, or an EOF that belongs to the last answer.
  if (!exchange) return true;
  if (load<u8>(at) == ERROR) {
    if (answerError(flow, exchange, at, size)) conversation.server = <u8>Server.ANSWER;
    return true;
  }
  switch (phase) {
    case Server.DEFINITIONS:
      return takeDefinition(flow, conversation, exchange, at, length);
    case Server.BEHIND_COLUMNS:
    case Server.ROWS:
      return takeRow(flow, conversation, exchange, at, length);
    default:
      return takeAnswer(flow, conversation, exchange, at, length);
  }
}

/** The client is let in, or something is yet to be said before. */
function takeLogin(flow: Flow, conversation: Conversation, at: usize, size: u32): bool {
  if (load<u8>(at) != OK) return true;
  conversation.server = <u8>Server.ANSWER;
  readStatus(conversation, statusOfOk(at, size));
  // Where both are possible it is zlib.
  if (conversation.capabilities & ZLIB) conversation.isCompressed = 1;
  else if (conversation.capabilities & ZSTANDARD) giveUp(flow);
  return true;
}

/** Takes the first packet of an answer, and those behind it where all of an answer are of one kind. */
function takeAnswer(flow: Flow, conversation: Conversation, exchange: Exchange, at: usize, length: u32): bool {
  const first: u32 = load<u8>(at);
  switch (<u32>exchange.tag) {
    case Answer.RESULTS:
      return takeFirstOfResult(flow, conversation, exchange, at, length);
    case Answer.PREPARED:
      return takePrepared(flow, conversation, exchange, at, length);
    case Answer.UP_TO_EOF:
      if (first == EOF && length <= LONGEST_END) end(flow, conversation, exchange);
      return true;
    case Answer.LOGIN:
      if (first == OK) end(flow, conversation, exchange);
      return true;
    case Answer.STREAM:
      end(flow, conversation, exchange);
      conversation.server = <u8>Server.STREAM;
      return true;
    default:
      if (first == OK) readStatus(conversation, statusOfOk(at, length));
      end(flow, conversation, exchange);
      return true;
  }
}

/** A request has its answer. */
export function end(flow: Flow, conversation: Conversation, exchange: Exchange): void {
  answer(flow, exchange, Outcome.SUCCESS, 0);
  conversation.server = <u8>Server.ANSWER;
}

/** Ends a result: with it the answer, unless another one follows. */
export function endResult(flow: Flow, conversation: Conversation, exchange: Exchange, status: u32): void {
  readStatus(conversation, status);
  if (status & MORE_RESULTS) conversation.server = <u8>Server.ANSWER;
  else end(flow, conversation, exchange);
}

export function hasCursor(status: u32): bool {
  return (status & CURSOR) != 0;
}

/** Learns from a status what backslashes do. */
export function readStatus(conversation: Conversation, status: u32): void {
  conversation.backslash = <u8>(status & NO_BACKSLASH ? Backslash.PLAIN : Backslash.ESCAPES);
}

/** The status in an OK: behind its first byte and two numbers. */
export function statusOfOk(at: usize, size: u32): u32 {
  let used: u32 = 1 + encodedSize(at + 1);
  used += encodedSize(at + used);
  return used + 2 <= size ? <u32>load<u16>(at + used) : 0;
}

/** The status in an EOF, 0 in one that is too old to have one. */
export function statusOfEof(at: usize, length: u32): u32 {
  return length == LONGEST_EOF ? <u32>load<u16>(at + 3) : 0;
}

/** Some of what the server sent was not seen, perhaps whole answers: all but the last, since each is waited for. */
export function forgetMissed(flow: Flow, conversation: Conversation): void {
  while (flow.waiting > 1) abandon(flow);
  conversation.server = <u8>Server.ANSWER;
  conversation.serverContinues = 0;
  flow.cut = 0;
}
