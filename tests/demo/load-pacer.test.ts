import { test } from "uvu";
import * as assert from "uvu/assert";
import { Pacer } from "../../demo/load/pacer.ts";

/** Everything that falls due from `fromMs` to `toMs`, asked for each `stepMs`. */
function sum(pacer: Pacer, { fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number }) {
  let due = 0;
  let missed = 0;
  for (let now = fromMs; now <= toMs; now += stepMs) {
    const taken = pacer.take(now);
    due += taken.due;
    missed += taken.missed;
  }
  return { due, missed };
}

test("the rate is kept exactly, whatever the tick", () => {
  for (const stepMs of [1, 5, 7, 50, 1_000]) {
    const toMs = 70_000;
    assert.equal(sum(new Pacer(40, 0), { fromMs: stepMs, toMs, stepMs }), { due: 2_800, missed: 0 }, `step ${stepMs}`);
  }
});

test("fractions of a request add up", () => {
  assert.is(sum(new Pacer(0.5, 0), { fromMs: 5, toMs: 10_000, stepMs: 5 }).due, 5);
});

test("a spike multiplies the rate and ends by itself, also within a tick", () => {
  const pacer = new Pacer(10, 0);
  pacer.spike(5, 2, 1_000);
  assert.is(pacer.rateAt(1_500), 50);
  assert.is(pacer.rateAt(3_000), 10);
  // 1 s at 10, 2 s at 50, 1 s at 10.
  assert.is(sum(pacer, { fromMs: 800, toMs: 4_000, stepMs: 800 }).due, 120);
});

test("a new rate holds from its moment on", () => {
  const pacer = new Pacer(10, 0);
  pacer.setRate(100, 500);
  assert.is(pacer.take(1_000).due, 5 + 50);
  pacer.setRate(0, 1_000);
  assert.equal(pacer.take(1_900), { due: 0, missed: 0 });
});

test("a stall is made up for by one second at most, and the rest is said", () => {
  const pacer = new Pacer(40, 0);
  assert.equal(pacer.take(5_000), { due: 40, missed: 160 });
  assert.equal(pacer.take(5_500), { due: 20, missed: 0 });
});

test("a clock that stands still owes nothing", () => {
  const pacer = new Pacer(1_000, 100);
  assert.is(pacer.take(100).due, 0);
  assert.is(pacer.take(50).due, 0);
  assert.is(pacer.take(101).due, 1);
});

test.run();
