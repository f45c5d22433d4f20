import { Side as WireSide, countOne, countTimed, counterNumber, kindOf, Outcome } from "../core/counters";
import { clean, cleanAt } from "../core/clean";
import { NO_ENDPOINT, endpointNumber } from "../core/endpoints";
import { Loss, lose } from "../core/losses";
import { EMPTY, OTHER, intern } from "../core/strings";
import { wireAt } from "../core/wire";
import { peerOf, serverOf } from "./accounts";
import { Flow, State } from "./flow";
import { MAX_EXCHANGES, MAX_EXCHANGES_A_FLOW } from "./limits";
import { protocolOf } from "./parsers";
import { streamMicros } from "./stream-time";

/**
 * Requests that wait for their answers, first in first out a flow. A parser asks (`ask`) when it has seen a request, and
 * answers (`answer`) when it has seen the end of an answer: that counts the request, under its endpoint, with its outcome,
 * its status and the time between the two. What has no answer when its flow ends is counted as that.
 *
 *     exchanges   Exchange x MAX_EXCHANGES, linked in their flow, or among the free ones
 */
@unmanaged
export class Exchange {
  /** When the last byte of the request was seen. Microseconds. */
  micros: u64;
  /** Number + 1 of the next one of its flow. */
  link: u32;
  /** By which answers are matched where they come in another order: a stream, a message id. */
  id: u32;
  endpoint: u16;
  /** As in ingest.proto; that of the parser unless it says otherwise. */
  protocol: u8;
  /** For the parser: what it must know of the request when the answer comes. */
  tag: u8;
  more: u32;
}
const BYTES: usize = offsetof<Exchange>();
const exchanges: usize = heap.alloc(<usize>MAX_EXCHANGES * BYTES);
let touched: u32 = 0;
let firstFree: u32 = 0;
let used: u32 = 0;

/** Stands for a request that found no room: what is written to it is forgotten. */
const nowhere = changetype<Exchange>(memory.data(64, 8));

function exchangeAt(number: u32): Exchange {
  return changetype<Exchange>(exchanges + <usize>number * BYTES);
}

/** The number of an endpoint of the flow's server: a method (string number) and a route, as they came off the wire. */
export function endpointOf(flow: Flow, method: u32, route: usize, size: u32): u32 {
  const length = clean(route, size);
  const number = intern(cleanAt(), length);
  if (number < 0) lose(Loss.ENDPOINTS_FULL);
  return endpointNumber(serverOf(flow), method, number < 0 ? OTHER : number);
}

/** The number of an endpoint that has no route, or no method. */
export function endpointNamed(flow: Flow, method: u32, route: u32 = EMPTY): u32 {
  return endpointNumber(serverOf(flow), method, route);
}

/** A request was seen. What is returned is good until it is answered. */
export function ask(flow: Flow, endpoint: u32, tag: u32 = 0, id: u32 = 0): Exchange {
  const number = flow.cut || flow.waiting == MAX_EXCHANGES_A_FLOW ? 0 : takePlace();
  if (!number) {
    flow.cut++;
    lose(Loss.EXCHANGES_CUT);
    return nowhere;
  }
  used++;
  const exchange = exchangeAt(number - 1);
  exchange.micros = streamMicros;
  exchange.link = 0;
  exchange.id = id;
  exchange.endpoint = <u16>endpoint;
  exchange.protocol = <u8>protocolOf(flow.parser);
  exchange.tag = <u8>tag;
  exchange.more = 0;
  if (flow.newest) exchangeAt(flow.newest - 1).link = number;
  else flow.oldest = number;
  flow.newest = number;
  flow.waiting++;
  return exchange;
}

function takePlace(): u32 {
  if (firstFree) {
    const number = firstFree;
    firstFree = exchangeAt(number - 1).link;
    return number;
  }
  return touched < MAX_EXCHANGES ? ++touched : 0;
}

/** Requests of all flows that wait for their answer. */
export function exchangesInUse(): u32 {
  return used;
}

/** The request that waits for longest, null where none does. */
export function oldest(flow: Flow): Exchange | null {
  return flow.oldest ? exchangeAt(flow.oldest - 1) : null;
}

/** The request that was seen last and has no answer yet. */
export function newest(flow: Flow): Exchange | null {
  return flow.newest ? exchangeAt(flow.newest - 1) : null;
}

/** The one behind another. */
export function after(exchange: Exchange): Exchange | null {
  return exchange.link ? exchangeAt(exchange.link - 1) : null;
}

/** The oldest request with an id. */
export function waitingFor(flow: Flow, id: u32): Exchange | null {
  for (let next = flow.oldest; next; next = exchangeAt(next - 1).link) {
    if (exchangeAt(next - 1).id == id) return exchangeAt(next - 1);
  }
  return null;
}

/** Counts a request that has its answer now, and forgets it. */
export function answer(flow: Flow, exchange: Exchange, outcome: u32, status: u32): void {
  const counter = counterFor(flow, exchange.protocol, exchange.endpoint, (outcome << 16) | status);
  const micros = streamMicros > exchange.micros ? streamMicros - exchange.micros : 0;
  countTimed(counter, <u32>min<u64>(micros, u32.MAX_VALUE));
  drop(flow, exchange);
}

/**
 * Counts an answer to the oldest request: where that found no room, it is passed over; where there was none, the answer is
 * counted as one that nobody was seen to ask for.
 */
export function answerOldest(flow: Flow, outcome: u32, status: u32): void {
  const exchange = oldest(flow);
  if (exchange) answer(flow, exchange, outcome, status);
  else answerUnasked(flow, outcome, status);
}

/** Counts an answer whose request was not seen. `protocol` is that of the parser unless it says otherwise. */
export function answerUnasked(flow: Flow, outcome: u32, status: u32, protocol: u32 = 0): void {
  if (flow.cut) {
    flow.cut--;
    return;
  }
  const own = protocol ? protocol : protocolOf(flow.parser);
  const counter = counterFor(flow, own, NO_ENDPOINT, (outcome << 16) | status);
  wireAt(counter).unasked++;
}

function counterFor(flow: Flow, protocol: u32, endpoint: u32, result: u32): u32 {
  const kind = kindOf(WireSide.WIRE, protocol, result >> 16);
  return counterNumber(kind, peerOf(flow), endpoint, result & 0xffff);
}

/** Forgets a request uncounted: it turned out to be none. */
export function drop(flow: Flow, exchange: Exchange): void {
  if (exchange == nowhere) {
    flow.cut--;
    return;
  }
  const number = <u32>((changetype<usize>(exchange) - exchanges) / BYTES) + 1;
  let before: u32 = 0;
  for (let next = flow.oldest; next && next != number; next = exchangeAt(next - 1).link) before = next;
  if (before) exchangeAt(before - 1).link = exchange.link;
  else flow.oldest = exchange.link;
  if (flow.newest == number) flow.newest = before;
  flow.waiting--;
  used--;
  exchange.link = firstFree;
  firstFree = number;
}

/** Counts the oldest request as one whose answer was not seen, and will not be. */
export function abandon(flow: Flow): void {
  const exchange = oldest(flow);
  if (exchange) leave(flow, exchange);
}

/** Counts a request as one whose answer was not seen, and will not be. */
export function leave(flow: Flow, exchange: Exchange): void {
  countUntimed(flow, exchange, Outcome.NO_ANSWER);
}

/** Counts a request that nobody answers, and forgets it: it has an outcome and no latency. */
export function countUntimed(flow: Flow, exchange: Exchange, outcome: u32, status: u32 = 0): void {
  if (exchange != nowhere) {
    countOne(counterFor(flow, exchange.protocol, exchange.endpoint, (outcome << 16) | status));
  }
  drop(flow, exchange);
}

/** Keeps what came of the oldest request until it is known whether its connection counts. */
export function holdAnswer(flow: Flow, outcome: u32, status: u32): void {
  const exchange = oldest(flow);
  if (!exchange) return;
  exchange.tag = HELD;
  exchange.more = (outcome << 16) | status;
  exchange.micros = streamMicros - min(exchange.micros, streamMicros);
}
/** Tag of an exchange whose `micros` is its latency. */
const HELD: u8 = 255;

/** The connection counts: so does the request whose answer was held, with the time that it took. */
export function releaseAnswer(flow: Flow): void {
  const exchange = oldest(flow);
  if (!exchange || exchange.tag != HELD) return;
  exchange.micros = streamMicros - min(exchange.micros, streamMicros);
  answer(flow, exchange, exchange.more >> 16, exchange.more & 0xffff);
}

/** Counts the requests that will have no answer any more; those of a probe are none. */
export function endExchanges(flow: Flow): void {
  const isProbe = (flow.state & State.MAYBE_PROBE) != 0;
  for (let exchange = oldest(flow); exchange; exchange = oldest(flow)) {
    if (isProbe) drop(flow, exchange);
    else leave(flow, exchange);
  }
}

/** Marks the endpoints (u16 each) of what waits, before core's tables make room ... */
export function markWaiting(flow: Flow, endpoints: usize): void {
  for (let next = flow.oldest; next; next = exchangeAt(next - 1).link) {
    store<u16>(endpoints + ((<usize>exchangeAt(next - 1).endpoint) << 1), 1);
  }
}

/** ... and takes the new numbers, which then stand in the place of the marks. */
export function renumberWaiting(flow: Flow, endpoints: usize): void {
  for (let next = flow.oldest; next; next = exchangeAt(next - 1).link) {
    const exchange = exchangeAt(next - 1);
    exchange.endpoint = load<u16>(endpoints + ((<usize>exchange.endpoint) << 1));
  }
}
