import { test } from "uvu";
import * as assert from "uvu/assert";
import { MeasureSums, grainOf } from "../../../../control/alerts/counting/rings.ts";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import { START_MS } from "../../world/fixtures.ts";
import { randomOf } from "../../world/random.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const GROUPS = 5;

interface Added {
  readonly group: number;
  readonly atMs: number;
  readonly count: number;
}

/** By its definition: all that was added, and lies between the window's begin, on a whole cell, and its end. */
function naive(
  added: readonly Added[],
  group: number,
  { lengthMs, endMs }: { lengthMs: number; endMs: number },
): number {
  const grainMs = grainOf(lengthMs);
  const begin = Math.floor((endMs - lengthMs) / grainMs) * grainMs;
  const inside = added.filter((each) => each.group === group && each.atMs >= begin && each.atMs < endMs);
  return inside.reduce((sum, { count }) => sum + count, 0);
}

function check(
  sums: MeasureSums,
  added: readonly Added[],
  of: { lengths: readonly number[]; endMs: number; what: string },
) {
  sums.fit(GROUPS);
  for (const lengthMs of of.lengths) {
    for (let group = 0; group < GROUPS; group++) {
      const expected = naive(added, group, { lengthMs, endMs: of.endMs });
      assert.is(sums.window(lengthMs).sums[group], expected, `${of.what}: ${lengthMs} ms, group ${group}`);
    }
  }
}

test("windows of all grains hold what lies in them: in order, late, ahead, and taken back", () => {
  const lengths = [MINUTE_MS, 5 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS];
  for (let seed = 1; seed <= 6; seed++) {
    const random = randomOf(seed);
    const sums = new MeasureSums(lengths);
    let endMs = Math.floor(START_MS / SLOT_MS) * SLOT_MS;
    sums.advance(endMs);
    const added: Added[] = [];
    for (let tick = 0; tick < 900; tick++) {
      for (let at = 0; at < 3; at++) {
        const lateMs = random() < 0.2 ? random() * 50 * MINUTE_MS : random() * 20_000 - 40_000;
        const one = {
          group: Math.floor(random() * GROUPS),
          atMs: Math.floor(endMs - lateMs),
          count: Math.floor(random() * 9),
        };
        added.push(one);
        sums.add(one.group, one.atMs, one.count);
        // A view of it that is shown no longer.
        if (random() < 0.1) {
          added.push({ ...one, count: -one.count });
          sums.add(one.group, one.atMs, -one.count);
        }
      }
      endMs += SLOT_MS;
      sums.advance(endMs);
      if (tick % 23 === 0) check(sums, added, { lengths, endMs, what: `seed ${seed}, tick ${tick}` });
    }
  }
});

test("windows of hours and days move by whole hours, and lose nothing of what they hold", () => {
  const lengths = [72 * HOUR_MS, 30 * 24 * HOUR_MS];
  const random = randomOf(7);
  const sums = new MeasureSums(lengths);
  let endMs = Math.floor(START_MS / SLOT_MS) * SLOT_MS;
  sums.advance(endMs);
  const added: Added[] = [];
  for (let hour = 1; hour <= 31 * 24; hour++) {
    const one = { group: hour % GROUPS, atMs: endMs - hour * HOUR_MS, count: 1 + Math.floor(random() * 1_000) };
    added.push(one);
    sums.load(HOUR_MS, one);
  }
  for (let tick = 0; tick < 2 * 360; tick++) {
    const one = { group: Math.floor(random() * GROUPS), atMs: endMs, count: 1 };
    added.push(one);
    sums.add(one.group, one.atMs, one.count);
    endMs += SLOT_MS;
    sums.advance(endMs);
    if (tick % 90 === 0) check(sums, added, { lengths, endMs, what: `tick ${tick}` });
  }
});

test("what is loaded into cells of one length is in the windows that are made of them, and in no other", () => {
  const sums = new MeasureSums([MINUTE_MS, 2 * HOUR_MS]);
  const endMs = Math.floor(START_MS / HOUR_MS) * HOUR_MS;
  sums.advance(endMs);
  sums.load(MINUTE_MS, { group: 0, atMs: endMs - MINUTE_MS, count: 7 });
  sums.load(SLOT_MS, { group: 0, atMs: endMs - SLOT_MS, count: 2 });
  sums.fit(1);
  assert.is(sums.window(MINUTE_MS).sums[0], 2);
  assert.is(sums.window(2 * HOUR_MS).sums[0], 7);
  assert.throws(() => sums.window(HOUR_MS), /no window of 3600000 ms/);
});

test("what lies before all windows or too far ahead is left out, and does no harm when it is taken back", () => {
  const sums = new MeasureSums([MINUTE_MS]);
  let endMs = Math.floor(START_MS / SLOT_MS) * SLOT_MS;
  sums.advance(endMs);
  for (const atMs of [endMs - HOUR_MS, endMs + HOUR_MS]) {
    sums.add(0, atMs, 5);
    sums.add(0, atMs, -5);
  }
  for (let tick = 0; tick < 2 * 360; tick++) {
    endMs += SLOT_MS;
    sums.advance(endMs);
    sums.fit(1);
    assert.is(sums.window(MINUTE_MS).sums[0], 0);
  }
});

test.run();
