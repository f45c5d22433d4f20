import { Outcome } from "../../core/counters";
import { abandon, answer, newest, oldest } from "../../packet/exchanges";
import { Flow, Side, pass } from "../../packet/flow";
import { unpackZlib } from "../../packet/inflate";
import { Verdict } from "../../packet/parsers";
import { streamMicros } from "../../packet/stream-time";
import { putBytes, startUnpacked, unpackedAt, unpackedBytes } from "../../packet/unpacked";
import { looksLikeCommands } from "./beginnings";
import { endTail, take } from "./client";
import { Answer, answerTo } from "./commands";
import { Client, Conversation, HEADER, LONGEST, Server, lengthAt, lost } from "./conversation";
import { answerError } from "./errors";
import { keepStatement } from "./results";
import { ERROR, FILE, OK, readStatus, statusOfOk } from "./server";

/**
 * MySQL's compressed protocol: what both sides send is packed in pieces, each behind a head of its own, whose numbers begin with 0
 * where the client does:
 *
 *     length u24 | number u8 | unpacked length u24, 0 = it is not packed | packets, as they are without compression
 *
 * Only the beginning of a piece is unpacked: there the command stands, and what came of it. Where an answer ends is not read
 * but told by its pieces: a server fills its buffer before it sends one, so a smaller one is the last.
 *
 *     client   piece 0: asked ----> what is behind it belongs to it
 *     server   piece: begun --smaller than the first, or than any buffer--> answered
 *                       `-----the client asks something else, or it is over---> answered, as of the last piece
 */
export const PIECE_HEAD: u32 = 7;
/** So much of a piece is waited for. */
const MOST_SHOWN: u32 = 8192;
/** What a server's buffer holds at least (net_buffer_length). */
const BUFFER_BYTES: u32 = 16384;
/** What zlib begins with. */
const ZLIB: u32 = 0x78;

function unpackedLength(at: usize): u32 {
  return load<u32>(at, 4) & LONGEST;
}

/** Unpacks the beginning of a piece; false where it is none. */
function unpack(at: usize, size: u32): bool {
  const shown = min(size, PIECE_HEAD + min(lengthAt(at), MOST_SHOWN)) - PIECE_HEAD;
  if (unpackedLength(at)) return unpackZlib(at + PIECE_HEAD, shown);
  startUnpacked();
  putBytes(at + PIECE_HEAD, shown);
  return true;
}

/** Whether a piece of a side begins here, in a connection whose beginning was not seen. */
export function looksLikePiece(side: u32, at: usize, size: u32): u32 {
  if (size < PIECE_HEAD + HEADER + 1) return Verdict.MORE;
  const length = lengthAt(at);
  const whole = unpackedLength(at);
  if (length <= HEADER || (side == Side.CLIENT) != (load<u8>(at + 3) == 0)) return Verdict.NO;
  if (whole ? load<u8>(at + PIECE_HEAD) != ZLIB || whole <= length : lengthAt(at + PIECE_HEAD) > length - HEADER) {
    return Verdict.NO;
  }
  if (!unpack(at, size) || unpackedBytes() <= HEADER) return Verdict.NO;
  if (side == Side.CLIENT) return looksLikeCommands(unpackedAt(), unpackedBytes());
  // The first one begins with a packet; the others may be the middle of one.
  return load<u8>(at + 3) != 1 || load<u8>(unpackedAt() + 3) == 1 ? Verdict.YES : Verdict.NO;
}

/** Takes what a side sends, a piece at a time. */
export function feedPieces(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  const client: u32 = conversation.client;
  if (client == Client.TAIL) endTail(flow, conversation);
  if (size < PIECE_HEAD) return 0;
  if (client == Client.LOST || client == Client.START) {
    const verdict = looksLikePiece(Side.CLIENT, at, size);
    if (verdict != Verdict.YES) return size;
    conversation.client = <u8>Client.COMMANDS;
  }
  const whole = PIECE_HEAD + lengthAt(at);
  if (size < min(whole, PIECE_HEAD + MOST_SHOWN)) return 0;
  if (!unpack(at, size)) return lost(flow, Side.CLIENT, size);
  if (!load<u8>(at + 3)) {
    endPending(flow, conversation);
    // A client waits for each answer.
    while (flow.oldest) abandon(flow);
    if (!takeCommands(flow, conversation)) return lost(flow, Side.CLIENT, size);
  } else if (!conversation.begun) {
    const exchange = newest(flow);
    if (exchange) exchange.micros = streamMicros;
  }
  if (whole > size && flow.oldest && !conversation.begun) conversation.client = <u8>Client.TAIL;
  return pass(flow, Side.CLIENT, whole, size);
}

/** Takes the commands that were unpacked; false where these are none. */
function takeCommands(flow: Flow, conversation: Conversation): bool {
  let at = unpackedAt();
  let left = unpackedBytes();
  while (left > HEADER) {
    const whole = HEADER + lengthAt(at);
    const command: u32 = load<u8>(at + HEADER);
    if (load<u8>(at + 3) || whole == HEADER || answerTo(command) == Answer.UNKNOWN) return false;
    take(flow, conversation, command, at + HEADER + 1, min(whole, left) - HEADER - 1, whole <= left);
    if (whole >= left) break;
    at += whole;
    left -= whole;
  }
  return true;
}

/** Takes what the server sends, a piece at a time. */
export function feedAnswerPieces(flow: Flow, conversation: Conversation, at: usize, size: u32): u32 {
  if (conversation.pieceBytes) endPiece(flow, conversation);
  if (size < PIECE_HEAD) return 0;
  if (conversation.server == Server.LOST || conversation.server == Server.START) {
    if (looksLikePiece(Side.SERVER, at, size) != Verdict.YES || !flow.oldest) return size;
    conversation.server = <u8>Server.ANSWER;
  }
  const whole = PIECE_HEAD + lengthAt(at);
  if (size < min(whole, PIECE_HEAD + MOST_SHOWN)) return 0;
  if (!unpack(at, size)) return lost(flow, Side.SERVER, size);
  const content = unpackedLength(at);
  conversation.pieceBytes = content ? content : whole - PIECE_HEAD;
  if (!conversation.begun) beginAnswer(flow, conversation);
  if (whole <= size) endPiece(flow, conversation);
  return pass(flow, Side.SERVER, whole, size);
}

/** The first piece of an answer: its first packet says what came of the request. */
function beginAnswer(flow: Flow, conversation: Conversation): void {
  const exchange = oldest(flow);
  const at = unpackedAt() + HEADER;
  if (!exchange || unpackedBytes() <= HEADER) return;
  const size = min(unpackedBytes() - HEADER, lengthAt(unpackedAt()));
  const first: u32 = load<u8>(at);
  // The client sends a file, or a secret, and is answered then.
  if (first == FILE || (exchange.tag == Answer.LOGIN && first != OK && first != ERROR)) return;
  if (first == ERROR) {
    answerError(flow, exchange, at, size);
    return;
  }
  if (first == OK && exchange.tag == Answer.PREPARED) keepStatement(conversation, exchange, at, size);
  else if (first == OK) readStatus(conversation, statusOfOk(at, size));
  conversation.begun = conversation.pieceBytes;
  conversation.pieceMicros = streamMicros;
}

/** The last byte of a piece has come. */
function endPiece(flow: Flow, conversation: Conversation): void {
  const bytes = conversation.pieceBytes;
  conversation.pieceBytes = 0;
  conversation.pieceMicros = streamMicros;
  if (conversation.begun && (bytes < BUFFER_BYTES || bytes < conversation.begun)) endPending(flow, conversation);
}

/** The answer that was begun has ended, with the last piece of it. */
export function endPending(flow: Flow, conversation: Conversation): void {
  const exchange = oldest(flow);
  if (!conversation.begun || !exchange) return;
  conversation.begun = 0;
  exchange.micros += streamMicros - conversation.pieceMicros;
  answer(flow, exchange, Outcome.SUCCESS, 0);
}
