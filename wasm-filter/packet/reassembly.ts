import { Loss, lose } from "../core/losses";
import { countMoved, countRetransmission } from "./accounts";
import { End, Flow, Half, halfOf } from "./flow";
import { GAP_MICROS, GAP_MOST_MICROS, GAP_PACKETS, MAX_AHEAD } from "./limits";
import { packetMicros } from "./packet";
import { dropFirst, hold, segmentAt, segmentBytes } from "./segments";
import { setArrival } from "./stream-time";
import { deliver, deliverClose, deliverGap } from "./streams";

/**
 * Puts what an end sends into order.
 *
 *     sequence   behind `next`: sent again, what is new of it is taken
 *                at `next`: taken where it lies in the packet, and then what was held behind it
 *                ahead: held
 *
 * What is missing is given up, and counted, when it will not come any more: the other end has confirmed it and it was not
 * seen, it takes too long, or there is no room to hold more.
 */

/**
 * Takes the payload of a segment.
 *
 * @param size Bytes that were captured of the `wire` that there were.
 */
export function takePayload(flow: Flow, from: u32, sequence: u32, at: usize, size: u32, wire: u32): void {
  const half = halfOf(flow, from);
  if (!(half.bits & End.SYNCED)) {
    half.bits |= End.SYNCED;
    half.next = sequence;
    half.first = sequence;
  }
  const ahead = <i32>(sequence - half.next);
  if (wire && ahead <= 0) takeNext(flow, from, <u32>-ahead, at, size, wire);
  else if (wire && ahead <= MAX_AHEAD) holdBack(flow, half, sequence, at, size, wire);
  else if (wire) lose(Loss.PACKETS_BAD);
  if (half.held) settle(flow, from, false);
  if (half.bits & End.FIN && half.fin == half.next) deliverClose(flow, from);
}

/** Takes a segment of which the first `known` bytes were seen before. */
function takeNext(flow: Flow, from: u32, known: u32, at: usize, size: u32, wire: u32): void {
  if (known) {
    // A keep-alive sends one byte, or none, of what was confirmed.
    if (wire > 1 || known > 1) countRetransmission(flow);
    if (known >= wire) return;
    const cut = min(known, size);
    at += cut;
    size -= cut;
    wire -= known;
  }
  advance(flow, from, at, size, wire);
}

function advance(flow: Flow, from: u32, at: usize, size: u32, wire: u32): void {
  const half = halfOf(flow, from);
  half.next += wire;
  countMoved(flow, from, wire);
  if (size) deliver(flow, from, at, size);
  if (size < wire) deliverGap(flow, from, wire - size);
}

function holdBack(flow: Flow, half: Half, sequence: u32, at: usize, size: u32, wire: u32): void {
  if (!half.held) {
    half.gapMicros = packetMicros;
    half.gapPackets = 0;
  }
  if (hold(half, sequence, at, size, wire)) return;
  // No room for more: what is missing before the first is given up, and this comes again or is missing later.
  half.gapPackets = u32.MAX_VALUE;
}

/**
 * Takes what was held as far as it follows, and gives up what is missing where it is time to.
 *
 * @param isAnswered Whether the other end sends something in the light of what it confirms: it has what is missing here.
 */
export function settle(flow: Flow, from: u32, isAnswered: bool): void {
  const half = halfOf(flow, from);
  let isWhole = true;
  if (half.gapPackets < GAP_PACKETS) half.gapPackets++;
  while (half.held) {
    const segment = segmentAt(half.held - 1);
    const missing = <i32>(segment.sequence - half.next);
    if (missing > 0) {
      if (!isLost(half, isAnswered)) break;
      skipMissing(flow, from, <u32>missing);
      isWhole = false;
      continue;
    }
    const known = <u32>-missing;
    if (known < segment.wire) {
      // What completes it was seen just now, or it was complete by itself when it came.
      setArrival(isWhole ? packetMicros : segment.micros);
      const cut = min(known, segment.size);
      advance(flow, from, segmentBytes(segment) + cut, segment.size - cut, segment.wire - known);
    }
    dropFirst(half);
    half.gapMicros = packetMicros;
    if (half.gapPackets != u32.MAX_VALUE) half.gapPackets = 0;
  }
  setArrival(packetMicros);
}

function isLost(half: Half, isAnswered: bool): bool {
  if (half.gapPackets == u32.MAX_VALUE) {
    half.gapPackets = 0;
    return true;
  }
  const age = packetMicros > half.gapMicros ? packetMicros - half.gapMicros : 0;
  if (age > GAP_MOST_MICROS) return true;
  const isConfirmed = (half.bits & End.ACKED) != 0 && <i32>(half.acked - half.next) > 0;
  return isConfirmed && (isAnswered || half.gapPackets >= GAP_PACKETS || age > GAP_MICROS);
}

function skipMissing(flow: Flow, from: u32, bytes: u32): void {
  lose(Loss.GAPS);
  halfOf(flow, from).next += bytes;
  countMoved(flow, from, bytes);
  deliverGap(flow, from, bytes);
}

/** A flow ends: all that is held is taken, whatever is missing between. */
export function flush(flow: Flow, from: u32): void {
  const half = halfOf(flow, from);
  while (half.held) {
    half.gapPackets = u32.MAX_VALUE;
    settle(flow, from, false);
  }
  const missing = <i32>(half.fin - half.next);
  if (half.bits & End.FIN && missing > 0 && missing < MAX_AHEAD) skipMissing(flow, from, <u32>missing);
}
