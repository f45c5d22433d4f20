import {
  Counter,
  counterAt,
  counterEndpoint,
  counterKind,
  counterPeer,
  counterSize,
  counterStatus,
  isDirty,
} from "./counters";
import { endpointMethod, endpointRoute } from "./endpoints";
import { cutExemplars } from "./exemplars";
import { clearLatencies, collectLatencies, collectedBucket, collectedCount, drainLatencies } from "./latency";
import { MAX_BATCH, MAX_STRING } from "./limits";
import { Loss, clearLosses, hasLosses, lossesOf } from "./losses";
import { EXEMPLAR_BYTES } from "./named";
import { peerAt } from "./peers";
import { stringAt, stringSize } from "./strings";
import { closeMessage, openMessage, writeBytes, writeNumber, writeTo, writeVarint, written } from "./writer";

/** Bytes that a counter needs beside its buckets, with a new peer, all its strings and two exemplars, at the most. */
const COUNTER_BYTES: u32 = 6 * (MAX_STRING + 4) + 96 + 2 * EXEMPLAR_BYTES;
/** Bytes of a (gap, count) pair at the most. */
const BUCKET_BYTES: u32 = 7;

/** Numbers within the current batch + 1, 0 = not yet in it: u16 a string, u16 a peer. */
const stringRefs = memory.data(8192, 8);
const peerRefs = memory.data(1024, 8);
let stringCount: u32 = 0;
let peerCount: u32 = 0;
let counterCount: u32 = 0;

/** The counter at which the next batch of this window goes on, and whether the last batch left nothing. */
let cursor: u32 = 0;
let isWhole: bool = true;

/** Whether anything was counted that no batch tells yet. */
export function hasNews(): bool {
  return hasLosses() || hasDirtyCounter();
}

function hasDirtyCounter(): bool {
  for (let number: u32 = 0; number < counterSize(); number++) if (isDirty(counterAt(number))) return true;
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
  memory.fill(stringRefs, 0, 8192);
  memory.fill(peerRefs, 0, 1024);
  stringCount = 0;
  peerCount = 0;
  counterCount = 0;
  writeTo(into);
  writeNumber(1, sequence);
  writeNumber(2, <u32>(startMillis / 1000));
  writeNumber(3, startMillis % 1000);
  writeNumber(4, durationMillis);
  stringRef(0);
  writeLosses();
  while (cursor < counterSize()) {
    const counter = counterAt(cursor);
    if (isDirty(counter) && !cutCounter(counter, into + MAX_BATCH)) {
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
  for (let number: u32 = 0; number < counterSize(); number++) counterAt(number).latencies = 0;
  clearLatencies();
}

/** Writes and empties one counter; false, and nothing is written, where it might not fit. */
function cutCounter(counter: Counter, end: usize): bool {
  const buckets = collectLatencies(counter.latencies);
  if (written() + COUNTER_BYTES + buckets * BUCKET_BYTES > end) return false;
  const peer = peerRef(counterPeer(cursor));
  const endpoint = counterEndpoint(cursor);
  const method = stringRef(endpointMethod(endpoint));
  const route = stringRef(endpointRoute(endpoint));
  const kind = counterKind(cursor);
  const message = openMessage(7);
  writeNumber(1, kind & 7);
  writeNumber(2, peer);
  writeNumber(3, (kind >> 3) & 7);
  writeNumber(4, method);
  writeNumber(5, route);
  writeNumber(6, kind >> 6);
  writeNumber(7, counterStatus(cursor));
  writeNumber(8, counter.count);
  writeBuckets(buckets);
  writeNumber(10, counter.requestBytes);
  writeNumber(11, counter.responseBytes);
  writeNumber(12, counter.active);
  closeMessage(message);
  cutExemplars(9, counter, counterCount++);
  drainLatencies(counter.latencies);
  counter.count = 0;
  counter.requestBytes = 0;
  counter.responseBytes = 0;
  counter.activeChanged = 0;
  return true;
}

function writeBuckets(size: u32): void {
  if (!size) return;
  const packed = openMessage(9);
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

/** The index of a peer in this batch; writes it, and its strings, when it is the first to ask. */
function peerRef(number: u32): u32 {
  const ref = peerRefs + ((<usize>number) << 1);
  if (!load<u16>(ref)) {
    const key = peerAt(number);
    const address = stringRef((<u32>key) & 0xffff);
    const principal = stringRef((<u32>(key >> 16)) & 0xffff);
    const cluster = stringRef((<u32>(key >> 32)) & 0xffff);
    const authority = stringRef(<u32>(key >> 48));
    const message = openMessage(6);
    writeNumber(1, address);
    writeNumber(2, principal);
    writeNumber(3, cluster);
    writeNumber(4, authority);
    closeMessage(message);
    store<u16>(ref, <u16>++peerCount);
  }
  return load<u16>(ref) - 1;
}

/** The index of a string in this batch; writes it when it is the first to ask. */
function stringRef(number: u32): u32 {
  const ref = stringRefs + ((<usize>number) << 1);
  if (!load<u16>(ref)) {
    writeBytes(5, stringAt(number), stringSize(number));
    store<u16>(ref, <u16>++stringCount);
  }
  return load<u16>(ref) - 1;
}
