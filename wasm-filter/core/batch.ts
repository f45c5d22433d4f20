import { counterAt, counterSize, isDirty } from "./counters";
import { cutExemplars } from "./exemplars";
import { clearLatencies, collectLatencies, collectedBucket, collectedCount, drainLatencies } from "./latency";
import { IS_TAP, MAX_BATCH } from "./limits";
import { Loss, clearLosses, hasLosses, lossesOf } from "./losses";
import { EXEMPLAR_BYTES } from "./named";
import { HEAD_BYTES, openCounter, startReferences, stringRef } from "./references";
import { Wire, clearWire, wireAt } from "./wire";
import { closeMessage, openMessage, writeNumber, writeTo, writeVarint, written } from "./writer";

/** Bytes that a counter needs beside its buckets, with two exemplars, at the most. */
const COUNTER_BYTES: u32 = HEAD_BYTES + 84 + 2 * EXEMPLAR_BYTES;
/** Bytes of a (gap, count) pair at the most. */
const BUCKET_BYTES: u32 = 7;

/** Counters that the current batch has. */
let counterCount: u32 = 0;

/** The counter at which the next batch of this window goes on, and whether the last batch left nothing. */
let cursor: u32 = 0;
let isWhole: bool = true;

/** Whether anything was counted that no batch tells yet. */
export function hasNews(): bool {
  return hasLosses() || hasDirtyCounter();
}

function hasDirtyCounter(): bool {
  for (let number: u32 = 0; number < counterSize(); number++) if (isDirty(number)) return true;
  return false;
}

/**
 * Encodes what was counted as one Batch and empties those counters. Strings and peers stand just before the first
 * counter that names them.
 *
 * @param into Room for MAX_BATCH bytes.
 * @returns the size of the batch; `windowIsCut` says whether it took everything
 */
export function cutBatch(into: usize, sequence: u32, startMillis: u64, durationMillis: u64): u32 {
  startReferences();
  counterCount = 0;
  writeTo(into);
  writeNumber(1, sequence);
  writeNumber(2, <u32>(startMillis / 1000));
  writeNumber(3, startMillis % 1000);
  writeNumber(4, durationMillis);
  stringRef(0);
  writeLosses();
  while (cursor < counterSize()) {
    if (isDirty(cursor) && !cutCounter(into + MAX_BATCH)) {
      isWhole = false;
      return <u32>(written() - into);
    }
    cursor++;
  }
  cursor = 0;
  // Where the queue was full for a while, counters that had been cut went on counting.
  isWhole = !hasDirtyCounter();
  if (isWhole) endWindow();
  return <u32>(written() - into);
}

/** Whether the last batch took the rest of the window. */
export function windowIsCut(): bool {
  return isWhole;
}

function endWindow(): void {
  for (let number: u32 = 0; number < counterSize(); number++) {
    counterAt(number).latencies = 0;
    if (IS_TAP) wireAt(number).handshakes = 0;
  }
  clearLatencies();
}

/** Writes and empties one counter; false, and nothing is written, where it might not fit. */
function cutCounter(end: usize): bool {
  const counter = counterAt(cursor);
  const buckets = collectLatencies(counter.latencies);
  const handshakes = IS_TAP ? handshakeBuckets(cursor) : 0;
  if (written() + COUNTER_BYTES + (buckets + handshakes) * BUCKET_BYTES > end) return false;
  const message = openCounter(cursor);
  writeNumber(8, counter.count);
  writeBuckets(9, collectLatencies(counter.latencies));
  writeNumber(10, counter.requestBytes);
  writeNumber(11, counter.responseBytes);
  writeNumber(12, counter.active);
  if (IS_TAP) writeWire(wireAt(cursor));
  closeMessage(message);
  cutExemplars(9, counter, counterCount++);
  drainLatencies(counter.latencies);
  counter.count = 0;
  counter.requestBytes = 0;
  counter.responseBytes = 0;
  counter.activeChanged = 0;
  return true;
}

function handshakeBuckets(number: u32): u32 {
  return collectLatencies(wireAt(number).handshakes);
}

/** Writes and empties what a tap saw of the connections of a counter. */
function writeWire(wire: Wire): void {
  writeNumber(13, wire.resets);
  writeNumber(14, wire.retransmissions);
  writeNumber(15, wire.refused);
  writeBuckets(16, collectLatencies(wire.handshakes));
  writeNumber(17, wire.unasked);
  writeNumber(18, wire.joined);
  drainLatencies(wire.handshakes);
  clearWire(wire);
}

function writeBuckets(field: u32, size: u32): void {
  if (!size) return;
  const packed = openMessage(field);
  let previous: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    const bucket = collectedBucket(i);
    writeVarint(bucket - previous);
    writeVarint(collectedCount(i));
    previous = bucket;
  }
  closeMessage(packed);
}

function writeLosses(): void {
  for (let kind: u32 = 1; kind < Loss.KINDS; kind++) {
    if (!lossesOf(kind)) continue;
    const message = openMessage(8);
    writeNumber(1, kind);
    writeNumber(2, lossesOf(kind));
    closeMessage(message);
  }
  clearLosses();
}
