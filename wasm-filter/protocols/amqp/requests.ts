import { Outcome } from "../../core/counters";
import { u16be, u64be } from "../../packet/bytes";
import { Exchange, after, answer, ask, countUntimed, leave, newest, oldest, waitingFor } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";
import { streamMicros } from "../../packet/stream-time";
import { text } from "../../core/text";
import { confirmNext, forgetChannel, startConfirms } from "./confirms";
import { Basic, Channel, Class, Connection, Form, askedBy, formName, formOf } from "./methods";
import { addName, namedEndpoint, startName, startText } from "./names";

/** Behind class and method. */
const ARGUMENTS: u32 = 4;
const FIRST_ERROR: u32 = 300;

const DELIVER = text("deliver");
const RETURN = text("return");
const CHANNEL_CLOSE = text("channel.close");
const CONNECTION_CLOSE = text("connection.close");

/** Of a method's arguments, the short string that was read last, and where the next one is; 0 where it is not there. */
let shortAt: usize = 0;
let shortSize: u32 = 0;

function readShort(at: usize, end: usize): usize {
  shortSize = 0;
  if (!at || at >= end) return 0;
  shortAt = at + 1;
  shortSize = load<u8>(at);
  if (shortAt + shortSize <= end) return shortAt + shortSize;
  shortSize = 0;
  return 0;
}

/** By what answers find a request: its channel, class and method. */
function idOf(channel: u32, group: u32, method: u32): u32 {
  return (channel << 16) | (group << 8) | method;
}

/** A client's method. `at` is where its class stands, `size` what is there of it. */
export function takeRequest(flow: Flow, channel: u32, at: usize, size: u32): void {
  const group = u16be(at);
  const method = u16be(at + 2);
  if (group == Class.CHANNEL && method >= Channel.CLOSE) forgetChannel(flow, channel);
  const form = formOf(group, method);
  if (!form) return;
  startName(formName(form));
  const bits = readNames(form, at + ARGUMENTS, at + size);
  const exchange = ask(flow, namedEndpoint(flow), 0, idOf(channel, group, method));
  if (group == Class.BASIC && method == Basic.PUBLISH) {
    exchange.more = confirmNext(flow, channel);
    // Nobody says whether it arrived where nobody was asked to.
    if (!exchange.more) countUntimed(flow, exchange, Outcome.SUCCESS);
    return;
  }
  if (group == Class.CONFIRM) startConfirms(flow, channel);
  if (bits & form.noWait) countUntimed(flow, exchange, Outcome.SUCCESS);
}

/** Adds to the endpoint what a method is about, and answers its bits, 0 where they are not there. */
function readNames(form: Form, at: usize, end: usize): u32 {
  let next = at + (form.names ? 2 : 0);
  let hasName = false;
  for (let i: u32 = 0; i < form.names; i++) {
    next = readShort(next, end);
    // The default exchange has no name: a routing key is that of a queue there.
    const isAbout = i == 0 || (i == 1 && !hasName && form.method == Basic.PUBLISH && form.group == Class.BASIC);
    if (!isAbout || !shortSize) continue;
    addName(shortAt, shortSize);
    hasName = true;
  }
  return next && next < end ? load<u8>(next) : 0;
}

/** A frame of a client's content is complete: with the last one the message is. */
export function endContent(flow: Flow, channel: u32): void {
  const exchange = newest(flow);
  if (exchange && exchange.id == idOf(channel, Class.BASIC, Basic.PUBLISH)) exchange.micros = streamMicros;
}

/** A server's method. */
export function takeAnswer(flow: Flow, channel: u32, at: usize, size: u32): void {
  const group = u16be(at);
  const method = u16be(at + 2);
  const end = at + size;
  if (group == Class.CONNECTION || group == Class.CHANNEL) return takeClose(flow, channel, at, size);
  if (group == Class.BASIC && (method == Basic.DELIVER || method == Basic.RETURN)) {
    return method == Basic.DELIVER ? takeDelivery(flow, at + ARGUMENTS, end) : takeReturn(flow, at + ARGUMENTS, end);
  }
  if (group == Class.BASIC && (method == Basic.ACK || method == Basic.NACK)) {
    if (size >= ARGUMENTS + 9) confirm(flow, channel, at + ARGUMENTS, method == Basic.ACK);
    return;
  }
  // An answer to what was not seen is to a cancellation by the server, or came after a gap: it says nothing.
  const exchange = method % 10 ? waitingFor(flow, idOf(channel, group, askedBy(group, method))) : null;
  if (exchange) answer(flow, exchange, Outcome.SUCCESS, 0);
}

/** A message for a consumer: whether it wants to be told of its arrival was said long ago, so it just arrives. */
function takeDelivery(flow: Flow, at: usize, end: usize): void {
  // The consumer's tag; the delivery's, and whether it comes again.
  const next = readShort(at, end);
  startText(DELIVER);
  addExchange(next ? next + 9 : 0, end);
  countUntimed(flow, ask(flow, namedEndpoint(flow)), Outcome.SUCCESS);
}

/** A message that no queue took comes back. */
function takeReturn(flow: Flow, at: usize, end: usize): void {
  if (at + 2 > end) return;
  const code = u16be(at);
  startText(RETURN);
  addExchange(readShort(at + 2, end), end);
  countUntimed(flow, ask(flow, namedEndpoint(flow)), outcomeOf(code), code);
}

/** Adds an exchange, or, of the default one, the queue that the routing key behind it names. */
function addExchange(at: usize, end: usize): void {
  const next = readShort(at, end);
  if (!shortSize) readShort(next, end);
  addName(shortAt, shortSize);
}

/** Confirms publications up to a number, or the one. */
function confirm(flow: Flow, channel: u32, at: usize, isAck: bool): void {
  const number = <u32>u64be(at);
  const isMultiple = (load<u8>(at, 8) & 1) != 0;
  const id = idOf(channel, Class.BASIC, Basic.PUBLISH);
  const outcome = isAck ? Outcome.SUCCESS : Outcome.SERVER_ERROR;
  let exchange = oldest(flow);
  while (exchange) {
    const next = after(exchange);
    if (exchange.id == id && (exchange.more == number || (isMultiple && (!number || exchange.more < number)))) {
      answer(flow, exchange, outcome, 0);
      if (!isMultiple) return;
    }
    exchange = next;
  }
}

/** A server closes a channel, or the connection, and says why: it answers what it did not do, and nothing else. */
function takeClose(flow: Flow, channel: u32, at: usize, size: u32): void {
  const isConnection = u16be(at) == Class.CONNECTION;
  const method = u16be(at + 2);
  const isClose = method == (isConnection ? Connection.CLOSE : Channel.CLOSE);
  if (isClose && size >= ARGUMENTS + 2) {
    const code = u16be(at + ARGUMENTS);
    if (code >= FIRST_ERROR) takeError(flow, channel, isConnection, code, at + ARGUMENTS + 2, at + size);
  }
  if (isConnection || method < Channel.CLOSE) return;
  forgetChannel(flow, channel);
  leaveChannel(flow, channel);
}

function takeError(flow: Flow, channel: u32, isConnection: bool, code: u32, at: usize, end: usize): void {
  const next = readShort(at, end);
  const group = next && next + 4 <= end ? u16be(next) : 0;
  const exchange = group ? failed(flow, channel, isConnection, (group << 8) | u16be(next + 2)) : null;
  if (exchange) return answer(flow, exchange, outcomeOf(code), code);
  startText(isConnection ? CONNECTION_CLOSE : CHANNEL_CLOSE);
  countUntimed(flow, ask(flow, namedEndpoint(flow)), outcomeOf(code), code);
}

/** The request that an error is about: of a connection's the channel is not told. */
function failed(flow: Flow, channel: u32, isConnection: bool, key: u32): Exchange | null {
  let exchange = oldest(flow);
  while (exchange) {
    if ((exchange.id & 0xffff) == key && (isConnection || exchange.id >> 16 == channel)) break;
    exchange = after(exchange);
  }
  return exchange;
}

function leaveChannel(flow: Flow, channel: u32): void {
  let exchange = oldest(flow);
  while (exchange) {
    const next = after(exchange);
    if (exchange.id >> 16 == channel) leave(flow, exchange);
    exchange = next;
  }
}

/** Reply codes (1.2): forced by an operator, out of resources, not implemented, internal; all others are the client's doing. */
function outcomeOf(code: u32): u32 {
  return code == 320 || code == 506 || code == 540 || code == 541 ? Outcome.SERVER_ERROR : Outcome.CLIENT_ERROR;
}
