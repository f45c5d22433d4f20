import { Outcome } from "../../core/counters";
import { text, bytesOf, isSame, sizeOf } from "../../core/text";
import { u32be } from "../../packet/bytes";
import { abandon, answer, answerUnasked, ask, oldest } from "../../packet/exchanges";
import { Flow, Side, pass } from "../../packet/flow";
import { endpointOfKept } from "../sql/endpoints";
import { Backslash } from "../sql/quoted";
import { outcomeOfState, statusOfState } from "../sql/sqlstate";
import { Conversation, HEADER, Phase, Tag, lost, wholeSize } from "./conversation";
import { isType, textSize } from "./messages";

/** So much of an error is looked at, and of a parameter. */
const ERROR_SHOWN: u32 = 512;
const PARAMETER_SHOWN: u32 = 64;

const SCS = text("standard_conforming_strings");
const C: u32 = 0x43;
const E: u32 = 0x45;
const F: u32 = 0x66;
const I: u32 = 0x49;
const S: u32 = 0x53;
const SUSPENDED: u32 = 0x73;
const W: u32 = 0x57;
const Z: u32 = 0x5a;

/** Takes messages of a server, as many as are there. */
export function takeServer(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  let used: u32 = 0;
  while (size - used >= HEADER && conversation.serverPhase != Phase.LOST) {
    const message = at + used;
    const type: u32 = load<u8>(message);
    const whole = wholeSize(u32be(message + 1));
    if (!whole || !isType(Side.SERVER, type) || (type == Z && whole != 6)) return lost(flow, Side.SERVER, size);
    const shown = min(whole, bytesShown(type));
    if (size - used < shown) break;
    take(flow, conversation, type, message + HEADER, shown - HEADER);
    used += pass(flow, Side.SERVER, whole, size - used);
  }
  return used;
}

/** How much of a message must be there before it is taken. */
function bytesShown(type: u32): u32 {
  if (type == E) return ERROR_SHOWN;
  if (type == S) return PARAMETER_SHOWN;
  return type == Z ? 6 : HEADER;
}

function take(flow: Flow, conversation: Conversation, type: u32, at: usize, size: u32): void {
  switch (type) {
    // CommandComplete, EmptyQueryResponse, PortalSuspended; and CopyBothResponse, after which replication goes on for ever.
    case C:
    case I:
    case SUSPENDED:
    case W:
      complete(flow, conversation, type == W);
      break;
    case E:
      takeError(flow, conversation, at, size);
      break;
    case S:
      takeParameter(conversation, at, size);
      break;
    case Z:
      ready(flow, conversation);
      break;
  }
}

/** The request that the server is at, null where none of its batch waits. */
function isAtWork(flow: Flow, conversation: Conversation): bool {
  const exchange = oldest(flow);
  return exchange != null && exchange.id == conversation.serverBatch;
}

function complete(flow: Flow, conversation: Conversation, isLast: bool): void {
  if (isAtWork(flow, conversation) && (isLast || oldest(flow)!.tag == Tag.EXECUTE)) {
    answer(flow, oldest(flow)!, Outcome.SUCCESS, 0);
    conversation.hasAnswered = 1;
  } else if (!conversation.outcome) {
    conversation.outcome = <u8>Outcome.SUCCESS;
  }
}

/** The first error of a batch is what it comes to: the server passes over all that is behind it. */
function takeError(flow: Flow, conversation: Conversation, at: usize, size: u32): void {
  if (conversation.serverPhase == Phase.LOGIN || isError(conversation)) return;
  conversation.outcome = <u8>Outcome.SERVER_ERROR;
  conversation.status = 0;
  for (let used: u32 = 0; used < size;) {
    const field: u32 = load<u8>(at + used);
    const value = textSize(at + used + 1, size - used - 1);
    if (!field || !value) break;
    if (field == C && value == 6) {
      conversation.outcome = <u8>outcomeOfState(at + used + 1);
      conversation.status = <u16>statusOfState(at + used + 1);
      break;
    }
    used += 1 + value;
  }
  if (!isAtWork(flow, conversation) || oldest(flow)!.tag != Tag.EXECUTE) return;
  answer(flow, oldest(flow)!, conversation.outcome, conversation.status);
  conversation.hasAnswered = 1;
}

function isError(conversation: Conversation): bool {
  return conversation.outcome > <u8>Outcome.SUCCESS;
}

/** "standard_conforming_strings" is "off" where backslashes take the next letter with them. */
function takeParameter(conversation: Conversation, at: usize, size: u32): void {
  const name = textSize(at, size);
  if (name != sizeOf(SCS) + 1 || size < name + 2 || !isSame(at, bytesOf(SCS), name - 1)) return;
  conversation.backslash = <u8>(<u32>load<u8>(at + name + 1) == F ? Backslash.ESCAPES : Backslash.PLAIN);
}

/** The server has done with a batch. */
function ready(flow: Flow, conversation: Conversation): void {
  if (conversation.serverPhase == Phase.LOGIN) {
    conversation.serverPhase = <u8>Phase.MESSAGES;
  } else if (conversation.serverBatch == conversation.clientBatch) {
    if (conversation.outcome) answerUnasked(flow, conversation.outcome, conversation.status);
  } else {
    endBatch(flow, conversation);
    conversation.serverBatch++;
    // Whatever found no room has its answer too.
    if (conversation.serverBatch == conversation.clientBatch) flow.cut = 0;
  }
  conversation.outcome = 0;
  conversation.status = 0;
  conversation.hasAnswered = 0;
}

/** Answers what of a batch has no answer yet: a query, or what was passed over after an error. */
export function endBatch(flow: Flow, conversation: Conversation): void {
  const wasAsked = conversation.hasAnswered || isAtWork(flow, conversation);
  while (isAtWork(flow, conversation)) {
    const exchange = oldest(flow)!;
    if (conversation.outcome) answer(flow, exchange, conversation.outcome, conversation.status);
    else if (exchange.tag == Tag.QUERY) answer(flow, exchange, Outcome.SUCCESS, 0);
    else abandon(flow);
  }
  // A statement that was refused when it was prepared was never executed: it counts all the same.
  const isRefused = !wasAsked && isError(conversation) && conversation.parsed != 0;
  if (!isRefused || conversation.parsedBatch != conversation.serverBatch) return;
  const exchange = ask(flow, endpointOfKept(flow, conversation.parsed), Tag.EXECUTE, conversation.serverBatch);
  exchange.micros = conversation.parsedMicros;
  answer(flow, exchange, conversation.outcome, conversation.status);
}

/**
 * Some of what the server sent was not seen, perhaps whole answers. A client that waits for each answer before it asks for
 * more has had those to all requests but the last; of a pipeline none can be told from another.
 */
export function forgetMissed(flow: Flow, conversation: Conversation): void {
  const most: u32 = conversation.isPipelined ? 0 : 1;
  while (flow.waiting > most) abandon(flow);
  const exchange = oldest(flow);
  conversation.serverBatch = exchange ? exchange.id : conversation.clientBatch;
  conversation.isPipelined = 0;
  conversation.outcome = 0;
  conversation.hasAnswered = 0;
  flow.cut = 0;
}
