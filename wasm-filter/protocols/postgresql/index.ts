/**
 * PostgreSQL, protocol 3 (its manual, "Frontend/Backend Protocol").
 *
 *     client  START --SSLRequest, GSSENCRequest--> START        the server answers in a letter: S: TLS, told by its content; G: opaque
 *               |-----CancelRequest--------------> (opaque)
 *               `-----StartupMessage-------------> MESSAGES --long query--> TAIL --it has passed--> MESSAGES
 *     server  START --SSLRequest was asked--> ENCRYPTION --N, E--> LOGIN --ReadyForQuery--> MESSAGES
 *
 *     Query                       (RowDescription DataRow* | CopyIn/OutResponse)* CommandComplete ... ReadyForQuery    a request
 *     Parse Bind Execute* Sync    ParseComplete BindComplete (DataRow* CommandComplete | PortalSuspended)* ReadyForQuery   Execute: each one
 *                                 ErrorResponse: all behind it up to the Sync is passed over
 *
 *     either  a gap, or what is no message: LOST --a segment that begins with messages--> MESSAGES
 *
 * A query is answered with ReadyForQuery, since it may hold several statements; an Execute when it is complete or suspended. Logging in
 * is no request, nor are notices, notifications and parameters that come in between.
 */
import { Protocol } from "../../core/counters";
import { freeBlock } from "../../packet/blocks";
import { Flow, Side, skip } from "../../packet/flow";
import { DETECT_BYTES } from "../../packet/limits";
import { Verdict, register } from "../../packet/parsers";
import { Backslash } from "../sql/quoted";
import { endTail, takeClient, takeCut } from "./client";
import { Conversation, Phase, conversationOf } from "./conversation";
import { looksLikeMessages } from "./messages";
import { endBatch, forgetMissed, takeServer } from "./server";
import { looksLikeStartup, takeEncryption, takeStartup } from "./startup";

export const POSTGRESQL: u32 = register(Protocol.POSTGRESQL, detect, feed, gap, close);

function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  let verdict: u32 = Verdict.MORE;
  if (clientSize) {
    verdict = looksLikeStartup(client, clientSize);
    if (verdict == Verdict.NO) verdict = looksLikeMessages(Side.CLIENT, client, clientSize);
  }
  if (verdict != Verdict.MORE || !serverSize) return verdict;
  return looksLikeMessages(Side.SERVER, server, serverSize);
}

function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const conversation = conversationOf(flow);
  if (side == Side.SERVER) return feedServer(flow, conversation, at, size);
  const phase: u32 = conversation.clientPhase;
  if (phase == Phase.TAIL) endTail(flow, conversation);
  if (!size) return 0;
  if (phase == Phase.START) {
    if (!load<u8>(at)) return takeStartup(flow, conversation, at, size);
    conversation.clientPhase = <u8>Phase.MESSAGES;
    conversation.backslash = <u8>Backslash.UNKNOWN;
  } else if (phase == Phase.LOST) {
    const verdict = looksLikeMessages(Side.CLIENT, at, size);
    if (verdict != Verdict.YES) return mayWait(verdict, size) ? 0 : size;
    conversation.clientPhase = <u8>Phase.MESSAGES;
  }
  return takeClient(flow, conversation, at, size);
}

function feedServer(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  if (!size) return 0;
  const phase: u32 = conversation.serverPhase;
  if (phase == Phase.ENCRYPTION) return takeEncryption(flow, conversation, load<u8>(at));
  if (phase == Phase.START || phase == Phase.LOST) {
    const verdict = looksLikeMessages(Side.SERVER, at, size);
    if (verdict != Verdict.YES) return mayWait(verdict, size) ? 0 : size;
    if (phase == Phase.START) conversation.backslash = <u8>Backslash.UNKNOWN;
    else forgetMissed(flow, conversation);
    conversation.serverPhase = <u8>Phase.MESSAGES;
  }
  return takeServer(flow, conversation, at, size);
}

/** Whether what may become a message is to be shown again with more behind it. */
function mayWait(verdict: u32, size: u32): bool {
  return verdict == Verdict.MORE && size < DETECT_BYTES;
}

function gap(flow: Flow, side: u32, bytes: u32): void {
  const conversation = conversationOf(flow);
  if (side == Side.SERVER) {
    conversation.serverPhase = <u8>Phase.LOST;
    return;
  }
  if (isWithinMessage(conversation, bytes)) {
    const rest = conversation.needs - bytes;
    takeCut(flow, conversation, conversation.needsType);
    skip(flow, Side.CLIENT, rest);
    return;
  }
  conversation.clientPhase = <u8>Phase.LOST;
}

/** Whether what is missing belongs to the message that was waited for, so that its end is known. */
function isWithinMessage(conversation: Conversation, bytes: u32): bool {
  return conversation.needs != 0 && bytes <= conversation.needs;
}

function close(flow: Flow, side: u32): void {
  const conversation = conversationOf(flow);
  if (side == Side.SERVER && conversation.outcome && conversation.serverPhase != Phase.LOST)
    endBatch(flow, conversation);
  if (++conversation.closed < 2) return;
  freeBlock(conversation.named);
  conversation.named = 0;
}
