import { Flow, Side, halfOf, isBehind } from "../../packet/flow";
import { newest } from "../../packet/exchanges";
import { forgetKept, keptAt, keptMicros, keptSize } from "../../packet/streams";
import { takeAnswer } from "./answers";
import { beginAt, forgetBody, readHead, startAt, startEnd } from "./head";
import { Message, Phase } from "./message";
import { takeMethod, takeRequest } from "./requests";
import { hasStatus } from "./start-line";

/**
 * Heads of which the end was not seen, as where packets were captured only in part: the message is counted without a body, as far
 * as its start line goes. Of a request the method is enough, of an answer the status.
 */

/** Whether what is kept of a side is the beginning of a message, or may be. */
function mayBegin(message: Message): bool {
  return message.phase == Phase.HEAD || message.phase == Phase.LOST || message.phase == Phase.EXPECT;
}

/** Takes the request whose head is kept; false where none is. */
export function takeCutRequest(flow: Flow, message: Message): bool {
  const size = keptSize(flow, Side.CLIENT);
  const at = keptAt(flow, Side.CLIENT);
  if (!mayBegin(message) || !size || readHead(at, size)) return false;
  forgetBody();
  const isRequest = startEnd ? takeRequest(flow, message) : takeMethod(flow, message, at, size);
  if (!isRequest) return false;
  const exchange = newest(flow);
  if (exchange) exchange.micros = keptMicros(flow, Side.CLIENT);
  forgetKept(halfOf(flow, Side.CLIENT ^ flow.client));
  return true;
}

/** The server begins to answer: where it has seen more of a request than we did, the request was whole to it. */
export function completeRequest(flow: Flow, message: Message): void {
  if (isBehind(flow, Side.CLIENT) && takeCutRequest(flow, message)) message.phase = <u8>Phase.LOST;
}

/** Takes the answer whose head is kept. */
export function takeCutAnswer(flow: Flow, message: Message, client: Message): void {
  const size = keptSize(flow, Side.SERVER);
  const at = keptAt(flow, Side.SERVER);
  if (!mayBegin(message) || !size || readHead(at, size)) return;
  if (!startEnd) beginAt(at, size);
  if (!hasStatus(startAt, startEnd)) return;
  forgetBody();
  takeAnswer(flow, message, client);
}
