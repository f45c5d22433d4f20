import { MAX_BATCH, MAX_QUEUED, QUEUE_BYTES } from "./limits";

/**
 * Batches that wait for their acknowledgement, first in first out, in one ring of bytes. They are numbered by
 * sequence; a batch is contiguous, with HEADROOM bytes before it in which a sender puts its envelope.
 *
 *     ring     | ... | headroom, batch | headroom, batch | ... free, at least one largest batch for room() ... |
 *     entries  (u32 offset of the batch, u32 size) x MAX_QUEUED, entry of sequence s at s % MAX_QUEUED
 */
export const HEADROOM: u32 = 24;
const LARGEST: u32 = HEADROOM + MAX_BATCH;

const ring = memory.data(196608, 8);
const entries = memory.data(240, 8);
let first: u32 = 1;
let next: u32 = 1;

/** Where the next batch of up to MAX_BATCH bytes may be written, 0 while the queue is full. */
export function room(): usize {
  const size = next - first;
  if (size == MAX_QUEUED) return 0;
  if (!size) return ring + HEADROOM;
  const oldest = offsetOf(first) - HEADROOM;
  const last = offsetOf(next - 1);
  const end = (last + sizeOfBatch(next - 1) + 7) & ~7;
  if (last > oldest) {
    if (end + LARGEST <= QUEUE_BYTES) return ring + end + HEADROOM;
    return LARGEST <= oldest ? ring + HEADROOM : 0;
  }
  return end + LARGEST <= oldest ? ring + end + HEADROOM : 0;
}

/** Enqueues what was written at `room()`. */
export function enqueue(batch: usize, size: u32): void {
  const entry = entryOf(next++);
  store<u32>(entry, <u32>(batch - ring));
  store<u32>(entry, size, 4);
}

/** Drops every batch up to and including a sequence. */
export function dropThrough(sequence: u32): void {
  if (sequence >= first && sequence < next) first = sequence + 1;
}

/** The oldest batch's sequence; equal to nextSequence() when there is none. */
export function firstSequence(): u32 {
  return first;
}

/** The sequence that the next batch will have. */
export function nextSequence(): u32 {
  return next;
}

export function batchAt(sequence: u32): usize {
  return ring + offsetOf(sequence);
}

export function sizeOfBatch(sequence: u32): u32 {
  return load<u32>(entryOf(sequence), 4);
}

function offsetOf(sequence: u32): u32 {
  return load<u32>(entryOf(sequence));
}

function entryOf(sequence: u32): usize {
  return entries + ((<usize>(sequence % MAX_QUEUED)) << 3);
}
