/**
 * The tap's module: a capture goes in, in chunks, and batches (ingest.proto) come out, one a second of the capture's own
 * time in which something was counted. A live capture's time is the machine's, which its host tells where no packets do.
 */
import "../protocols/index";
import { deliver } from "./host";
import { cutBatch, hasNews, windowIsCut } from "../core/batch";
import { makeRoom } from "../core/compact";
import { requestsEver, setCounterClock } from "../core/counters";
import { MAX_BATCH } from "../core/limits";
import { setMaxEndpoints } from "../core/endpoints";
import { Loss, lose, lossesOf } from "../core/losses";
import { areSettingsReadable, takeRoutes } from "../core/taught-routes";
import { forgetNumbers } from "../packet/accounts";
import { exchangesInUse, markWaiting, renumberWaiting } from "../packet/exchanges";
import { flowAt } from "../packet/flow";
import { flowsInUse, flowsTouched } from "../packet/flows";
import { dropFragments } from "../packet/fragments";
import { endFlows, sweepFlows } from "../packet/lives";
import { onWindowEnd, packetMicros, setTime, setWindowEnd } from "../packet/packet";
import {
  captureFormat,
  chunkAt,
  readChunk,
  readOn,
  restAt,
  restBytes,
  startCapture,
  unreadBytes,
} from "../packet/capture";
import { setOwnAddresses } from "../packet/own-node";
import { READER, READER_BYTES, strangeLinks, strangeLinksAt } from "../packet/reader";

export {
  READER,
  READER_BYTES,
  chunkAt,
  captureFormat,
  flowsInUse,
  lossesOf,
  restAt,
  restBytes,
  startCapture,
  strangeLinks,
  strangeLinksAt,
  unreadBytes,
};

/** Time that is further ahead than this was set back since. Microseconds. */
const SET_BACK_MICROS: u64 = 60_000_000;
const batch = memory.data(MAX_BATCH, 8);
let sequence: u32 = 1;
let windowMicros: u64 = 1_000_000;
/** When the open window began, and when it is to end; 0 before the first packet. Microseconds. */
let windowStart: u64 = 0;
let windowEnd: u64 = 0;
/** Whether the host has no room for batches: then the open window goes on. */
let isHeld: bool = false;
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
  windowEnd = windowStart + windowMicros;
  setWindowEnd(windowEnd);
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

/** The live capture goes on until `micros`, though perhaps without packets. */
export function advance(micros: u64): void {
  if (windowEnd > micros + SET_BACK_MICROS) setWindowEnd(0);
  setTime(micros);
}

/** Nothing more will come: what is counted is delivered, what is open or under way is not. */
export function stop(): void {
  isHeld = false;
  cutWindow();
}

/** Whether the host has no room for batches. */
export function hold(isFull: bool): void {
  isHeld = isFull;
}

/** Takes the addresses of the node that is listened to, 16 bytes each, which lie at `chunkAt`. */
export function setNode(bytes: u32): void {
  setOwnAddresses(chunkAt(), bytes);
}

/** Sets how long windows are from the next one on. */
export function setInterval(millis: u32): void {
  windowMicros = <u64>millis * 1000;
}

/** Takes the routes of a Settings message (ingest.proto) of `size` bytes, which lies at `chunkAt`, and a bound. */
export function teach(size: u32, maxEndpoints: u32): void {
  if (areSettingsReadable(chunkAt(), size)) takeRoutes(chunkAt(), size);
  setMaxEndpoints(maxEndpoints);
}

/** A packet, or the host, begins a window: what was counted before is delivered. */
function beginWindow(): void {
  const isCut = cutWindow();
  const start = (packetMicros / windowMicros) * windowMicros;
  windowEnd = start + windowMicros;
  setWindowEnd(windowEnd);
  sweepFlows();
  if (!isCut) return;
  windowStart = start;
  setCounterClock(windowStart / 1000);
  if (makeRoom(windowStart / 1000, holdEndpoints, followEndpoints)) forgetNumbers();
}

/** @returns false where the host has no room for all of it; what is left stays with what is counted next */
function cutWindow(): bool {
  if (!hasNews()) return true;
  const millis = (max(windowEnd, windowStart + 1000) - windowStart) / 1000;
  do {
    if (isHeld) return false;
    deliver(batch, cutBatch(batch, sequence++, windowStart / 1000, millis));
  } while (!windowIsCut());
  requestsTold = requestsEver();
  return true;
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
