import { Counter, counterAt } from "./counters";
import { BUSY_REQUESTS, COPIES_A_WINDOW, MAX_EXEMPLARS, MAX_ORDINARY_EXEMPLARS, MAX_SLOW_EXEMPLARS } from "./limits";
import { Loss, lose } from "./losses";
import { NAMED_BYTES, Named, Reason, writeNamed } from "./named";

/**
 * The requests of the current window that are kept by name: of each counter the slowest, and, of one that counts
 * failures, the first. (An endpoint and a peer have a counter for each status, so that each kind of failure has an
 * example of its own.)
 *
 * What that costs is bounded twice over. Of a busy counter only those are looked at that come near its slowest of late,
 * so that a window's first requests are not copied one after the other; and copies a window are limited. A request that
 * is neither costs one comparison.
 *
 *     places   Named x MAX_EXEMPLARS; those of a counter are linked (place + 1), and so are the free ones
 */
const places = memory.data(18432, 8);
let used: u32 = 0;
/** Places that were in use at some time, and the first of those that are free again. */
let touched: u32 = 0;
let firstFree: u32 = 0;
let copiesLeft: u32 = COPIES_A_WINDOW;
let isOn: bool = true;

/** Whether requests are kept by name at all. */
export function setExemplars(on: bool): void {
  isOn = on;
}

/** Lets a new window copy as many again. */
export function allowCopies(): void {
  copiesLeft = COPIES_A_WINDOW;
}

/** Whether the request that a counter has just counted may be worth a name: the only question most requests cost. */
export function isExemplary(counter: u32, isFailed: bool, micros: u32): bool {
  return micros > counterAt(counter).slowest || (isFailed && counterAt(counter).count == 1);
}

/**
 * Where to write a request that `isExemplary`, null where there is no room for it: a loss where it failed, was far slower
 * than usual, or leaves another standing as the slowest.
 */
export function placeFor(number: u32, isFailed: bool, micros: u32): Named | null {
  const counter = counterAt(number);
  const isFirstFailed = isFailed && counter.count == 1;
  const isOutlier = counter.usual != 0 && micros / 2 > counter.usual;
  counter.slowest = max(counter.slowest, micros);
  if (!isOn) return null;
  let place: Named | null = null;
  if (isFirstFailed) {
    place = addPlace(counter, MAX_EXEMPLARS, Reason.FAILED);
  } else if (copiesLeft) {
    place = slowestOf(counter);
    if (!place) place = addPlace(counter, isOutlier ? MAX_SLOW_EXEMPLARS : MAX_ORDINARY_EXEMPLARS, Reason.SLOWEST);
    if (place) copiesLeft--;
  }
  if (place) place.counter = <u16>number;
  else if (isFirstFailed || isOutlier || slowestOf(counter)) lose(Loss.EXEMPLARS_CUT);
  return place;
}

function slowestOf(counter: Counter): Named | null {
  for (let next: u32 = counter.exemplars; next; next = placeAt(next - 1).link) {
    if (placeAt(next - 1).reason == Reason.SLOWEST) return placeAt(next - 1);
  }
  return null;
}

/** A new place of a counter, null where `most` are in use. */
function addPlace(counter: Counter, most: u32, reason: u8): Named | null {
  if (used >= most) return null;
  used++;
  const number = firstFree ? firstFree - 1 : touched++;
  const place = placeAt(number);
  if (firstFree) firstFree = place.link;
  place.link = counter.exemplars;
  place.reason = reason;
  counter.exemplars = <u16>(number + 1);
  return place;
}

/**
 * Writes the requests of a counter as exemplars of the batch, and lets its next window begin: from a quarter below its
 * slowest of late, where it is busy.
 */
export function cutExemplars(field: u32, counter: Counter, counterIndex: u32): void {
  while (counter.exemplars) {
    const number: u32 = counter.exemplars - 1;
    const place = placeAt(number);
    if (isOn) writeNamed(field, place, counterIndex);
    counter.exemplars = place.link;
    place.link = <u16>firstFree;
    firstFree = number + 1;
    used--;
  }
  counter.usual = max(counter.usual - counter.usual / 4, counter.slowest);
  counter.slowest = counter.count > BUSY_REQUESTS ? counter.usual - counter.usual / 4 : 0;
}

function placeAt(number: u32): Named {
  return changetype<Named>(places + <usize>number * NAMED_BYTES);
}
