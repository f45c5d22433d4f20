import { Loss, lose } from "../../core/losses";
import { CONNECT, OTHER, methodNumber } from "../../core/strings";
import { ask, endpointNamed, newest } from "../../packet/exchanges";
import { Flow, Side, isBehind } from "../../packet/flow";
import { takeProbe } from "../../packet/probes";
import { streamMicros } from "../../packet/stream-time";
import { methodSize, readMethod, readRequestLine, target, targetSize } from "./start-line";
import { httpEndpoint } from "./endpoint";
import { expectBody } from "./expectation";
import { Message, announcedBody, beginBody } from "./message";
import { isExpecting, isProbe, startAt, startEnd } from "./head";

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
  if (isProbe && takeProbe(flow)) return true;
  const method = methodNumber(startAt, methodSize);
  askFor(flow, message, httpEndpoint(flow, method, target, targetSize), tagOf(method, startAt));
  const body = announcedBody();
  if (isExpecting && body) expectBody(message, body);
  else beginBody(message, flow, Side.CLIENT, body);
  return true;
}

/** Takes a request of which no more than a part of its first line was seen; false where that begins with no known method. */
export function takeMethod(flow: Flow, message: Message, at: usize, size: u32): bool {
  if (!readMethod(at, size)) return false;
  const method = methodNumber(at, methodSize);
  if (method == OTHER) return false;
  askFor(flow, message, endpointNamed(flow, method, OTHER), tagOf(method, at));
  lose(Loss.ATTRIBUTES_MISSING);
  return true;
}

function tagOf(method: u32, at: usize): u32 {
  if (method == CONNECT) return Tag.CONNECT;
  return methodSize == 4 && load<u32>(at) == HEAD_LETTERS ? Tag.HEAD : Tag.PLAIN;
}

function askFor(flow: Flow, message: Message, endpoint: u32, tag: u32): void {
  if (flow.oldest && !isBehind(flow, Side.SERVER)) message.flag = 1;
  ask(flow, endpoint, tag);
}

/** The body of the last request is complete: from now on the server is at work. */
export function endRequest(flow: Flow): void {
  const exchange = newest(flow);
  if (exchange) exchange.micros = streamMicros;
}
