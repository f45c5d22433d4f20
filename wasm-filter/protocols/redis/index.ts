/**
 * Redis: RESP2, RESP3 and inline commands. A reply answers the oldest command that has none, but for what comes unasked:
 *
 *     client  command ----> command ----> command ---->     a pipeline; or each after the reply before
 *     server         reply -----> push -> reply ------>     pushes, messages, lines of MONITOR answer nothing
 *                    SUBSCRIBE, UNSUBSCRIBE: a confirmation a channel, the last one is the answer
 *                    CLIENT REPLY OFF, SKIP: no reply, the command is counted as it is sent
 *                    SYNC, PSYNC: what follows is replication, and no more is looked at
 *
 *     client  COMMAND --"*3"--> ARGUMENT --"$5"--> SKIPPED --passed--> ARGUMENT --the last--> COMMAND
 *                 `--a line of words--> COMMAND, or LINE where it is longer than what is kept
 *     server  ELEMENT --"$5"--> SKIPPED --passed--> ELEMENT      left = elements of the reply that are yet to come: an array of
 *                 |---"+OK"---> ELEMENT, or LINE                 n adds n, each element takes one; at 0 the reply is complete
 *                 `---"*3"----> ELEMENT
 *
 *     a gap, or what is neither: LOST. The client goes on with the next segment that begins with a command, the server with
 *     the first that begins with a reply after the client has asked again: then nothing from before is waited for.
 *
 * The latency is from the last byte of the command to the last of the reply; of a command that blocks (BLPOP) it has the wait.
 */
import { Protocol } from "../../core/counters";
import { Flow, Side, wasJoined } from "../../packet/flow";
import { Verdict, register } from "../../packet/parsers";
import { takeCommands } from "./commands";
import { Bit, Conversation, Phase, ReplyPhase, conversationOf, forgetReply } from "./conversation";
import { detect, looksLikeCommand, looksLikeInline, looksLikeReply } from "./detection";
import { takeReplies } from "./replies";
import { Type } from "./types";

export const REDIS: u32 = register(Protocol.REDIS, detect, feed, gap, close);

function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const talk = conversationOf(flow);
  if (!(talk.bits & Bit.BEGUN)) begin(flow, talk);
  if (side == Side.CLIENT) {
    if (talk.phase != Phase.LOST) return takeCommands(flow, talk, at, size);
    return findCommand(flow, talk, at, size);
  }
  if (talk.replyPhase != ReplyPhase.LOST) return takeReplies(flow, talk, at, size);
  return findReply(flow, talk, at, size);
}

/** What the server was saying when it was joined belongs to what nobody saw. */
function begin(flow: Flow, talk: Conversation): void {
  talk.bits |= Bit.BEGUN;
  if (wasJoined(flow)) forgetReply(talk);
}

function findCommand(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  if (!size) return 0;
  const isArray = load<u8>(at) == Type.ARRAY;
  const verdict = isArray ? looksLikeCommand(at, size) : looksLikeInline(at, size);
  if (verdict == Verdict.MORE) return 0;
  if (verdict != Verdict.YES) return size;
  talk.phase = <u8>Phase.COMMAND;
  return takeCommands(flow, talk, at, size);
}

function findReply(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  if (!size || !(talk.bits & Bit.TURN)) return size;
  const verdict = looksLikeReply(at, size);
  if (verdict == Verdict.MORE) return 0;
  if (verdict == Verdict.NO) return size;
  talk.replyPhase = <u8>ReplyPhase.ELEMENT;
  return takeReplies(flow, talk, at, size);
}

function gap(flow: Flow, side: u32, _bytes: u32): void {
  const talk = conversationOf(flow);
  if (side == Side.CLIENT) talk.phase = <u8>Phase.LOST;
  else forgetReply(talk);
}

/** What has no reply by then is counted as that, by itself. */
function close(_flow: Flow, _side: u32): void {}
