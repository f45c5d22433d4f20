/**
 * HTTP/1.0 and 1.1 (RFC 9112). What each side is at, see message.ts; of the two together:
 *
 *     client  request --------> request ------->            a pipeline; or each after the answer before
 *     server           answer ---------> answer ---->       to the oldest request that has none; 1xx is none
 *             100-continue? -> body, or the next request       as what comes looks like, once there is a final answer
 *                      101, or 2xx to CONNECT: what follows is told by its content again
 *
 * The end of the request's last byte is where its time begins, that of the answer's where it ends.
 */
import { Protocol } from "../../core/counters";
import { Flow, Side, isBehind, skip, stateOf } from "../../packet/flow";
import { BLOCK_BYTES } from "../../packet/limits";
import { Verdict, register } from "../../packet/parsers";
import { endAnswer, takeAnswer } from "./answers";
import { completeRequest, takeCutAnswer, takeCutRequest } from "./cut";
import { isNextRequest, missBody } from "./expectation";
import { NONE, contentLength, forgetBody, isChunked, lineEnd, readHead } from "./head";
import { Message, Phase, beginBody, readBody, setBodySize } from "./message";
import { endRequest, takeRequest } from "./requests";
import { loseUnparsed } from "../../packet/streams";
import { looksLikeAnswer, looksLikeRequest } from "./start-line";

export const HTTP: u32 = register(Protocol.HTTP, detect, feed, gap, close);

function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  const verdict = clientSize ? looksLikeRequest(client, clientSize) : Verdict.MORE;
  if (!serverSize || verdict != Verdict.MORE) return clientSize ? verdict : Verdict.MORE;
  return looksLikeAnswer(server, serverSize);
}

function messageOf(flow: Flow, side: u32): Message {
  return changetype<Message>(stateOf(flow) + <usize>side * offsetof<Message>());
}

function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  const message = messageOf(flow, side);
  const phase: u32 = message.phase;
  if (phase == Phase.HEAD) return size ? takeHead(flow, side, at, size) : 0;
  if (phase == Phase.LOST) return find(flow, side, at, size);
  if (phase == Phase.LONG_HEAD) return passHead(flow, side, at, size);
  if (phase == Phase.EXPECT) return takeExpected(flow, at, size);
  setBodySize(size);
  const used = readBody(message, flow, side, at);
  if (message.phase == Phase.HEAD) endMessage(flow, side);
  if (message.phase != Phase.LOST)
    return message.phase == Phase.HEAD && !used && size ? takeHead(flow, side, at, size) : used;
  return lost(flow, side, size);
}

/** The body of a message is complete. */
function endMessage(flow: Flow, side: u32): void {
  if (side == Side.CLIENT) endRequest(flow);
  else endAnswer(flow, messageOf(flow, side));
}

function takeHead(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (side == Side.SERVER && !flow.oldest) completeRequest(flow, messageOf(flow, Side.CLIENT));
  const head = readHead(at, size);
  if (head) return take(flow, side) ? head : lost(flow, side, size);
  if (!isPlausible(side, at, size)) return lost(flow, side, size);
  if (size < BLOCK_BYTES) return 0;
  // Longer than all that is kept: it is counted without its body, which is passed over where it is already known.
  const message = messageOf(flow, side);
  message.bodyBytes = contentLength == NONE || isChunked ? 0 : contentLength;
  forgetBody();
  if (!take(flow, side)) return lost(flow, side, size);
  message.phase = <u8>Phase.LONG_HEAD;
  return passHead(flow, side, at, size);
}

/** Takes what a client sends that has announced a body and may have left it out. */
function takeExpected(flow: Flow, at: usize, size: u32): u32 {
  if (!size) return 0;
  const client = messageOf(flow, Side.CLIENT);
  const verdict = isNextRequest(flow, client, messageOf(flow, Side.SERVER), at, size);
  if (verdict == Verdict.MORE) return 0;
  if (verdict == Verdict.YES) {
    client.phase = <u8>Phase.HEAD;
    return takeHead(flow, Side.CLIENT, at, size);
  }
  beginBody(client, flow, Side.CLIENT, client.bodyBytes);
  // Of chunks the first says how long it is; the bytes of another body are not shown.
  return client.phase == Phase.CHUNK ? feed(flow, Side.CLIENT, at, size) : 0;
}

/** Whether what has no end yet may become a head. */
function isPlausible(side: u32, at: usize, size: u32): bool {
  return (side == Side.CLIENT ? looksLikeRequest(at, size) : looksLikeAnswer(at, size)) != Verdict.NO;
}

function take(flow: Flow, side: u32): bool {
  const client = messageOf(flow, Side.CLIENT);
  if (side == Side.CLIENT) return takeRequest(flow, client);
  return takeAnswer(flow, messageOf(flow, Side.SERVER), client);
}

/** Passes over lines up to an empty one. */
function passHead(flow: Flow, side: u32, at: usize, size: u32): u32 {
  let used: u32 = 0;
  while (used < size) {
    const end = lineEnd(at + used, size - used);
    if (!end) return used || size < BLOCK_BYTES ? used : size;
    const length = <u32>(end - at) - used;
    const isEmpty = length == 0 || (length == 1 && load<u8>(at + used) == 13);
    used += length + 1;
    if (!isEmpty) continue;
    const message = messageOf(flow, side);
    message.phase = <u8>(message.bodyBytes ? Phase.LOST : Phase.HEAD);
    skip(flow, side, message.bodyBytes);
    break;
  }
  return used;
}

/** What a side sends is no message: from now on the beginning of one is looked for. */
function lost(flow: Flow, side: u32, size: u32): u32 {
  loseUnparsed(flow);
  messageOf(flow, side).phase = <u8>Phase.LOST;
  return size;
}

/** Looks whether these bytes begin with a message. */
function find(flow: Flow, side: u32, at: usize, size: u32): u32 {
  if (!size) return 0;
  const verdict = side == Side.CLIENT ? looksLikeRequest(at, size) : looksLikeAnswer(at, size);
  if (verdict == Verdict.NO) return size;
  if (verdict == Verdict.MORE) return 0;
  messageOf(flow, side).phase = <u8>Phase.HEAD;
  return takeHead(flow, side, at, size);
}

function gap(flow: Flow, side: u32, bytes: u32): void {
  const message = messageOf(flow, side);
  if (message.phase == Phase.UNTIL_CLOSE) return;
  if (side == Side.CLIENT && missBody(flow, message, messageOf(flow, Side.SERVER), bytes)) {
    if (message.phase == Phase.HEAD) endRequest(flow);
    return;
  }
  takeCut(flow, side);
  if (side == Side.SERVER) {
    if (message.status >= 200) endAnswer(flow, message);
    message.flag = 1;
  }
  message.phase = <u8>Phase.LOST;
}

/** A head of which the rest is not seen is taken as far as it is there. */
function takeCut(flow: Flow, side: u32): void {
  if (side == Side.CLIENT) takeCutRequest(flow, messageOf(flow, Side.CLIENT));
  else takeCutAnswer(flow, messageOf(flow, Side.SERVER), messageOf(flow, Side.CLIENT));
}

function close(flow: Flow, side: u32): void {
  if (isBehind(flow, side)) takeCut(flow, side);
  const message = messageOf(flow, side);
  if (side == Side.SERVER && message.status >= 200) endAnswer(flow, message);
}
