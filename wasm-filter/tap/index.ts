/**
 * The tap's module: a capture goes in, in chunks, and batches (ingest.proto) come out, one a second of the capture's own
 * time in which something was counted.
 */
import "../protocols/index";
import { deliver } from "./host";
import { cutBatch, hasNews, windowIsCut } from "../core/batch";
import { makeRoom } from "../core/compact";
import { requestsEver, setCounterClock } from "../core/counters";
import { MAX_BATCH } from "../core/limits";
import { Loss, lose, lossesOf } from "../core/losses";
import { forgetNumbers } from "../packet/accounts";
import { exchangesInUse, markWaiting, renumberWaiting } from "../packet/exchanges";
import { flowAt } from "../packet/flow";
import { flowsInUse, flowsTouched } from "../packet/flows";
import { dropFragments } from "../packet/fragments";
import { endFlows, sweepFlows } from "../packet/lives";
import { onWindowEnd, packetMicros, setWindowEnd } from "../packet/packet";
import { captureFormat, chunkAt, readChunk, readOn, restAt, restBytes, unreadBytes } from "../packet/capture";
import { READER, READER_BYTES } from "../packet/reader";

export { READER, READER_BYTES, chunkAt, captureFormat, flowsInUse, lossesOf, restAt, restBytes, unreadBytes };

const WINDOW_MICROS: u64 = 1_000_000;
const batch = memory.data(MAX_BATCH, 8);
let sequence: u32 = 1;
/** When the open window began; 0 before the first packet. Microseconds. */
let windowStart: u64 = 0;
/** Requests that had been counted when the last batch was cut. */
let requestsTold: u32 = 0;

onWindowEnd(beginWindow);

/** Reads `size` bytes at `chunkAt`; false where they are no capture. */
export function feed(size: u32): bool {
  return readChunk(size);
}

/** Of an instance that failed: requests that no batch tells, since they were not delivered or had no answer yet. */
export function requestsUntold(): u32 {
  return requestsEver() - requestsTold + exchangesInUse();
}

/** Takes over losses of an instance that failed. */
export function inheritLosses(kind: u32, times: u32): void {
  lose(kind, times);
}

/** When the open window began, and the number of the next batch. */
export function openWindow(): u64 {
  return windowStart;
}

export function nextSequence(): u32 {
  return sequence;
}

/**
 * Goes on where another instance failed, with the `size` bytes at `from` that this had not read, in its window. Its
 * READER must have been copied.
 */
export function resume(from: usize, size: u32, window: u64, next: u32): bool {
  sequence = next;
  windowStart = window;
  setWindowEnd(windowStart + WINDOW_MICROS);
  setCounterClock(windowStart / 1000);
  return readOn(from, size);
}

/** The capture is over: what is open is counted as it is, and the last batches are delivered. */
export function finish(): void {
  if (unreadBytes()) lose(Loss.PACKETS_BAD);
  dropFragments();
  endFlows();
  cutWindow();
}

/** A packet begins a window: what was counted before is delivered. */
function beginWindow(): void {
  cutWindow();
  windowStart = (packetMicros / WINDOW_MICROS) * WINDOW_MICROS;
  setWindowEnd(windowStart + WINDOW_MICROS);
  setCounterClock(windowStart / 1000);
  sweepFlows();
  if (makeRoom(windowStart / 1000, holdEndpoints, followEndpoints)) forgetNumbers();
}

function cutWindow(): void {
  if (!hasNews()) return;
  do {
    deliver(batch, cutBatch(batch, sequence++, windowStart / 1000, WINDOW_MICROS / 1000));
  } while (!windowIsCut());
  requestsTold = requestsEver();
}

/** Requests that wait have no counter yet that holds their endpoint. */
function holdEndpoints(endpoints: usize): void {
  for (let number: u32 = 0; number < flowsTouched(); number++) {
    if (flowAt(number).transport) markWaiting(flowAt(number), endpoints);
  }
}

function followEndpoints(endpoints: usize): void {
  for (let number: u32 = 0; number < flowsTouched(); number++) {
    if (flowAt(number).transport) renumberWaiting(flowAt(number), endpoints);
  }
}
