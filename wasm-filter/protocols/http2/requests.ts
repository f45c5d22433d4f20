import { Outcome, Protocol } from "../../core/counters";
import { endpointNumber, endpointRoute } from "../../core/endpoints";
import { Loss, lose } from "../../core/losses";
import { RPC_UNKNOWN, rpcOutcome } from "../../core/rpc";
import { CONNECT, EMPTY, OTHER } from "../../core/strings";
import { serverOf } from "../../packet/accounts";
import {
  Exchange,
  after,
  answer,
  answerUnasked,
  ask,
  endpointNamed,
  leave,
  oldest,
  waitingFor,
} from "../../packet/exchanges";
import { u32be } from "../../packet/bytes";
import { Flow, Side, State, isEnded } from "../../packet/flow";
import { isNoProbe, takeProbe } from "../../packet/probes";
import { streamMicros } from "../../packet/stream-time";
import { httpEndpoint } from "../http/endpoint";
import { Said } from "./header-block";
import { freeTables, sessionOf } from "./session";
import { Table, pathOf } from "./table";

/** What is known of a request's answer, as bits of its exchange's tag; `more` is status | grpc-status << 16. */
namespace Tag {
  /** Its head has come. */
  export const ANSWERED: u32 = 1;
  export const RPC_STATUS: u32 = 2;
  /** Some of its fields are not known, of which one may be the status. */
  export const UNCLEAR: u32 = 4;
  /** Of the request the content type is not known. */
  export const UNTYPED: u32 = 8;
}

/** In front of each message of gRPC. */
export const PREFIX_BYTES: u32 = 5;
/** So many requests may wait before the oldest is thought of whose answer may have been missed. */
const MOST_WAITING: u32 = 128;

/** A client's header block is complete. */
export function takeRequest(flow: Flow, stream: u32, block: Table): void {
  const session = sessionOf(flow);
  // Clients open streams in their order: any other block is trailers. One without a method is, too.
  if (!(stream & 1) || stream <= session.last || !(block.method || block.said & Said.UNKNOWN)) return;
  if (block.said & Said.PROBE && flow.state & State.MAYBE_PROBE) {
    freeTables(flow);
    takeProbe(flow);
    return;
  }
  isNoProbe(flow);
  if (!session.first) session.first = stream;
  session.last = stream;
  if (session.missed && flow.waiting > MOST_WAITING) forgetMissed(flow, session.missed);
  const isUntyped = (block.said & Said.UNKNOWN) != 0 && !(block.said & Said.TYPE);
  const exchange = ask(flow, endpointOf(flow, block), isUntyped ? Tag.UNTYPED : 0, stream);
  if (block.said & Said.RPC) exchange.protocol = <u8>Protocol.GRPC;
}

function endpointOf(flow: Flow, block: Table): u32 {
  const isRpc = (block.said & Said.RPC) != 0;
  const method: u32 = isRpc ? EMPTY : block.method;
  const hasPath = block.pathSize != 0 || method == CONNECT;
  if (!block.method || !hasPath) lose(Loss.ATTRIBUTES_MISSING);
  if (!hasPath) return endpointNamed(flow, method, OTHER);
  return httpEndpoint(flow, isRpc || method ? method : OTHER, pathOf(block), block.pathSize);
}

/** Streams that the server may have answered while it was not seen are not waited for without end. */
function forgetMissed(flow: Flow, missed: u32): void {
  const exchange = oldest(flow);
  if (exchange && exchange.id <= missed) leave(flow, exchange);
}

/** A server's header block is complete: the head of an answer, or its trailers. */
export function takeAnswer(flow: Flow, stream: u32, block: Table, isLast: bool): void {
  const exchange = waitingFor(flow, stream);
  if (!exchange) return takeUnasked(flow, stream, block, isLast);
  const status: u32 = block.status;
  // 100 Continue, 103 Early Hints: the answer is yet to come.
  if (status - 100 < 100) return;
  if (block.said & (Said.RPC | Said.RPC_STATUS)) becomeRpc(flow, exchange);
  let tag: u32 = exchange.tag | Tag.ANSWERED;
  if (status) exchange.more = (exchange.more & 0xffff0000) | status;
  if (block.said & Said.RPC_STATUS) {
    tag |= Tag.RPC_STATUS;
    exchange.more = (exchange.more & 0xffff) | (block.rpcStatus << 16);
  } else if (block.said & Said.UNKNOWN) {
    tag |= Tag.UNCLEAR;
  }
  exchange.tag = <u8>tag;
}

/**
 * A client's data begin, of which five bytes are there. A message of gRPC says whether it is compressed, and how long it is;
 * nothing else is likely to begin so where that is exactly what follows.
 */
export function takeData(flow: Flow, stream: u32, at: usize, bytes: u32): void {
  if (load<u8>(at) > 1 || u32be(at + 1) != bytes - PREFIX_BYTES) return;
  const exchange = waitingFor(flow, stream);
  if (exchange && exchange.tag & Tag.UNTYPED) becomeRpc(flow, exchange);
}

/** Only later it became known that it is an RPC. */
function becomeRpc(flow: Flow, exchange: Exchange): void {
  if (exchange.protocol == Protocol.GRPC) return;
  exchange.protocol = <u8>Protocol.GRPC;
  exchange.endpoint = <u16>endpointNumber(serverOf(flow), EMPTY, endpointRoute(exchange.endpoint));
}

/** An answer to what the client was not seen to ask, among them what a server pushes. */
function takeUnasked(flow: Flow, stream: u32, block: Table, isLast: bool): void {
  const session = sessionOf(flow);
  const wasAsked = (stream & 1) != 0 && session.first != 0 && stream >= session.first && stream <= session.last;
  if (wasAsked && !flow.cut) return;
  const status: u32 = block.status;
  if (block.said & Said.RPC_STATUS) {
    answerUnasked(flow, rpcOutcome(block.rpcStatus), block.rpcStatus, Protocol.GRPC);
  } else if (status >= 200 && (isLast || !(block.said & Said.RPC))) {
    answerUnasked(flow, outcomeOf(status), status);
  }
}

/** A side is done with a stream. */
export function endStream(flow: Flow, side: u32, stream: u32): void {
  const exchange = waitingFor(flow, stream);
  if (!exchange) return;
  if (side == Side.SERVER) finish(flow, exchange);
  else if (!(exchange.tag & Tag.ANSWERED)) exchange.micros = streamMicros;
}

/** A side breaks a stream off. As with a body that breaks off in HTTP/1, the status counts where there was one. */
export function resetStream(flow: Flow, stream: u32): void {
  const exchange = waitingFor(flow, stream);
  if (!exchange) return;
  if (hasStatus(exchange)) finish(flow, exchange);
  else leave(flow, exchange);
}

/**
 * The server sends no more. An RPC whose answer was under way is broken off where the connection is, but where only the
 * capture ends it is answered, with a status that is not known.
 */
export function endAnswers(flow: Flow): void {
  const isOpen = !isEnded(flow);
  let exchange = oldest(flow);
  while (exchange) {
    const next = after(exchange);
    const isUnderWay = isOpen && (exchange.tag & Tag.ANSWERED) != 0;
    if (isUnderWay) exchange.tag |= <u8>Tag.UNCLEAR;
    if (isUnderWay || hasStatus(exchange)) finish(flow, exchange);
    exchange = next;
  }
}

/** Whether the answer's status is known: that of an RPC comes last. */
function hasStatus(exchange: Exchange): bool {
  if (exchange.protocol == Protocol.GRPC) return (exchange.tag & Tag.RPC_STATUS) != 0;
  return (exchange.more & 0xffff) != 0;
}

function finish(flow: Flow, exchange: Exchange): void {
  let status = exchange.more & 0xffff;
  let isKnown = status != 0;
  const isRpc = exchange.protocol == Protocol.GRPC;
  if (isRpc) {
    const tag: u32 = exchange.tag;
    const hasOwn = (tag & Tag.RPC_STATUS) != 0;
    isKnown = hasOwn || !(tag & Tag.UNCLEAR);
    status = hasOwn ? exchange.more >> 16 : rpcStatusOf(status);
  }
  if (!isKnown) {
    lose(Loss.ATTRIBUTES_MISSING);
    answer(flow, exchange, Outcome.SUCCESS, 0);
  } else {
    answer(flow, exchange, isRpc ? rpcOutcome(status) : outcomeOf(status), status);
  }
}

function outcomeOf(status: u32): u32 {
  if (status < 400) return Outcome.SUCCESS;
  return status < 500 ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
}

/** The grpc-status of an answer that has none (gRPC, "HTTP to gRPC Status Code Mapping"). */
function rpcStatusOf(status: u32): u32 {
  switch (status) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return RPC_UNKNOWN;
  }
}
