import { barePath, barePathAt } from "./bare-path";
import { Outcome, counterEndpoint, counterKind, counterStatus, kindOutcome, kindSide } from "./counters";
import { endpointMethod } from "./endpoints";
import { MAX_STRING, MAX_TAPS, MAX_TAP_MILLIS, MAX_TAP_RATE } from "./limits";

/**
 * What control wants to see live: each tap says which requests, how many a second at most, and for how long. Time passes
 * when a tick says so; a request only compares.
 */
@unmanaged
export class Tap {
  id: u32;
  /** Until it expires; 0 = this place is free. */
  leftMillis: u32;
  perSecond: u32;
  /** Thousandths of requests that may be taken now: a bucket that one second fills. */
  tokens: u32;
  /** Requests that matched and are not sent, since control was told last. */
  skipped: u32;
  /** What is asked for; 0 asks for everything. */
  side: u32;
  /** A method's string number. */
  method: u32;
  onlyFailed: u32;
  minMicros: u32;
  hasStatus: u32;
  status: u32;
  /** The last one of a range. */
  statusTo: u32;
  prefixSize: u32;
}
const PREFIX: usize = 52;
const STRIDE: usize = 308;

const taps = memory.data(1232, 8);
let active: u32 = 0;
let passedMillis: u64 = 0;

/** Whether there is any tap: all that a request is asked while there is none. */
export function hasTaps(): bool {
  return active != 0;
}

/** The tap in a place below MAX_TAPS. */
export function tapAt(place: u32): Tap {
  return changetype<Tap>(taps + <usize>place * STRIDE);
}

/** A place for a tap, blank but for its id; that of the tap which has the id, if there is one. -1 = all are taken. */
export function openTap(id: u32): i32 {
  let free = -1;
  for (let place: i32 = 0; place < <i32>MAX_TAPS; place++) {
    if (!tapAt(place).leftMillis) {
      if (free < 0) free = place;
    } else if (tapAt(place).id == id) {
      endTap(place);
      free = place;
      break;
    }
  }
  if (free < 0) return -1;
  memory.fill(changetype<usize>(tapAt(free)), 0, STRIDE);
  tapAt(free).id = id;
  return free;
}

/** Lets a tap begin that `openTap` gave and the caller filled in. */
export function startTap(place: u32, durationMillis: u32, nowMillis: u64): void {
  const tap = tapAt(place);
  if (!durationMillis) return;
  if (!active) passedMillis = nowMillis;
  tap.leftMillis = min(durationMillis, MAX_TAP_MILLIS);
  tap.perSecond = min(max(tap.perSecond, 1), MAX_TAP_RATE);
  tap.tokens = tap.perSecond * 1000;
  tap.statusTo = max(tap.statusTo, tap.status);
  active++;
}

/** What the path is to begin with; false where no path is so long. */
export function setPrefix(tap: Tap, at: usize, size: u32): bool {
  if (size > MAX_STRING) return false;
  memory.copy(changetype<usize>(tap) + PREFIX, at, size);
  tap.prefixSize = size;
  return true;
}

export function endTap(place: u32): void {
  if (!tapAt(place).leftMillis) return;
  tapAt(place).leftMillis = 0;
  active--;
}

/** Ends all taps: the stream is gone, and with it who asked. */
export function endTaps(): void {
  for (let place: u32 = 0; place < MAX_TAPS; place++) endTap(place);
}

/** Fills the buckets and ends what has expired. A clock that is set back stands still for once. */
export function passTime(nowMillis: u64): void {
  const passed = nowMillis > passedMillis ? nowMillis - passedMillis : 0;
  passedMillis = nowMillis;
  for (let place: u32 = 0; place < MAX_TAPS; place++) {
    const tap = tapAt(place);
    if (passed >= tap.leftMillis) {
      endTap(place);
      continue;
    }
    tap.leftMillis -= <u32>passed;
    tap.tokens = min(tap.tokens + tap.perSecond * <u32>min<u64>(passed, 1000), tap.perSecond * 1000);
  }
}

/**
 * Offers a request to all taps.
 *
 * @param counter The number of the counter that has just counted it.
 * @param path Its target as it came, with `size` bytes.
 * @returns a bit for the place of each tap that takes it
 */
export function offer(counter: u32, micros: u32, path: usize, size: u32): u32 {
  let takers: u32 = 0;
  let bareSize: u32 = 0;
  let isBare = false;
  for (let place: u32 = 0; place < MAX_TAPS; place++) {
    const tap = tapAt(place);
    if (!tap.leftMillis || !isWanted(tap, counter, micros)) continue;
    if (tap.prefixSize) {
      if (!isBare) bareSize = barePath(path, size);
      isBare = true;
      if (!hasPrefix(tap, bareSize)) continue;
    }
    if (tap.tokens >= 1000) {
      tap.tokens -= 1000;
      takers |= 1 << place;
    } else {
      tap.skipped++;
    }
  }
  return takers;
}

/** Counts a request as skipped for each tap of a set. */
export function skipFor(takers: u32): void {
  for (let place: u32 = 0; place < MAX_TAPS; place++) if ((takers >> place) & 1) tapAt(place).skipped++;
}

function isWanted(tap: Tap, counter: u32, micros: u32): bool {
  if (micros < tap.minMicros) return false;
  const kind = counterKind(counter);
  if (tap.side && kindSide(kind) != tap.side) return false;
  if (tap.onlyFailed && kindOutcome(kind) < Outcome.SERVER_ERROR) return false;
  if (tap.hasStatus && !hasStatus(tap, counterStatus(counter))) return false;
  return !tap.method || endpointMethod(counterEndpoint(counter)) == tap.method;
}

function hasStatus(tap: Tap, status: u32): bool {
  return status >= tap.status && status <= tap.statusTo;
}

function hasPrefix(tap: Tap, bareSize: u32): bool {
  const prefix = changetype<usize>(tap) + PREFIX;
  return bareSize >= tap.prefixSize && memory.compare(barePathAt(), prefix, tap.prefixSize) == 0;
}
