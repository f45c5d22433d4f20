/**
 * HTTP/2 (RFC 9113) without TLS, and gRPC within it. A client begins with the preface, be it at once or behind an upgrade from
 * HTTP/1, whose parser hands the connection over with the upgraded request waiting as stream 1. Each side sends frames, see
 * frames.ts; of a stream:
 *
 *     client  HEADERS, DATA ... END_STREAM                               asked: the time begins
 *     server                               HEADERS 1xx                   none yet
 *                                          HEADERS, DATA ... END_STREAM  answered, by :status
 *                                          ... HEADERS END_STREAM        trailers: an RPC is answered by grpc-status
 *     either  RST_STREAM                                                 no answer, or as far as it came
 *     server  PUSH_PROMISE, then HEADERS of an even stream               an answer that nobody asked for
 *
 * Header blocks (header-block.ts) are read by the table of their side (table.ts). Where a connection was joined midway, or some
 * of it was missed, what they refer to may be unknown. Then a request is counted with what there is, as ATTRIBUTES_MISSING:
 * under "~other", and as a success where only its status is not known.
 */
import { Protocol } from "../../core/counters";
import { bytesOf, isSame, sizeOf, text } from "../../core/text";
import { Flow, Side, skip, wasJoined } from "../../packet/flow";
import { Verdict, register, verdictOf } from "../../packet/parsers";
import { waitForProbe } from "../../packet/probes";
import { giveUp, loseUnparsed } from "../../packet/streams";
import {
  Flag,
  Frame,
  HEAD_BYTES,
  Phase,
  Way,
  frameBytes,
  frameFlags,
  frameStream,
  frameType,
  isBadFrame,
  looksLikeFrames,
  prefixBytes,
  readHead,
  wayOf,
} from "./frames";
import { isBetweenFields, readFields, startFields } from "./header-block";
import { PREFIX_BYTES, endAnswers, endStream, resetStream, takeAnswer, takeData, takeRequest } from "./requests";
import { forgetTable, freeTables, sessionOf, tableOf } from "./session";

const PREFACE = text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const HTTP2: u32 = register(Protocol.HTTP2, detect, feed, gap, close);

function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  if (clientSize && beginsLikePreface(client, clientSize)) {
    return clientSize < sizeOf(PREFACE) ? Verdict.MORE : Verdict.YES;
  }
  const asked = clientSize ? looksLikeFrames(Side.CLIENT, client, clientSize) : Verdict.MORE;
  const answered = serverSize ? looksLikeFrames(Side.SERVER, server, serverSize) : Verdict.MORE;
  return verdictOf(asked, answered);
}

function beginsLikePreface(at: usize, size: u32): bool {
  return isSame(at, bytesOf(PREFACE), min(size, sizeOf(PREFACE)));
}

function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const way = wayOf(flow, side);
  if (way.phase == Phase.LAST_DATA) endData(flow, side, way);
  if (!size) return 0;
  // The preface and settings come before the first request.
  if (side == Side.CLIENT && !sessionOf(flow).last) waitForProbe(flow);
  switch (<u32>way.phase) {
    case Phase.START:
      return begin(flow, side, at, size);
    case Phase.FRAME:
    case Phase.CONTINUES:
      return readFrame(flow, side, at, size);
    case Phase.BLOCK:
      return readBlock(flow, side, at, size);
    case Phase.LOST:
      return find(flow, side, at, size);
    default:
      return size;
  }
}

function begin(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (side == Side.CLIENT && beginsLikePreface(at, size)) {
    if (size < sizeOf(PREFACE)) return 0;
    wayOf(flow, side).phase = <u8>Phase.FRAME;
    return sizeOf(PREFACE);
  }
  if (wasJoined(flow)) return find(flow, side, at, size);
  // Of what an end sends first, its first frame tells enough.
  if (looksLikeFrames(side, at, min(size, HEAD_BYTES)) == Verdict.NO) return lost(flow, side, size);
  if (size < HEAD_BYTES) return 0;
  wayOf(flow, side).phase = <u8>Phase.FRAME;
  return readFrame(flow, side, at, size);
}

/** What a side sends is no HTTP/2: from now on the beginning of a frame is looked for. */
function lost(flow: Flow, side: u32, size: u32): u32 {
  loseUnparsed(flow);
  lookAnew(flow, side);
  return size;
}

function lookAnew(flow: Flow, side: u32): void {
  wayOf(flow, side).phase = <u8>Phase.LOST;
  forgetTable(flow, side);
}

/** Looks whether these bytes begin with frames. */
function find(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (looksLikeFrames(side, at, size) == Verdict.NO) return size;
  if (size < HEAD_BYTES) return 0;
  wayOf(flow, side).phase = <u8>Phase.FRAME;
  return readFrame(flow, side, at, size);
}

function readFrame(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (size < HEAD_BYTES) return 0;
  readHead(at);
  const way = wayOf(flow, side);
  if (way.phase == Phase.CONTINUES) return continueBlock(flow, side, size);
  if (isBadFrame() || frameType == Frame.CONTINUATION) return lost(flow, side, size);
  if (frameType == Frame.HEADERS || frameType == Frame.PUSH_PROMISE) return startBlock(flow, side, at, size);
  if (frameType == Frame.DATA) return readData(flow, side, at, size);
  if (frameType == Frame.RST_STREAM) resetStream(flow, frameStream);
  skip(flow, side, frameBytes);
  return HEAD_BYTES;
}

function readData(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const way = wayOf(flow, side);
  const isShown = frameBytes >= PREFIX_BYTES && size >= HEAD_BYTES + PREFIX_BYTES;
  if (wasJoined(flow) && isShown && side == Side.CLIENT) takeData(flow, frameStream, at + HEAD_BYTES, frameBytes);
  if (frameFlags & Flag.END_STREAM) {
    way.stream = frameStream;
    way.phase = <u8>Phase.LAST_DATA;
    // Else the parser is called when the data have passed.
    if (!frameBytes) endData(flow, side, way);
  }
  skip(flow, side, frameBytes);
  return HEAD_BYTES;
}

function endData(flow: Flow, side: u32, way: Way): void {
  way.phase = <u8>Phase.FRAME;
  endStream(flow, side, way.stream);
}

function startBlock(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const prefix = prefixBytes();
  if (prefix > frameBytes) return lost(flow, side, size);
  if (size < HEAD_BYTES + prefix) return 0;
  const padding: u32 = frameFlags & Flag.PADDED ? load<u8>(at, HEAD_BYTES) : 0;
  if (prefix + padding > frameBytes) return lost(flow, side, size);
  const table = tableOf(flow, side);
  if (!table) {
    giveUp(flow);
    return size;
  }
  startFields(table);
  const way = wayOf(flow, side);
  way.phase = <u8>Phase.BLOCK;
  way.type = <u8>frameType;
  way.flags = <u8>frameFlags;
  way.padding = <u8>padding;
  way.stream = frameStream;
  way.left = frameBytes - prefix - padding;
  if (!way.left) endPiece(flow, side, way);
  return HEAD_BYTES + prefix;
}

function continueBlock(flow: Flow, side: u32, size: u32): u32 {
  const way = wayOf(flow, side);
  if (frameType != Frame.CONTINUATION || frameStream != way.stream) return lost(flow, side, size);
  way.phase = <u8>Phase.BLOCK;
  way.flags |= <u8>(frameFlags & Flag.END_HEADERS);
  way.padding = 0;
  way.left = frameBytes;
  if (!way.left) endPiece(flow, side, way);
  return HEAD_BYTES;
}

function readBlock(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const way = wayOf(flow, side);
  const piece = min(size, way.left);
  const table = tableOf(flow, side);
  if (!table || !readFields(table, at, piece)) return lost(flow, side, size);
  way.left -= piece;
  if (!way.left) endPiece(flow, side, way);
  return piece;
}

/** A frame's piece of a header block is complete. */
function endPiece(flow: Flow, side: u32, way: Way): void {
  skip(flow, side, way.padding);
  if (!(way.flags & Flag.END_HEADERS)) {
    way.phase = <u8>Phase.CONTINUES;
    return;
  }
  const table = tableOf(flow, side);
  if (!table || !isBetweenFields(table)) {
    lost(flow, side, 0);
    return;
  }
  way.phase = <u8>Phase.FRAME;
  if (way.type == Frame.PUSH_PROMISE) return;
  const isLast = (way.flags & Flag.END_STREAM) != 0;
  if (side == Side.CLIENT) takeRequest(flow, way.stream, table);
  else takeAnswer(flow, way.stream, table, isLast);
  if (isLast) endStream(flow, side, way.stream);
}

function gap(flow: Flow, side: u32, _bytes: u32): void {
  if (wayOf(flow, side).phase == Phase.CLOSED) return;
  const session = sessionOf(flow);
  if (side == Side.CLIENT) session.first = 0;
  else session.missed = session.last;
  lookAnew(flow, side);
}

function close(flow: Flow, side: u32): void {
  if (side == Side.SERVER) endAnswers(flow);
  wayOf(flow, side).phase = <u8>Phase.CLOSED;
  if (wayOf(flow, side ^ 1).phase == Phase.CLOSED) freeTables(flow);
}
