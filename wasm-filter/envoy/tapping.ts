import { MAX_TAPS } from "../core/limits";
import { Named } from "../core/named";
import { room } from "../core/queue";
import { nextTag, readAt, readFrom, readNumber, readSize, skip } from "../core/reader";
import { methodNumber } from "../core/strings";
import { clearTapped, dropTapped, dropTappedOf, hasTapped, placeForTapped, writeTapped } from "../core/tapped";
import { Tap, offer, openTap, passTime, setPrefix, startTap, tapAt } from "../core/taps";
import { hasStream, sendEnveloped } from "./delivery";
import { path } from "./headers";

/** Tags (field number << 3 | wire type) of Tap. */
const TAP_ID: u32 = 1 << 3;
const TAP_DURATION: u32 = 2 << 3;
const TAP_PER_SECOND: u32 = 3 << 3;
const TAP_SIDE: u32 = 4 << 3;
const TAP_METHOD: u32 = (5 << 3) | 2;
const TAP_PATH_PREFIX: u32 = (6 << 3) | 2;
const TAP_ONLY_FAILED: u32 = 7 << 3;
const TAP_MIN_DURATION: u32 = 8 << 3;
const TAP_STATUS: u32 = 9 << 3;
const TAP_HAS_STATUS: u32 = 10 << 3;
const TAP_STATUS_TO: u32 = 11 << 3;

/** Takes a Tap that can be read to its end; false where there is one too many, or no path could begin so. */
export function takeTap(at: usize, size: u32, nowMillis: u64): bool {
  const place = openTap(readId(at, size));
  if (place < 0) return false;
  dropTappedOf(place);
  const tap = tapAt(place);
  let duration: u32 = 0;
  let isGood = true;
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag == TAP_DURATION) duration = readNumber();
    else if (tag == TAP_PATH_PREFIX) isGood = readPrefix(tap) && isGood;
    else readField(tap, tag);
  }
  if (isGood) startTap(place, duration, nowMillis);
  return isGood;
}

function readId(at: usize, size: u32): u32 {
  let id: u32 = 0;
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag == TAP_ID) id = readNumber();
    else skip(tag);
  }
  return id;
}

function readPrefix(tap: Tap): bool {
  const length = readSize();
  return setPrefix(tap, readAt() - length, length);
}

function readField(tap: Tap, tag: u32): void {
  if (tag == TAP_PER_SECOND) tap.perSecond = readNumber();
  else if (tag == TAP_SIDE) tap.side = readNumber();
  else if (tag == TAP_METHOD) readMethod(tap);
  else if (tag == TAP_ONLY_FAILED) tap.onlyFailed = readNumber();
  else if (tag == TAP_MIN_DURATION) tap.minMicros = readNumber();
  else if (tag == TAP_STATUS) tap.status = readNumber();
  else if (tag == TAP_HAS_STATUS) tap.hasStatus = readNumber();
  else if (tag == TAP_STATUS_TO) tap.statusTo = readNumber();
  else skip(tag);
}

/** A method that is counted as "~other" asks for all that are. */
function readMethod(tap: Tap): void {
  const length = readSize();
  tap.method = length ? methodNumber(readAt() - length, length) : 0;
}

/** Offers the current request, which was just counted, to the taps; where to write it, null if none takes it. */
export function placeForTaps(counter: u32, micros: u32): Named | null {
  const takers = offer(counter, micros, path.at, path.size);
  return takers ? placeForTapped(counter, takers) : null;
}

/** Sends what taps took since the last tick, where there is a stream and room to write it, and lets time pass for them. */
export function sendTapped(nowMillis: u64): void {
  for (let place: u32 = 0; place < MAX_TAPS && hasStream(); place++) {
    if (!tapAt(place).leftMillis || !hasTapped(place)) continue;
    const into = room();
    if (!into) {
      dropTapped();
      break;
    }
    sendEnveloped(into, writeTapped(into, place, nowMillis), nowMillis);
  }
  clearTapped(nowMillis);
  passTime(nowMillis);
}
