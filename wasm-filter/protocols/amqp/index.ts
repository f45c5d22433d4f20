/**
 * AMQP 0-9-1, as RabbitMQ speaks it. What each side is at, see frames.ts; of the two together, on each channel:
 *
 *     client  queue.declare, consume, get, tx.commit ...     asked; with no-wait a success without a latency
 *     server  queue.declare-ok, get-ok, get-empty ...        answered
 *     client  publish, header, body ...                      without confirms a success without a latency
 *     server  ack, nack                                      with confirms answered, by number
 *             return                                         a request that failed: nobody takes the message
 *             deliver                                        a success without a latency
 *             channel.close, connection.close, from 300 on   the answer to what failed; a failed request where nothing waited
 *
 * What a client says of deliveries (ack, reject), and opens and closes, is no request. Bodies pass unseen.
 */
import { Protocol } from "../../core/counters";
import { Flow, Side, skip, wasJoined } from "../../packet/flow";
import { loseUnparsed } from "../../packet/streams";
import { u16be } from "../../packet/bytes";
import { Verdict, register, verdictOf } from "../../packet/parsers";
import { forgetConfirms } from "./confirms";
import {
  Frame,
  HEAD_BYTES,
  PROTOCOL_BYTES,
  Phase,
  isFrameEnd,
  isFrameHead,
  looksLikeFrames,
  looksLikeProtocol,
  partOf,
  payloadBytes,
} from "./frames";
import { endContent, takeAnswer, takeRequest } from "./requests";

/** So much of a method is read: three names of 255 bytes at most. */
const METHOD_BYTES: u32 = 1024;
const CLASS_AND_METHOD: u32 = 4;

export const AMQP: u32 = register(Protocol.AMQP, detect, feed, gap, close);

function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  const greeting = clientSize ? looksLikeProtocol(client, clientSize) : Verdict.NO;
  if (greeting != Verdict.NO) return greeting;
  const asked = clientSize ? looksLikeFrames(Side.CLIENT, client, clientSize) : Verdict.MORE;
  const answered = serverSize ? looksLikeFrames(Side.SERVER, server, serverSize) : Verdict.MORE;
  return verdictOf(asked, answered);
}

function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (!size) return 0;
  switch (<u32>partOf(flow, side).phase) {
    case Phase.START:
      return begin(flow, side, at, size);
    case Phase.HEAD:
      return readHead(flow, side, at, size);
    case Phase.METHOD:
      return readMethod(flow, side, at, size);
    case Phase.END:
      return readEnd(flow, side, at, size);
    case Phase.LOST:
      return find(flow, side, at, size);
    default:
      return size;
  }
}

function begin(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (side == Side.CLIENT) {
    const greeting = looksLikeProtocol(at, size);
    if (greeting == Verdict.MORE) return 0;
    if (greeting == Verdict.YES) {
      partOf(flow, side).phase = <u8>Phase.HEAD;
      return PROTOCOL_BYTES;
    }
  }
  if (wasJoined(flow)) return find(flow, side, at, size);
  return readHead(flow, side, at, size);
}

/** Looks whether these bytes begin with a frame. */
function find(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (looksLikeFrames(side, at, size) == Verdict.NO) return size;
  return readHead(flow, side, at, size);
}

function readHead(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (size < HEAD_BYTES) return 0;
  if (!isFrameHead(at)) return lost(flow, side, size);
  const part = partOf(flow, side);
  const payload = payloadBytes(at);
  part.type = load<u8>(at);
  part.channel = <u16>u16be(at + 1);
  part.left = payload + 1;
  part.phase = <u8>Phase.METHOD;
  if (part.type != Frame.METHOD) passPayload(flow, side, 0);
  return HEAD_BYTES;
}

/** What is left of the payload is not looked at; the byte that ends the frame is. */
function passPayload(flow: Flow, side: u32, used: u32): void {
  const part = partOf(flow, side);
  part.phase = <u8>Phase.END;
  skip(flow, side, part.left - used - 1);
  part.left = 1;
}

function readMethod(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const part = partOf(flow, side);
  const payload = part.left - 1;
  const there = min(payload, METHOD_BYTES);
  if (size < there) return 0;
  if (payload < CLASS_AND_METHOD) return lost(flow, side, size);
  if (side == Side.CLIENT) takeRequest(flow, part.channel, at, there);
  else takeAnswer(flow, part.channel, at, there);
  passPayload(flow, side, there);
  return there;
}

function readEnd(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (!isFrameEnd(at)) return lost(flow, side, size);
  endFrame(flow, side);
  return 1;
}

function endFrame(flow: Flow, side: u32): void {
  const part = partOf(flow, side);
  part.phase = <u8>Phase.HEAD;
  if (side == Side.CLIENT && part.type != Frame.METHOD) endContent(flow, part.channel);
}

/** What a side sends is no frame: from now on the beginning of one is looked for. */
function lost(flow: Flow, side: u32, size: u32): u32 {
  loseUnparsed(flow);
  lookAnew(flow, side);
  return size;
}

function lookAnew(flow: Flow, side: u32): void {
  partOf(flow, side).phase = <u8>Phase.LOST;
  if (side == Side.CLIENT) forgetConfirms(flow);
}

function gap(flow: Flow, side: u32, bytes: u32): void {
  const part = partOf(flow, side);
  const phase: u32 = part.phase;
  if (phase == Phase.CLOSED) return;
  // Within a frame its end is known: what was missed of content says nothing, and a method is missed.
  if (phase == Phase.END && bytes == part.left) return endFrame(flow, side);
  lookAnew(flow, side);
}

function close(flow: Flow, side: u32): void {
  partOf(flow, side).phase = <u8>Phase.CLOSED;
  if (partOf(flow, side ^ 1).phase == Phase.CLOSED) forgetConfirms(flow);
}
