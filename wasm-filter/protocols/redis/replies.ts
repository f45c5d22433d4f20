import { Outcome } from "../../core/counters";
import { EMPTY, OTHER } from "../../core/strings";
import { answer, answerUnasked, endpointNamed, oldest } from "../../packet/exchanges";
import { Flow, OPAQUE, Side, skip } from "../../packet/flow";
import { BLOCK_BYTES } from "../../packet/limits";
import { handOver } from "../../packet/streams";
import { Bit, Conversation, Reply, ReplyPhase, loseServer } from "./conversation";
import { isUnknownCommand, outcomeOfError } from "./errors";
import { BAD, count, lineSize, readCount } from "./line";
import { Kind } from "./names";
import { Push, pushOf } from "./pushes";
import { Type, formOf, Form } from "./types";

/** What the server sends: replies of RESP2 and RESP3, each an element that may hold others. */

/** So much of an error within a bulk string says whose fault it is. */
const ERROR_BYTES: u32 = 64;

/** Takes replies, or as much of one as is there. */
export function takeReplies(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  if (talk.replyPhase == ReplyPhase.SKIPPED) {
    talk.replyPhase = <u8>ReplyPhase.ELEMENT;
    endElement(flow, talk);
  }
  let used: u32 = 0;
  while (used < size && flow.parser != OPAQUE) {
    const step = takeNext(flow, talk, at + used, size - used);
    used += step;
    if (!step || talk.replyPhase == ReplyPhase.SKIPPED) break;
  }
  return used;
}

function takeNext(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  if (talk.replyPhase == ReplyPhase.LINE) return passLine(flow, talk, at, size);
  if (talk.replyPhase == ReplyPhase.LOST) return size;
  if (!talk.left) {
    const type: u32 = load<u8>(at);
    // Some servers keep a connection alive by empty lines.
    if (type == 13 || type == 10) return 1;
    if (!beginReply(flow, talk, type, at, size)) return 0;
  }
  return takeElement(flow, talk, at, size);
}

/** Learns what a reply is; false where more of it must be seen. */
function beginReply(flow: Flow, talk: Conversation, type: u32, at: usize, size: u32): bool {
  let reply: u32 = Reply.ANSWER;
  if (type == Type.SIMPLE) {
    if (size < 2) return false;
    if (isMonitored(flow, talk, at)) reply = Reply.PUSH;
  } else if (type == Type.ATTRIBUTE) {
    reply = Reply.PUSH;
  } else if (type == Type.ARRAY || type == Type.PUSH) {
    const push = pushOf(at, size);
    if (push == Push.MORE) return false;
    reply = replyOf(flow, talk, type, push);
  }
  talk.reply = <u8>reply;
  talk.outcome = <u8>Outcome.SUCCESS;
  // An attribute is not counted as an element: it stands before one.
  talk.left = type == Type.ATTRIBUTE ? 0 : 1;
  return true;
}

/** A line of MONITOR begins with the time, which no other simple string does. */
function isMonitored(flow: Flow, talk: Conversation, at: usize): bool {
  return (talk.bits & Bit.MONITOR || !flow.oldest) && <u32>load<u8>(at, 1) - 48 < 10;
}

/** What an array is that may have come unasked. */
function replyOf(flow: Flow, talk: Conversation, type: u32, push: u32): u32 {
  const exchange = oldest(flow);
  const kind: u32 = exchange ? exchange.tag : Kind.PLAIN;
  const isSubscribing = kind == Kind.SUBSCRIBE || kind == Kind.UNSUBSCRIBE;
  if (push == Push.CONFIRMATION && isSubscribing) return Reply.CONFIRMATION;
  if (type == Type.PUSH) return Reply.PUSH;
  if (push == Push.NONE) return Reply.ANSWER;
  if (!exchange || isSubscribing) return Reply.PUSH;
  if (push == Push.CONFIRMATION) return talk.bits & Bit.LEAVING ? Reply.PUSH : Reply.ANSWER;
  return kind == Kind.ANYTIME ? Reply.PUSH : Reply.ANSWER;
}

function takeElement(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  const type: u32 = load<u8>(at);
  switch (formOf(type)) {
    case Form.LINE:
      return takeLine(flow, talk, type, at, size);
    case Form.BULK:
      return takeBulk(flow, talk, type, at, size);
    case Form.AGGREGATE:
      return takeAggregate(flow, talk, type, at, size);
    default:
      return lost(flow, talk, size);
  }
}

function lost(flow: Flow, talk: Conversation, size: u32): u32 {
  loseServer(flow, talk);
  return size;
}

function takeLine(flow: Flow, talk: Conversation, type: u32, at: usize, size: u32): u32 {
  const line = lineSize(at, size);
  if (!line && size < BLOCK_BYTES) return 0;
  if (type == Type.ERROR) takeError(flow, talk, at + 1, (line ? line : size) - 1);
  if (!line) {
    talk.replyPhase = <u8>ReplyPhase.LINE;
    return size;
  }
  endElement(flow, talk);
  return line;
}

function passLine(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  const line = lineSize(at, size);
  if (!line) return size;
  talk.replyPhase = <u8>ReplyPhase.ELEMENT;
  endElement(flow, talk);
  return line;
}

function takeBulk(flow: Flow, talk: Conversation, type: u32, at: usize, size: u32): u32 {
  const line = readCount(at, size);
  if (!line) return 0;
  if (line == BAD || count < -1) return lost(flow, talk, size);
  if (count < 0) {
    endElement(flow, talk);
    return line;
  }
  const length = <u32>count;
  const rest = size - line;
  if (type == Type.BULK_ERROR) {
    const seen = min(length, ERROR_BYTES);
    if (rest < seen) return 0;
    takeError(flow, talk, at + line, seen);
  }
  if (rest >= 2 && length <= rest - 2) {
    endElement(flow, talk);
    return line + length + 2;
  }
  talk.replyPhase = <u8>ReplyPhase.SKIPPED;
  skip(flow, Side.SERVER, <u64>length + 2);
  return line;
}

function takeAggregate(flow: Flow, talk: Conversation, type: u32, at: usize, size: u32): u32 {
  const line = readCount(at, size);
  if (!line) return 0;
  if (line == BAD || count < -1) return lost(flow, talk, size);
  const elements = <u64>max<i64>(count, 0);
  talk.left += type == Type.MAP || type == Type.ATTRIBUTE ? elements * 2 : elements;
  if (type != Type.ATTRIBUTE) endElement(flow, talk);
  return line;
}

/** An error is that of the request; one among the results of a transaction is that of EXEC. */
function takeError(flow: Flow, talk: Conversation, at: usize, size: u32): void {
  const exchange = oldest(flow);
  const isWhole = talk.left == 1 && talk.reply == Reply.ANSWER;
  if (!exchange) {
    if (isWhole) talk.outcome = <u8>outcomeOfError(at, size);
    return;
  }
  if (!isWhole && (exchange.tag != Kind.EXEC || talk.outcome != Outcome.SUCCESS)) return;
  talk.outcome = <u8>outcomeOfError(at, size);
  // It was no command of a module, but some word that a client sent.
  const isNone = exchange.tag == Kind.MODULE && isUnknownCommand(at, size);
  if (isNone) exchange.endpoint = <u16>endpointNamed(flow, EMPTY, OTHER);
}

function endElement(flow: Flow, talk: Conversation): void {
  if (--talk.left) return;
  if (talk.reply == Reply.PUSH) return;
  const exchange = oldest(flow);
  if (!exchange) return answerUnasked(flow, talk.outcome, 0);
  const kind: u32 = exchange.tag;
  if (talk.reply == Reply.CONFIRMATION && exchange.more > 1) {
    exchange.more--;
    return;
  }
  if (kind == Kind.UNSUBSCRIBE && !exchange.more) talk.bits |= Bit.LEAVING;
  else talk.bits &= ~Bit.LEAVING;
  const isGood = talk.outcome == Outcome.SUCCESS;
  answer(flow, exchange, talk.outcome, 0);
  if (!isGood) return;
  if (kind == Kind.MONITOR) talk.bits |= Bit.MONITOR;
  // Replication: from here on the server sends its data and its writes, which ask for nothing.
  if (kind == Kind.SYNC) handOver(flow, OPAQUE);
}
