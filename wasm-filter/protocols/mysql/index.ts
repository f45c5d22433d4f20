/**
 * MySQL and MariaDB (their manuals, "Client/Server Protocol"). Packets have a length, and a number that is 0 where a command begins.
 *
 *     client  START --answer to the greeting--> COMMANDS --long one--> TAIL --it has passed--> COMMANDS
 *               `-----with the wish for TLS---> (told by its content)
 *     server  START --greeting--> LOGIN --OK--> ANSWER      and where zlib was agreed on, both as compressed.ts has it
 *
 *     ANSWER --OK, error-----------------------------------------------------> ANSWER, the request is answered
 *       |-----wish for a file: the client sends it, up to an empty packet----> ANSWER
 *       |-----number of columns--> COLUMNS --the last--> BEHIND_COLUMNS --EOF or not--> ROWS --EOF, OK--> ANSWER: another result, or answered
 *       |-----prepared---> DEFINITIONS --the last------------------------------> ANSWER, answered
 *       `-----replication--> STREAM
 *
 *     either  a gap, or what is no packet: LOST --a segment that begins with a command, or an answer--> COMMANDS, ANSWER
 *
 * Whether an EOF stands behind the columns (CLIENT_DEPRECATE_EOF) is seen where it does or does not, so that a connection may be joined
 * midway. A request is a command that is answered: not COM_QUIT, COM_STMT_CLOSE and COM_STMT_SEND_LONG_DATA. Logging in is none.
 */
import { Protocol } from "../../core/counters";
import { freeBlock } from "../../packet/blocks";
import { Flow, Side, skip } from "../../packet/flow";
import { DETECT_BYTES } from "../../packet/limits";
import { Place, Verdict, place, register } from "../../packet/parsers";
import { Backslash } from "../sql/quoted";
import { looksLikeAnswer, looksLikeCommands, looksLikeGreeting } from "./beginnings";
import { endTail, takeClient, takeCut, takeLogin } from "./client";
import { PIECE_HEAD, endPending, feedAnswerPieces, feedPieces, looksLikePiece } from "./compressed";
import { Client, Conversation, HEADER, Server, conversationOf, lengthAt } from "./conversation";
import { takeGreeting } from "./greeting";
import { forgetMissed, takeServer } from "./server";

export const MYSQL: u32 = register(Protocol.MYSQL, detect, feed, gap, close);

function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  const greeting = serverSize ? looksLikeGreeting(server, serverSize) : Verdict.MORE;
  if (greeting == Verdict.YES || !clientSize) return greeting;
  const commands = looksLikeCommands(client, clientSize);
  if (commands == Verdict.NO && place == Place.MIDWAY) return looksLikePiece(Side.CLIENT, client, clientSize);
  if (commands != Verdict.MORE || !serverSize) return commands;
  return looksLikeAnswer(server, serverSize);
}

function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const conversation = conversationOf(flow);
  if (side == Side.SERVER) {
    if (conversation.isCompressed) return feedAnswerPieces(flow, conversation, at, size);
    return size ? feedServer(flow, conversation, at, size) : 0;
  }
  if (isCompressed(conversation, at, size)) return feedPieces(flow, conversation, at, size);
  const phase: u32 = conversation.client;
  if (phase == Client.TAIL) endTail(flow, conversation);
  if (size < HEADER) return 0;
  if (phase == Client.START) {
    if (conversation.server == Server.LOGIN) return takeLogin(flow, conversation, at, size);
    conversation.client = <u8>Client.COMMANDS;
    conversation.backslash = <u8>Backslash.UNKNOWN;
  } else if (phase == Client.LOST) {
    if (!beginsWithCommand(at, size)) return size;
    conversation.client = <u8>Client.COMMANDS;
    conversation.clientContinues = 0;
    conversation.isFile = 0;
  }
  return takeClient(flow, conversation, at, size);
}

/** Whether a client compresses; where the connection was joined, what it sends first tells. */
function isCompressed(conversation: Conversation, at: usize, size: u32): bool {
  const isFirst = conversation.client == Client.START && conversation.server != Server.LOGIN && size > PIECE_HEAD;
  if (isFirst && looksLikeCommands(at, size) == Verdict.NO && looksLikePiece(Side.CLIENT, at, size) == Verdict.YES) {
    conversation.isCompressed = 1;
    conversation.backslash = <u8>Backslash.UNKNOWN;
  }
  return conversation.isCompressed != 0;
}

/** Whether a command begins here, in a connection that is known to be one of MySQL. */
function beginsWithCommand(at: usize, size: u32): bool {
  const verdict = looksLikeCommands(at, size);
  return verdict == Verdict.YES || (verdict == Verdict.MORE && HEADER + lengthAt(at) == size);
}

function feedServer(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  if (conversation.server == Server.START && looksLikeGreeting(at, size) == Verdict.YES) {
    return takeGreeting(flow, conversation, at, size);
  }
  if (conversation.server == Server.START || conversation.server == Server.LOST) {
    const verdict = looksLikeAnswer(at, size);
    if (verdict == Verdict.MORE && size < DETECT_BYTES) return 0;
    if (verdict != Verdict.YES || !flow.oldest) return size;
    forgetMissed(flow, conversation);
  }
  return takeServer(flow, conversation, at, size);
}

function gap(flow: Flow, side: u32, bytes: u32): void {
  const conversation = conversationOf(flow);
  if (side == Side.SERVER) {
    conversation.server = <u8>Server.LOST;
    return;
  }
  if (conversation.needs && bytes <= conversation.needs) {
    // What is missing belongs to the command that was waited for, so that its end is known.
    const rest = conversation.needs - bytes;
    takeCut(flow, conversation);
    skip(flow, Side.CLIENT, rest);
    return;
  }
  conversation.client = <u8>Client.LOST;
}

function close(flow: Flow, _side: u32): void {
  const conversation = conversationOf(flow);
  if (++conversation.closed < 2) return;
  endPending(flow, conversation);
  freeBlock(conversation.named);
  conversation.named = 0;
}
