import { Loss, lose } from "../core/losses";
import { countCarrying, countFailed, countOpened, countRetransmission, countRoundTrip } from "./accounts";
import { u16be, u32be } from "./bytes";
import { isCopy, markTranslated, remember } from "./crossings";
import { End, Flow, Half, State, halfOf } from "./flow";
import { addFlow, findFlow, sender } from "./flows";
import { endFlow, forgetFlow, makeFlowRoom } from "./lives";
import { isOwnAddress } from "./own-node";
import { DESTINATION, SOURCE, packetMicros } from "./packet";
import { settle, takePayload } from "./reassembly";
import { setArrival } from "./stream-time";

/**
 * TCP (RFC 9293) as a bystander sees it.
 *
 *     (none) --SYN--> SYN --SYN/ACK--> SYN_ACK --ACK or data--> OPEN --two FINs, a RST--> CLOSED
 *        |             |---RST from the server: refused------------------------------------^
 *        |             |---nothing for SYN_MICROS: failed-------------------------------> (none)
 *        |--SYN/ACK----------------------------^
 *        `--anything else but RST: JOINED, OPEN, the end with the lower port taken for the server
 *
 * A SYN with another sequence number than that of a known flow begins a new one.
 */
const FIN: u32 = 1;
const SYN: u32 = 2;
const RST: u32 = 4;
const ACK: u32 = 16;
const HEADER: u32 = 20;

const TCP: u32 = 6;

/** Takes a segment of `size` bytes, of which those before `end` were captured. */
export function takeTcp(at: usize, end: usize, size: u32): void {
  if (at + HEADER > end) return lose(Loss.PACKETS_BAD);
  const header = ((<u32>load<u8>(at + 12)) >> 4) << 2;
  if (header < HEADER || header > size) return lose(Loss.PACKETS_BAD);
  const flags: u32 = load<u8>(at + 13);
  const sequence = u32be(at + 4);
  const source = u16be(at);
  const destination = u16be(at + 2);
  let flow = findFlow(TCP, source, destination);
  if (flow && flow.state & State.COPY && (flags & (SYN | ACK)) != SYN) return passOver(flow, flags);
  if (flow && flags & SYN && isOther(flow, sequence, flags)) {
    forgetFlow(flow);
    flow = findFlow(TCP, source, destination);
  }
  const wire = size - header;
  const key = (<u64>sequence) | ((<u64>(flags & ACK ? u32be(at + 8) : 0)) << 32);
  const shape = (wire << 8) | flags;
  if (!flow) {
    if (flags & RST) return;
    flow = begin(flags, source, destination);
    if (markTranslated(flow, key, shape, destination)) return;
  }
  const from = sender;
  if (flow.state & State.CLOSED) return;
  const half = halfOf(flow, from);
  if (isCopy(half)) return;
  remember(flow, key, shape);
  flow.lastMicros = packetMicros;
  setArrival(packetMicros);
  if (flags & (SYN | RST)) {
    if (flags & RST) return reset(flow, from);
    synchronise(flow, half, sequence, flags);
  }
  const other = halfOf(flow, from ^ 1);
  if (flags & ACK) acknowledge(flow, from, u32be(at + 8), wire != 0);
  // What a SYN carries (TCP Fast Open) comes behind it.
  const first = flags & SYN ? sequence + 1 : sequence;
  const payload = min<usize>(at + header, end);
  if (flags & FIN) finish(half, first + wire);
  if (wire) open(flow);
  takePayload(flow, from, first, payload, <u32>min<usize>(end - payload, wire), wire);
  if (wire && from == flow.client && flow.state & State.MAYBE_PROBE) countCarrying(flow);
  if (half.bits & other.bits & End.CLOSED) close(flow);
}

/** A packet of a flow that counts nothing. When both ends are done, its place is kept no longer than that of others. */
function passOver(flow: Flow, flags: u32): void {
  flow.lastMicros = packetMicros;
  if (flags & FIN) halfOf(flow, sender).bits |= End.FIN;
  const isOver = (halfOf(flow, 0).bits & halfOf(flow, 1).bits & End.FIN) != 0;
  if (isOver || flags & RST) flow.state &= ~State.COPY;
}

/** Whether a SYN cannot be of this flow. */
function isOther(flow: Flow, sequence: u32, flags: u32): bool {
  const half = halfOf(flow, sender);
  if (!(half.bits & End.SYNCED)) return (flow.state & State.CLOSED) != 0;
  // That of the same connection stands just before what it sends first.
  const isFresh = half.first != sequence + 1;
  return isFresh && !(flags & ACK && flow.state & State.JOINED);
}

function begin(flags: u32, source: u32, destination: u32): Flow {
  makeFlowRoom(TCP, source, destination);
  const flow = addFlow();
  const isAnswer = (flags & (SYN | ACK)) == (SYN | ACK);
  if (flags & SYN) {
    flow.client = <u8>(isAnswer ? sender ^ 1 : sender);
    flow.state = State.ORIENTED;
    if (isOwnAddress(isAnswer ? DESTINATION : SOURCE)) flow.state |= State.MAYBE_PROBE;
  } else {
    flow.client = <u8>(source < destination ? sender ^ 1 : sender);
    flow.state = State.JOINED | State.OPEN;
  }
  return flow;
}

function synchronise(flow: Flow, half: Half, sequence: u32, flags: u32): void {
  if (half.bits & End.SYNCED) {
    if (half.first == sequence + 1) countRetransmission(flow);
    return;
  }
  half.bits |= End.SYNCED;
  half.next = sequence + 1;
  half.first = half.next;
  flow.state |= flags & ACK ? State.SYN_ACK : State.SYN;
}

/** The end `from` has confirmed what the other one sent. */
function acknowledge(flow: Flow, from: u32, number: u32, hasPayload: bool): void {
  const other = halfOf(flow, from ^ 1);
  if (!(other.bits & End.ACKED) || <i32>(number - other.acked) > 0) {
    other.acked = number;
    other.bits |= End.ACKED;
  }
  if (other.held) settle(flow, from ^ 1, hasPayload);
  if (flow.state & State.OPEN || from != flow.client) return;
  // The third packet of the handshake.
  if ((flow.state & (State.SYN | State.SYN_ACK)) == (State.SYN | State.SYN_ACK)) {
    const isClear = flow.retransmissions == 0;
    open(flow);
    // Of a SYN that was sent again nobody knows which one was answered.
    if (isClear) countRoundTrip(flow);
  } else if (flow.state & State.SYN_ACK) {
    open(flow);
  }
}

function open(flow: Flow): void {
  if (flow.state & (State.OPEN | State.CLOSED)) return;
  flow.state |= State.OPEN;
  countOpened(flow);
}

function finish(half: Half, sequence: u32): void {
  if (half.bits & End.FIN) return;
  half.bits |= End.FIN;
  half.fin = sequence;
}

function reset(flow: Flow, from: u32): void {
  if (flow.state & State.CLOSED) return;
  if (!(flow.state & State.OPEN)) {
    countFailed(flow, from != flow.client && !(flow.state & State.SYN_ACK));
    flow.state |= State.CLOSED;
    return;
  }
  endFlow(flow, true);
}

function close(flow: Flow): void {
  endFlow(flow, false);
}
