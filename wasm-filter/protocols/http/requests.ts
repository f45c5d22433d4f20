import { lossesEver } from "../../core/losses";
import { template, templateAt, templateIsKnown } from "../../core/routes/template";
import { recallEndpoint, rememberEndpoint } from "../../core/seen-paths";
import { CONNECT, EMPTY, OTHER, intern, methodNumber } from "../../core/strings";
import { endpointNumber } from "../../core/endpoints";
import { Loss, lose } from "../../core/losses";
import { serverOf } from "../../packet/accounts";
import { ask, newest } from "../../packet/exchanges";
import { Flow, Side, isBehind } from "../../packet/flow";
import { streamMicros } from "../../packet/stream-time";
import { methodSize, readRequestLine, target, targetSize } from "./start-line";
import { Message, beginBody } from "./message";
import { startAt, startEnd } from "./head";

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
  const method = methodNumber(startAt, methodSize);
  const isHead = methodSize == 4 && load<u32>(startAt) == HEAD_LETTERS;
  const tag = method == CONNECT ? Tag.CONNECT : isHead ? Tag.HEAD : Tag.PLAIN;
  if (flow.oldest && !isBehind(flow, Side.SERVER)) message.flag = 1;
  ask(flow, endpointOf(flow, method), tag);
  beginBody(message, flow, Side.CLIENT);
  return true;
}

/** The body of the last request is complete: from now on the server is at work. */
export function endRequest(flow: Flow): void {
  const exchange = newest(flow);
  if (exchange) exchange.micros = streamMicros;
}

function endpointOf(flow: Flow, method: u32): u32 {
  const scope = serverOf(flow);
  const seen = recallEndpoint(scope, method, target, targetSize);
  if (seen >= 0) return seen;
  const before = lossesEver();
  const endpoint = endpointNumber(scope, method, routeOf(method, scope), templateIsKnown());
  if (lossesEver() == before) rememberEndpoint(scope, method, target, targetSize, endpoint);
  return endpoint;
}

function routeOf(method: u32, scope: u32): u32 {
  if (method == CONNECT) return EMPTY;
  const number = intern(templateAt(), template(target, targetSize, method, scope));
  if (number >= 0) return number;
  lose(Loss.ENDPOINTS_FULL);
  return OTHER;
}
