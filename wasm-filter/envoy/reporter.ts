import { cutBatch, hasNews, windowIsCut } from "../core/batch";
import { makeRoom } from "../core/compact";
import { setCounterClock } from "../core/counters";
import { allowCopies } from "../core/exemplars";
import { MAX_WINDOW_MILLIS, TAP_TICK_MILLIS } from "../core/limits";
import { enqueue, nextSequence, room } from "../core/queue";
import { dropTapped } from "../core/tapped";
import { hasTaps } from "../core/taps";
import { renumberConnections } from "./connections";
import { abandonStream, allAcknowledged, closeStream, deliver, deliverLast, streamOwner } from "./delivery";
import { ageDownstreams, forgetDownstreams } from "./downstream";
import { proxy_done, proxy_set_tick_period_milliseconds } from "./env";
import { tellTotals } from "./metrics";
import { findRoot, removeRoot, rootAt, rootCount, Root } from "./roots";
import { intervalMillis } from "./settings";
import { sendTapped } from "./tapping";
import { followConnections } from "./tcp";

/** How long the owner of the stream waits for its last acknowledgement, and how often it looks. Milliseconds. */
const FAREWELL: u64 = 3000;
const FAREWELL_TICK: u32 = 100;
/** Who has the stream and has not ticked for so long, over its interval, is taken for gone. Milliseconds. */
const OWNER_SILENCE: u64 = 5000;

let windowStart: u64 = 0;
let ownerTicked: u64 = 0;
/** The root context that was told to go and waits, and until when. */
let leaving: u32 = 0;
let farewellUntil: u64 = 0;

/** One root context's tick: cuts the window, and keeps the stream going where it is this context's to do so. */
export function tick(root: Root, nowMillis: u64): void {
  keepPace(root);
  if (root.id == leaving) return sayFarewell(root, nowMillis);
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
  if (root.id == leaving) return setTick(root, FAREWELL_TICK);
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

/**
 * Only the owner of the stream, or while there is none the first root context, does the work of the VM; another one where
 * that one does not tick.
 */
function mayReport(root: Root, nowMillis: u64): bool {
  const owner = streamOwner();
  if (owner == root.id) return true;
  const patience = owner ? OWNER_SILENCE : 0;
  const isSilent = nowMillis > ownerTicked + intervalMillis() + patience;
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
  ageDownstreams(nowMillis);
  const renumbering = makeRoom(nowMillis);
  if (!renumbering) return;
  forgetDownstreams();
  renumberConnections(renumbering);
  dropTapped();
}

/**
 * A root context is to go. What was counted is sent at once, with a Farewell, since at a shutdown nothing follows and
 * nobody waits. Where the VM lives on, the owner of the stream stays until all is acknowledged, or for a while; then
 * the others open a stream of their own. Envoy takes a VM away with its last root context, whatever that one answers.
 *
 * @returns whether it may go at once
 */
export function leave(root: Root, nowMillis: u64): bool {
  const isLast = rootCount() == (leaving ? 2 : 1);
  if (isLast || !streamOwner() || streamOwner() == root.id) {
    followConnections(root.id);
    cutWindow(nowMillis);
    if (isLast || !allAcknowledged() || streamOwner()) deliverLast(root, nowMillis);
    tellTotals();
  }
  if (mayGo(root)) return depart(root, nowMillis);
  leaving = root.id;
  farewellUntil = nowMillis + FAREWELL;
  setTick(root, FAREWELL_TICK);
  return false;
}

/** Whether nothing that is not acknowledged goes with a root context. */
function mayGo(root: Root): bool {
  return allAcknowledged() || (streamOwner() != root.id && rootCount() > 1);
}

function depart(root: Root, nowMillis: u64): bool {
  if (streamOwner() == root.id) closeStream(nowMillis);
  removeRoot(root.id);
  return true;
}

/** Each tick of a root context that was told to go and still has the stream. */
function sayFarewell(root: Root, nowMillis: u64): void {
  if (rootCount() == 1) cutWindow(nowMillis);
  ownerTicked = nowMillis;
  deliver(root, nowMillis);
  const hasTime = nowMillis < farewellUntil && farewellUntil - nowMillis <= FAREWELL;
  if (!mayGo(root) && hasTime) return;
  leaving = 0;
  depart(root, nowMillis);
  proxy_done();
}
