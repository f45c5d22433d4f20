import { MAX_HELD_BYTES, MAX_SEGMENTS_HELD, SEGMENT_BYTES, SLACK } from "./limits";
import { Half } from "./flow";
import { packetMicros } from "./packet";

/**
 * Segments that came before those that precede them, until these come or are given up. A segment lies in as many places
 * as it needs; those of a direction are linked by their sequence number.
 */
@unmanaged
export class Segment {
  /** When it came. */
  micros: u64;
  /** Number + 1 of the next of its direction, or of the free ones. */
  link: u32;
  sequence: u32;
  /** Bytes that are here, and that there were on the wire: more where the packet was cut. */
  size: u32;
  wire: u32;
}
const STRIDE: usize = offsetof<Segment>() + SEGMENT_BYTES;
const segments: usize = heap.alloc(<usize>MAX_SEGMENTS_HELD * STRIDE + SLACK);
let touched: u32 = 0;
let firstFree: u32 = 0;

export function segmentAt(number: u32): Segment {
  return changetype<Segment>(segments + <usize>number * STRIDE);
}

export function segmentBytes(segment: Segment): usize {
  return changetype<usize>(segment) + offsetof<Segment>();
}

/**
 * Keeps a segment; false where there is no room for all of it.
 *
 * @param wire Bytes it had on the wire; `size` of them are there.
 */
export function hold(half: Half, sequence: u32, at: usize, size: u32, wire: u32): bool {
  while (wire) {
    const step = min(size, SEGMENT_BYTES);
    const isLast = step == size;
    if (!holdOne(half, sequence, at, step, isLast ? wire : step)) return false;
    if (isLast) return true;
    sequence += step;
    at += step;
    size -= step;
    wire -= step;
  }
  return true;
}

function holdOne(half: Half, sequence: u32, at: usize, size: u32, wire: u32): bool {
  let before: Segment | null = null;
  let next = half.held;
  while (next && <i32>(segmentAt(next - 1).sequence - sequence) < 0) {
    before = segmentAt(next - 1);
    next = segmentAt(next - 1).link;
  }
  if (next && segmentAt(next - 1).sequence == sequence && segmentAt(next - 1).wire >= wire) return true;
  if (half.heldBytes + size > MAX_HELD_BYTES) return false;
  const number = takePlace();
  if (!number) return false;
  const segment = segmentAt(number - 1);
  segment.micros = packetMicros;
  segment.sequence = sequence;
  segment.size = size;
  segment.wire = wire;
  segment.link = next;
  memory.copy(segmentBytes(segment), at, size);
  if (before) before.link = number;
  else half.held = number;
  half.heldBytes += size;
  return true;
}

function takePlace(): u32 {
  if (firstFree) {
    const number = firstFree;
    firstFree = segmentAt(number - 1).link;
    return number;
  }
  return touched < MAX_SEGMENTS_HELD ? ++touched : 0;
}

/** Forgets the first segment of a direction. */
export function dropFirst(half: Half): void {
  const number = half.held;
  const segment = segmentAt(number - 1);
  half.held = segment.link;
  half.heldBytes -= segment.size;
  segment.link = firstFree;
  firstFree = number;
}
