import {
  Outcome,
  Protocol,
  Side as WireSide,
  changeActive,
  countBytes,
  countLifetime,
  countOne,
  counterNumber,
  kindOf,
} from "../core/counters";
import { NO_ENDPOINT } from "../core/endpoints";
import { Loss, lose } from "../core/losses";
import { peerAt, peerKey, peerNumber } from "../core/peers";
import { OTHER, intern } from "../core/strings";
import { countHandshake, wireAt } from "../core/wire";
import { textAt, writeAddress, writeEndpoint } from "./address";
import { Flow, State, halfOf } from "./flow";
import { packetMicros } from "./packet";

/**
 * Where a flow is counted. Its peer and its counter of TCP are numbers of core's tables, which change when these make room:
 * a flow whose numbers are from before looks its own up again.
 */
let generation: u32 = 1;

/** To be called when core's tables have new numbers. */
export function forgetNumbers(): void {
  generation++;
}

/** The edge of a flow: client's address, server's address and port. */
export function peerOf(flow: Flow): u32 {
  if (flow.generation != generation) lookUp(flow);
  return flow.peer;
}

/** The server of a flow, as endpoints have it: the number of the text of its address. */
export function serverOf(flow: Flow): u32 {
  return (<u32>peerAt(peerOf(flow))) & 0xffff;
}

function lookUp(flow: Flow): void {
  flow.generation = generation;
  const client = flow.client;
  const base = changetype<usize>(flow);
  const port = client ? flow.ports & 0xffff : flow.ports >> 16;
  const address = flow.serverPort ? base + offsetof<Flow>("serverHigh") : base + (client ? 0 : 16);
  const server = number(writeEndpoint(address, flow.serverPort ? flow.serverPort : port));
  const key = peerKey(server, number(writeAddress(base + (client ? 16 : 0))), 0, 0);
  flow.peer = <u16>peerNumber(key);
  flow.counter = <u16>tcpCounter(flow, Outcome.SUCCESS);
}

/** The number of the text that was written last. */
function number(size: u32): u32 {
  const found = intern(textAt(), size);
  if (found >= 0) return found;
  lose(Loss.EDGES_FULL);
  return OTHER;
}

function tcpCounter(flow: Flow, outcome: u32): u32 {
  return counterNumber(kindOf(WireSide.WIRE, Protocol.TCP, outcome), flow.peer, NO_ENDPOINT, 0);
}

function successOf(flow: Flow): u32 {
  peerOf(flow);
  return flow.counter;
}

/** Which end is the client turned out to be otherwise. */
export function swapEnds(flow: Flow): void {
  flow.client ^= 1;
  flow.generation = 0;
}

/** Counts a connection once it is open, or known to be. Needs the ends to be known. */
export function countOpened(flow: Flow): void {
  if (flow.state & (State.COUNTED | State.MAYBE_PROBE)) return;
  flow.state |= State.COUNTED;
  const counter = successOf(flow);
  if (flow.state & State.JOINED) wireAt(counter).joined++;
  else countOne(counter);
  changeActive(counter, 1);
  billRetransmissions(flow, counter);
  for (let end: u32 = 0; end < 2; end++) billBytes(flow, end, halfOf(flow, end).unbilled);
}

/** Counts a connection that came to nothing. */
export function countFailed(flow: Flow, isRefused: bool): void {
  if (flow.state & State.MAYBE_PROBE) return;
  peerOf(flow);
  const counter = tcpCounter(flow, Outcome.NOT_REACHED);
  countOne(counter);
  if (isRefused) wireAt(counter).refused++;
  billRetransmissions(flow, counter);
}

/** Counts that an open connection is over. */
export function countClosed(flow: Flow, isReset: bool): void {
  if (!(flow.state & State.COUNTED)) return;
  const counter = successOf(flow);
  changeActive(counter, -1);
  if (isReset) wireAt(counter).resets++;
  if (!(flow.state & State.JOINED)) countLifetime(counter, packetMicros - min(flow.startMicros, packetMicros));
  flow.state &= ~State.COUNTED;
}

export function countRoundTrip(flow: Flow): void {
  if (flow.state & State.MAYBE_PROBE) return;
  const micros = packetMicros - min(flow.startMicros, packetMicros);
  countHandshake(successOf(flow), <u32>min<u64>(micros, u32.MAX_VALUE));
}

export function countRetransmission(flow: Flow): void {
  if (flow.state & State.COUNTED) wireAt(successOf(flow)).retransmissions++;
  else if (flow.retransmissions != u16.MAX_VALUE) flow.retransmissions++;
}

function billRetransmissions(flow: Flow, counter: u32): void {
  wireAt(counter).retransmissions += flow.retransmissions;
  flow.retransmissions = 0;
}

/** Counts bytes that an end sent; those of a connection that is not yet counted wait with it. */
export function countMoved(flow: Flow, end: u32, bytes: u32): void {
  if (flow.state & State.COUNTED) billBytes(flow, end, bytes);
  else halfOf(flow, end).unbilled += bytes;
}

function billBytes(flow: Flow, end: u32, bytes: u32): void {
  if (!bytes) return;
  halfOf(flow, end).unbilled = 0;
  if (end == flow.client) countBytes(successOf(flow), bytes, 0);
  else countBytes(successOf(flow), 0, bytes);
}
