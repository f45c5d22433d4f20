import { MAX_BATCH, MAX_TAPPED, MAX_TAPS } from "./limits";
import { EXEMPLAR_BYTES, NAMED_BYTES, Named, Reason, writeNamed } from "./named";
import { HEAD_BYTES, openCounter, startReferences, stringRef } from "./references";
import { skipFor, tapAt } from "./taps";
import { closeMessage, openMessage, writeNumber, writeTo, written } from "./writer";

/**
 * Requests that taps took since the last tick. They live no longer than to the next, so that the counters that they
 * refer to are still where they were.
 *
 *     waiting   Named x MAX_TAPPED; `link` has a bit for the place of each tap that took it
 */
const waiting = memory.data(12288, 8);
let size: u32 = 0;
let sinceMillis: u64 = 0;

/** Bytes of Tapped beside its counters and exemplars, and of a counter beside its head. */
const FRAME_BYTES: u32 = 48;
const COUNTER_BYTES: u32 = HEAD_BYTES + 16;

/** Where to write a request that these taps take; null, and all of them skip it, where there is no room. */
export function placeForTapped(counter: u32, takers: u32): Named | null {
  if (size == MAX_TAPPED) {
    skipFor(takers);
    return null;
  }
  const named = at(size++);
  named.counter = <u16>counter;
  named.link = <u16>takers;
  named.reason = Reason.TAPPED;
  return named;
}

/** Whether there is something to tell a tap. */
export function hasTapped(place: u32): bool {
  if (tapAt(place).skipped) return true;
  for (let i: u32 = 0; i < size; i++) if (isFor(i, place)) return true;
  return false;
}

/**
 * Writes what a tap took as a field of ReportRequest, and starts anew to count what it skips.
 *
 * @param into Room for MAX_BATCH bytes.
 * @returns the size of the field
 */
export function writeTapped(into: usize, place: u32, nowMillis: u64): u32 {
  const tap = tapAt(place);
  const start = sinceMillis && sinceMillis < nowMillis ? sinceMillis : nowMillis;
  startReferences();
  writeTo(into);
  const message = openMessage(5);
  writeNumber(1, tap.id);
  const batch = openMessage(2);
  writeNumber(2, <u32>(start / 1000));
  writeNumber(3, start % 1000);
  writeNumber(4, <u32>min<u64>(nowMillis - start, u32.MAX_VALUE));
  stringRef(0);
  let index: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    if (isFor(i, place) && isFirst(i, place) && writeGroup(i, place, index, into + MAX_BATCH)) index++;
  }
  closeMessage(batch);
  writeNumber(3, tap.skipped);
  closeMessage(message);
  tap.skipped = 0;
  return <u32>(written() - into);
}

/** Forgets all requests once they are sent. */
export function clearTapped(nowMillis: u64): void {
  size = 0;
  sinceMillis = nowMillis;
}

/** Forgets all requests unsent, which are skipped. */
export function dropTapped(): void {
  for (let i: u32 = 0; i < size; i++) skipFor(at(i).link);
  size = 0;
}

/** Forgets what one tap took, before another may have its place. */
export function dropTappedOf(place: u32): void {
  for (let i: u32 = 0; i < size; i++) at(i).link &= ~((<u16>1) << (<u16>place));
}

/** Writes the counter of a request, and all requests that it counts; false, and they are skipped, if they may not fit. */
function writeGroup(first: u32, place: u32, index: u32, end: usize): bool {
  let count: u32 = 0;
  for (let i = first; i < size; i++) if (isFor(i, place) && at(i).counter == at(first).counter) count++;
  if (written() + COUNTER_BYTES + count * EXEMPLAR_BYTES + FRAME_BYTES > end) {
    tapAt(place).skipped += count;
    return false;
  }
  const counter = openCounter(at(first).counter);
  writeNumber(8, count);
  closeMessage(counter);
  for (let i = first; i < size; i++) {
    if (isFor(i, place) && at(i).counter == at(first).counter) writeNamed(9, at(i), index);
  }
  return true;
}

/** Whether no earlier request of this tap has the same counter. */
function isFirst(number: u32, place: u32): bool {
  for (let i: u32 = 0; i < number; i++) if (isFor(i, place) && at(i).counter == at(number).counter) return false;
  return true;
}

function isFor(number: u32, place: u32): bool {
  return ((at(number).link >> (<u16>place)) & 1) != 0;
}

function at(number: u32): Named {
  return changetype<Named>(waiting + <usize>number * NAMED_BYTES);
}
