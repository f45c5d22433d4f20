/** The rows that the benchmark of questions stores: the same each time, and each resolution of them says the same. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { END_MS, WINDOWS_FROM_MS, historyOf, keptFromMs } from "../../bench/query/history.ts";
import type { Slot } from "../../bench/query/history.ts";
import { meshOf } from "../../bench/query/mesh.ts";
import { shapeAt } from "../../bench/query/traffic.ts";
import { windowsOf } from "../../bench/query/windows.ts";

const COUNTERS = 60;
const HOUR_MS = 3_600_000;

/** Requests and timed values of the slots of a level within a range. */
function sumsOf(slots: readonly Slot[], level: number, [fromMs, toMs]: readonly [number, number]): number[] {
  const sums = [0, 0];
  for (const slot of slots) {
    if (slot.level !== level || slot.startMs < fromMs || slot.startMs >= toMs) continue;
    for (const { count, buckets } of slot.counted) {
      sums[0]! += count;
      for (let at = 1; at < buckets.length; at += 2) sums[1]! += buckets[at]!;
    }
  }
  return sums;
}

test("coarser slots are what the finer ones come to, and a year of hours is there", () => {
  const slots = [...historyOf(meshOf(COUNTERS), 5)];
  const lastHour = [WINDOWS_FROM_MS, WINDOWS_FROM_MS + HOUR_MS] as const;
  const expected = sumsOf(slots, 0, lastHour);
  assert.ok(expected[0]! > 0);
  assert.is(expected[0], expected[1], "each request is timed");
  for (const level of [1, 2, 3]) assert.equal(sumsOf(slots, level, lastHour), expected);
  const month = [keptFromMs(2), WINDOWS_FROM_MS] as const;
  assert.equal(sumsOf(slots, 3, month), sumsOf(slots, 2, month));
  const hours = slots.filter(({ level }) => level === 3);
  assert.is(hours.length, Math.floor((END_MS - keptFromMs(3)) / HOUR_MS));
  const again = historyOf(meshOf(COUNTERS), 5);
  for (const slot of slots.slice(0, 50)) assert.equal(again.next().value, slot);
});

test("each window is that of one reporter, with the identities that it names", () => {
  const mesh = meshOf(COUNTERS);
  const counted = mesh.map((_, counter) => ({ counter, count: 2, buckets: [640, 2] }));
  const windows = windowsOf({ level: 0, startMs: END_MS, counted }, mesh);
  assert.is(windows.flatMap(({ observations }) => observations).length, mesh.length);
  for (const { reporter, observations, nodes } of windows) {
    for (const { side, client, server } of observations) {
      assert.is(reporter, side === "destination" ? server : client);
      for (const end of [client, server]) assert.ok(nodes.some(({ id }) => id === end));
    }
  }
});

test("load has its peak in office hours", () => {
  const wednesday = Date.UTC(2025, 5, 4);
  assert.ok(shapeAt(wednesday + 13 * HOUR_MS) > 0.9);
  assert.ok(shapeAt(wednesday + 3 * HOUR_MS) < 0.05);
  assert.ok(shapeAt(wednesday + 4 * 24 * HOUR_MS + 13 * HOUR_MS) < 0.2, "on a Sunday");
});

test.run();
