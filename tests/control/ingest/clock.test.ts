import { test } from "uvu";
import * as assert from "uvu/assert";
import { ClockOffset } from "../../../control/ingest/clock.ts";

const START = 1_800_000_000_000;

test("clocks that differ by less than a second are taken for equal", () => {
  const clock = new ClockOffset();
  assert.is(clock.offsetMs, 0);
  assert.is(clock.add(START, START + 999), 0);
  assert.is(clock.add(START + 2_500, START + 2_000), 0);
});

test("the fastest message of the last two minutes says the offset", () => {
  const clock = new ClockOffset();
  const behind = 60_000;
  assert.is(clock.add(START, START + behind + 3_000), behind + 3_000, "all that is known yet");
  assert.is(clock.add(START + 1_000, START + 1_000 + behind + 4), behind + 4);
  for (let second = 2; second < 100; second += 1) {
    const sent = START + second * 1_000;
    assert.is(clock.add(sent, sent + behind + 50 + second), behind + 4, "a slower message changes nothing");
  }
});

test("a reporter whose clock is ahead", () => {
  const clock = new ClockOffset();
  assert.is(clock.add(START + 3_600_000, START + 20), -3_599_980);
});

test("a clock that was set is followed at once, forwards and backwards", () => {
  const clock = new ClockOffset();
  clock.add(START, START + 10);
  const ahead = 3_600_000;
  assert.is(clock.add(START + 1_000 + ahead, START + 1_010), -ahead + 10);
  assert.is(clock.add(START + 2_000, START + 2_010), 0);
  assert.is(clock.add(START + 3_000 - ahead, START + 3_010), ahead + 10);
});

test("control's own clock that was set is followed within two minutes", () => {
  const clock = new ClockOffset();
  clock.add(START, START + 10);
  let last = 0;
  for (let second = 1; second <= 125; second += 1)
    last = clock.add(START + second * 1_000, START + second * 1_000 + 60_010);
  assert.is(last, 60_010);
});

test("keeps a bounded number of samples, whatever the receiving clock does", () => {
  const clock = new ClockOffset();
  for (let i = 0; i < 10_000; i += 1) clock.add(START, START + ((i * 7_919) % 1_000) * 11_000);
  assert.ok(Math.abs(clock.offsetMs) <= 11_000_000);
  assert.is(clock.add(START + 20_000_000, START + 20_000_005), 0, "old samples are gone");
});

test.run();
