import { CONNECT, methodNumber } from "../../core/strings";
import { countNothing } from "../../packet/accounts";
import { ask, newest } from "../../packet/exchanges";
import { Flow, Side, State, isBehind } from "../../packet/flow";
import { streamMicros } from "../../packet/stream-time";
import { methodSize, readRequestLine, target, targetSize } from "./start-line";
import { httpEndpoint } from "./endpoint";
import { Message, beginBody } from "./message";
import { isProbe, startAt, startEnd } from "./head";

/** What an exchange is tagged with: how its answer ends. */
export namespace Tag {
  export const PLAIN: u32 = 0;
  export const HEAD: u32 = 1;
  export const CONNECT: u32 = 2;
}
/** "HEAD" */
const HEAD_LETTERS: u32 = 0x44414548;

/** Takes the request whose head was read last; false where it is none. */
export function takeRequest(flow: Flow, message: Message): bool {
  if (!readRequestLine(startAt, startEnd)) return false;
  if (isProbe && flow.state & State.MAYBE_PROBE) {
    countNothing(flow);
    return true;
  }
  const method = methodNumber(startAt, methodSize);
  const isHead = methodSize == 4 && load<u32>(startAt) == HEAD_LETTERS;
  const tag = method == CONNECT ? Tag.CONNECT : isHead ? Tag.HEAD : Tag.PLAIN;
  if (flow.oldest && !isBehind(flow, Side.SERVER)) message.flag = 1;
  ask(flow, httpEndpoint(flow, method, target, targetSize), tag);
  beginBody(message, flow, Side.CLIENT);
  return true;
}

/** The body of the last request is complete: from now on the server is at work. */
export function endRequest(flow: Flow): void {
  const exchange = newest(flow);
  if (exchange) exchange.micros = streamMicros;
}
