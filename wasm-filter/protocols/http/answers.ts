import { Outcome, Protocol } from "../../core/counters";
import { Exchange, abandon, answerOldest, oldest } from "../../packet/exchanges";
import { Flow, Side, UNDETECTED } from "../../packet/flow";
import { handOver } from "../../packet/streams";
import { HTTP2 } from "../http2/index";
import { continueBody } from "./expectation";
import { NONE, contentLength, isChunked, isHttp2, startAt, startEnd } from "./head";
import { Message, Phase, announcedBody, beginBody } from "./message";
import { Tag } from "./requests";
import { BROKEN_STATUS, readStatusLine } from "./start-line";

const CONTINUE: u32 = 100;
const SWITCHING_PROTOCOLS: u32 = 101;

/** Takes the answer whose head was read last; false where it is none. */
export function takeAnswer(flow: Flow, message: Message, client: Message): bool {
  const status = readStatusLine(startAt, startEnd);
  if (!status) return false;
  message.status = <u16>status;
  if (message.flag) forgetMissed(flow, message, client);
  const exchange = oldest(flow);
  const tag: u32 = exchange ? exchange.tag : Tag.PLAIN;
  if (status == SWITCHING_PROTOCOLS && isHttp2 && exchange) {
    becomeHttp2(flow, exchange);
    return true;
  }
  if (status == SWITCHING_PROTOCOLS || (tag == Tag.CONNECT && status - 200 < 100)) {
    endAnswer(flow, message);
    // What comes now is told by its content again.
    handOver(flow, UNDETECTED);
    return true;
  }
  // 100 Continue, 102, 103: the answer is yet to come.
  if (status < 200) {
    if (status == CONTINUE) continueBody(flow, client);
    return true;
  }
  if (tag == Tag.HEAD || status == 204 || status == 304) {
    endAnswer(flow, message);
  } else if (!isChunked && contentLength == NONE) {
    message.phase = <u8>Phase.UNTIL_CLOSE;
  } else if (beginBody(message, flow, Side.SERVER, announcedBody())) {
    endAnswer(flow, message);
  }
  return true;
}

/** The request that asked for HTTP/2 is its first stream, and answered there (RFC 7540, 3.2). */
function becomeHttp2(flow: Flow, request: Exchange): void {
  request.protocol = <u8>Protocol.HTTP2;
  request.id = 1;
  request.tag = 0;
  handOver(flow, HTTP2);
}

/** The answer that is under way is complete, or as complete as it will be. */
export function endAnswer(flow: Flow, message: Message): void {
  const status: u32 = message.status;
  answerOldest(flow, outcomeOf(status), status == BROKEN_STATUS ? 0 : status);
  message.status = 0;
}

function outcomeOf(status: u32): u32 {
  if (status < 400) return Outcome.SUCCESS;
  return status < 500 ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
}

/**
 * Some of what the server sent was not seen, perhaps whole answers. A client that waits for each answer before it asks for
 * more has had those to all requests but the last.
 */
function forgetMissed(flow: Flow, message: Message, client: Message): void {
  message.flag = 0;
  if (client.flag) return;
  while (flow.waiting > 1) abandon(flow);
}
