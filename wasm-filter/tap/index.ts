/**
 * The tap's module: a capture goes in, in chunks, and batches (ingest.proto) come out, one a second of the capture's own
 * time in which something was counted.
 */
import "../protocols/index";
import { deliver } from "./host";
import { cutBatch, hasNews, windowIsCut } from "../core/batch";
import { makeRoom } from "../core/compact";
import { setCounterClock } from "../core/counters";
import { MAX_BATCH } from "../core/limits";
import { Loss, lose } from "../core/losses";
import { forgetNumbers } from "../packet/accounts";
import { markWaiting, renumberWaiting } from "../packet/exchanges";
import { flowAt } from "../packet/flow";
import { flowsInUse, flowsTouched } from "../packet/flows";
import { dropFragments } from "../packet/fragments";
import { endFlows, sweepFlows } from "../packet/lives";
import { onWindowEnd, packetMicros, setWindowEnd } from "../packet/packet";
import { captureFormat, chunkAt, readChunk, unreadBytes } from "../packet/capture";

export { chunkAt, captureFormat, flowsInUse, unreadBytes };

const WINDOW_MICROS: u64 = 1_000_000;
const batch = memory.data(MAX_BATCH, 8);
let sequence: u32 = 1;
/** When the open window began; 0 before the first packet. Microseconds. */
let windowStart: u64 = 0;

onWindowEnd(beginWindow);

/** Reads `size` bytes at `chunkAt`; false where they are no capture. */
export function feed(size: u32): bool {
  return readChunk(size);
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
