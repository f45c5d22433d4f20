import { BUCKETS } from "./histogram";
import { KeyTable } from "./key-table";
import { MAX_LATENCY_CELLS } from "./limits";
import { Loss, lose } from "./losses";
import { BATCH_BUCKETS } from "./scratch";

/**
 * The latency buckets of all counters in one flat table, since most of a histogram is empty. A cell is one (counter,
 * bucket); the cells of a counter form a list in the order of their coming.
 *
 *     key     counter << 16 | bucket, with HANDSHAKE set in those of the second list that a counter may have
 *     counts  u32 a cell
 *     nexts   u16 a cell: number + 1 of the next of its list, 0 = it is the last
 */
const table = new KeyTable<u32>(memory.data(MAX_LATENCY_CELLS * 8, 8), MAX_LATENCY_CELLS);
const counts = memory.data(MAX_LATENCY_CELLS * 4, 8);
const nexts = memory.data(MAX_LATENCY_CELLS * 2, 8);
/** Set in the bucket of a handshake, so that a counter may have two histograms. */
export const HANDSHAKE: u32 = 0x8000;
/** Bucket and count of the cells that were collected last, (u32, u32) each, by bucket. */
const collected = BATCH_BUCKETS;

/**
 * Counts one duration, by its bucket (histogram.ts).
 *
 * @param head Where the counter keeps the first cell of its list (u32, cell number + 1).
 */
export function addLatency(counter: u32, head: usize, bucket: u32): void {
  const key = (counter << 16) | bucket;
  let number = table.find(key);
  if (number < 0) {
    if (table.size == MAX_LATENCY_CELLS) {
      lose(Loss.LATENCY_FULL);
      return;
    }
    number = table.add(key);
    store<u32>(countOf(number), 0);
    store<u16>(nextOf(number), <u16>load<u32>(head));
    store<u32>(head, number + 1);
  }
  store<u32>(countOf(number), load<u32>(countOf(number)) + 1);
}

function countOf(cell: u32): usize {
  return counts + ((<usize>cell) << 2);
}

function nextOf(cell: u32): usize {
  return nexts + ((<usize>cell) << 1);
}

/** Collects the buckets of a list that are not empty, ascending; read them with collectedBucket and collectedCount. */
export function collectLatencies(first: u32): u32 {
  let size: u32 = 0;
  for (let next = first; next; next = load<u16>(nextOf(next - 1))) {
    const count = load<u32>(countOf(next - 1));
    if (!count || size == BUCKETS) continue;
    insertSorted(size++, table.keyAt(next - 1) & 0x7fff, count);
  }
  return size;
}

/** Durations come around a few values, so most insertions are near the end. */
function insertSorted(size: u32, bucket: u32, count: u32): void {
  let at = collected + ((<usize>size) << 3);
  while (at > collected && load<u32>(at - 8) > bucket) {
    store<u64>(at, load<u64>(at - 8));
    at -= 8;
  }
  store<u32>(at, bucket);
  store<u32>(at, count, 4);
}

export function collectedBucket(i: u32): u32 {
  return load<u32>(collected + ((<usize>i) << 3));
}

export function collectedCount(i: u32): u32 {
  return load<u32>(collected + ((<usize>i) << 3), 4);
}

/** Empties the cells of a list, which stay linked until all are cleared. */
export function drainLatencies(first: u32): void {
  for (let next = first; next; next = load<u16>(nextOf(next - 1))) store<u32>(countOf(next - 1), 0);
}

/** Forgets all cells. The owner resets the heads of its lists. */
export function clearLatencies(): void {
  if (table.size) table.clear();
}
