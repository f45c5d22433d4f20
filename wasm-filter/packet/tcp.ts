import { Loss, lose } from "../core/losses";
import { countFailed, countOpened, countRetransmission, countRoundTrip } from "./accounts";
import { u16be, u32be } from "./bytes";
import { isCopy, markTranslated, remember } from "./crossings";
import { End, Flow, Half, State, halfOf } from "./flow";
import { addFlow, findFlow, sender } from "./flows";
import { endFlow, forgetFlow, makeFlowRoom } from "./lives";
import { MAX_AHEAD } from "./limits";
import { isOwnAddress } from "./own-node";
import { DESTINATION, SOURCE, packetMicros } from "./packet";
import { carry } from "./probes";
import { settle, takePayload } from "./reassembly";
import { setArrival } from "./stream-time";

/**
 * TCP (RFC 9293) as a bystander sees it.
 *
 *     (none) --SYN--> SYN --SYN/ACK--> SYN_ACK --ACK or data--> OPEN --two FINs, a RST--> CLOSED
 *        |             |---RST from the server: refused------------------------------------^
 *        |             |---nothing for SYN_MICROS: failed-------------------------------> (none)
 *        |--SYN/ACK----------------------------^
 *        |--RST that answers a SYN: refused
 *        `--anything else: JOINED, OPEN, the end with the lower port taken for the server
 *
 * A SYN with another sequence number than that of a known flow begins a new one; so do data far from all of one that is over.
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
  const wire = size - header;
  const acknowledged = flags & ACK ? u32be(at + 8) : 0;
  if (flow && (flags & SYN ? isOther(flow, sequence, flags, acknowledged) : isStranger(flow, sequence, wire))) {
    forgetFlow(flow);
    flow = findFlow(TCP, source, destination);
  }
  const key = (<u64>sequence) | ((<u64>acknowledged) << 32);
  const shape = (wire << 8) | flags;
  if (!flow) {
    flow = begin(sequence, flags, source, destination);
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
  if (flags & ACK) acknowledge(flow, from, acknowledged, wire != 0);
  // What a SYN carries (TCP Fast Open) comes behind it.
  const first = flags & SYN ? sequence + 1 : sequence;
  const payload = min<usize>(at + header, end);
  if (flags & FIN) finish(half, first + wire);
  if (wire) open(flow);
  takePayload(flow, from, first, payload, <u32>min<usize>(end - payload, wire), wire);
  if (wire && from == flow.client && flow.state & State.MAYBE_PROBE) carry(flow);
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
function isOther(flow: Flow, sequence: u32, flags: u32, acknowledged: u32): bool {
  const half = halfOf(flow, sender);
  if (flags & ACK && isAnswerAgain(flow, acknowledged)) return false;
  if (!(half.bits & End.SYNCED)) return (flow.state & State.CLOSED) != 0;
  // That of the same connection stands just before what it sends first.
  const isFresh = half.first != sequence + 1;
  return isFresh && !(flags & ACK && flow.state & State.JOINED);
}

/** Whether a SYN/ACK answers the SYN of a flow, as another one did: servers without a memory of it take another number. */
function isAnswerAgain(flow: Flow, acknowledged: u32): bool {
  const other = halfOf(flow, sender ^ 1);
  if (flow.state & State.CLOSED || !(flow.state & State.SYN_ACK)) return false;
  return other.bits & End.SYNCED
    ? other.first == acknowledged
    : (other.bits & End.ACKED) != 0 && other.acked == acknowledged;
}

/** Whether data cannot be of a flow that is over: the same ends have another connection, whose beginning was not seen. */
function isStranger(flow: Flow, sequence: u32, wire: u32): bool {
  if (!wire || !(flow.state & State.CLOSED)) return false;
  const half = halfOf(flow, sender);
  const ahead = <i32>(sequence - half.next);
  return (half.bits & End.SYNCED) != 0 && (ahead > MAX_AHEAD || ahead < -MAX_AHEAD);
}

function begin(sequence: u32, flags: u32, source: u32, destination: u32): Flow {
  makeFlowRoom(TCP, source, destination);
  const flow = addFlow();
  // What answers a SYN that was not seen: an acceptance, or a refusal, which has no number of its own (RFC 9293, 3.5.2).
  const isRefusal = (flags & (RST | ACK)) == (RST | ACK) && !sequence;
  const isAnswer = isRefusal || (flags & (SYN | ACK)) == (SYN | ACK);
  if (flags & SYN || isRefusal) {
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
    countRetransmission(flow);
    // Nobody took up the first number: it is the last one that counts.
    if (half.first == sequence + 1 || half.bits & End.ACKED) return;
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
