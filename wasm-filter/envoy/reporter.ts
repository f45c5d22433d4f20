import { cutBatch, hasNews, windowIsCut } from "../core/batch";
import { makeRoom } from "../core/compact";
import { setCounterClock } from "../core/counters";
import { allowCopies } from "../core/exemplars";
import { MAX_WINDOW_MILLIS, TAP_TICK_MILLIS } from "../core/limits";
import { enqueue, nextSequence, room } from "../core/queue";
import { dropTapped } from "../core/tapped";
import { hasTaps } from "../core/taps";
import { renumberConnections } from "./connections";
import { abandonStream, allAcknowledged, closeStream, deliver, streamOwner } from "./delivery";
import { proxy_done, proxy_set_tick_period_milliseconds } from "./env";
import { tellTotals } from "./metrics";
import { findRoot, removeRoot, rootAt, rootCount, Root } from "./roots";
import { intervalMillis } from "./settings";
import { sendTapped } from "./tapping";
import { followConnections } from "./tcp";

/** How long the last root context waits for its last acknowledgement, and how often it looks. Milliseconds. */
const FAREWELL: u64 = 3000;
const FAREWELL_TICK: u32 = 100;
/** Who has the stream and has not ticked for so long, over its interval, is taken for gone. Milliseconds. */
const OWNER_SILENCE: u64 = 5000;

let windowStart: u64 = 0;
let ownerTicked: u64 = 0;
let farewellUntil: u64 = 0;

/** One root context's tick: cuts the window, and keeps the stream going where it is this context's to do so. */
export function tick(root: Root, nowMillis: u64): void {
  keepPace(root);
  if (farewellUntil) return sayFarewell(root, nowMillis);
  if (!mayReport(root, nowMillis)) return;
  ownerTicked = nowMillis;
  if (hasTaps()) {
    sendTapped(nowMillis);
    if (!isWindowDue(nowMillis)) return;
  }
  followConnections(root.id);
  cutWindow(nowMillis);
  deliver(root, nowMillis);
  tellTotals();
}

/** Sets how often a root context ticks, as things stand. */
export function keepPace(root: Root): void {
  if (farewellUntil) return setTick(root, FAREWELL_TICK);
  const isTapping = hasTaps() && streamOwner() == root.id;
  setTick(root, isTapping ? min(intervalMillis(), TAP_TICK_MILLIS) : intervalMillis());
}

/** Whether the window has its length, where a tick comes more often: within half a tick, which comes when it can. */
function isWindowDue(nowMillis: u64): bool {
  return nowMillis < windowStart || nowMillis - windowStart + TAP_TICK_MILLIS / 2 >= intervalMillis();
}

export function setTick(root: Root, millis: u32): void {
  if (root.tickMillis == millis) return;
  root.tickMillis = millis;
  proxy_set_tick_period_milliseconds(millis);
}

/** Only the owner of the stream, or while there is none the first root context, does the work of the VM. */
function mayReport(root: Root, nowMillis: u64): bool {
  const owner = streamOwner();
  if (owner == root.id) return true;
  const isSilent = nowMillis > ownerTicked + intervalMillis() + OWNER_SILENCE;
  if (!owner) return isSilent || rootAt(0).id == root.id;
  const isGone = isSilent || findRoot(owner) == null;
  if (isGone) abandonStream();
  return isGone;
}

/**
 * Turns what was counted into batches. While the queue has no room the window stays open and goes on counting: what
 * an outage costs is resolution.
 */
export function cutWindow(nowMillis: u64): void {
  setCounterClock(nowMillis);
  allowCopies();
  const began = windowStart && windowStart < nowMillis ? windowStart : nowMillis;
  const start = nowMillis - min(nowMillis - began, MAX_WINDOW_MILLIS);
  if (hasNews()) {
    do {
      const into = room();
      if (!into) return;
      enqueue(into, cutBatch(into, nextSequence(), start, nowMillis - start));
    } while (!windowIsCut());
  }
  windowStart = nowMillis;
  const renumbering = makeRoom(nowMillis);
  if (!renumbering) return;
  renumberConnections(renumbering);
  dropTapped();
}

/**
 * A root context is to go. What was counted is sent at once, since at a shutdown nothing follows. Where other root
 * contexts are left they open a stream of their own; the last one stays until all is acknowledged, or for a while.
 *
 * @returns whether it may go at once
 */
export function leave(root: Root, nowMillis: u64): bool {
  const isLast = rootCount() == 1;
  if (isLast || streamOwner() == root.id) {
    followConnections(root.id);
    cutWindow(nowMillis);
    deliver(root, nowMillis);
    tellTotals();
  }
  if (isLast && !allAcknowledged()) {
    farewellUntil = nowMillis + FAREWELL;
    setTick(root, FAREWELL_TICK);
    return false;
  }
  if (streamOwner() == root.id) closeStream(nowMillis);
  removeRoot(root.id);
  return true;
}

/** Each tick once the last root context was told to go. */
function sayFarewell(root: Root, nowMillis: u64): void {
  if (!farewellUntil) return;
  cutWindow(nowMillis);
  deliver(root, nowMillis);
  const hasTime = nowMillis < farewellUntil && farewellUntil - nowMillis <= FAREWELL;
  if (!allAcknowledged() && hasTime) return;
  farewellUntil = 0;
  closeStream(nowMillis);
  removeRoot(root.id);
  proxy_done();
}
