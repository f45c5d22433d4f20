import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Gathering } from "../../control/gathering.ts";
import type { NamedEntry } from "../../control/window-queue.ts";
import { World } from "../../control/world/world.ts";
import { START_MS, timed, windowOf } from "./world/fixtures.ts";

const test = suite("gathering");

/** What so many pods of one workload say of the same second. */
function entries(count: number, after = 0): NamedEntry[] {
  return Array.from({ length: count }, (_, at) => ({
    cursor: after + at + 1,
    window: windowOf([timed(2, 3)], { instance: `i-${after + at}` }),
    revision: 1,
  }));
}

function addAll(gathering: Gathering, all: readonly NamedEntry[], nowMs: number): void {
  for (const entry of all) gathering.add(entry, nowMs);
}

test("few are given on at once", () => {
  const gathering = new Gathering(0);
  for (let second = 0; second < 5; second++) {
    addAll(gathering, entries(900, second * 900), START_MS + second * 1_000);
    assert.is(gathering.waitMs(START_MS + second * 1_000), 0);
    assert.is(gathering.take().end, (second + 1) * 900);
  }
});

test("many wait for each other, a quarter of a second at most, and as long as there is room", () => {
  const gathering = new Gathering(0);
  addAll(gathering, entries(1_500), START_MS);
  gathering.take();
  addAll(gathering, entries(1_500, 1_500), START_MS + 1_000);
  gathering.take();
  addAll(gathering, entries(10, 3_000), START_MS + 1_500);
  assert.is(gathering.waitMs(START_MS + 1_500), 250);
  addAll(gathering, entries(10, 3_010), START_MS + 1_600);
  assert.is(gathering.waitMs(START_MS + 1_600), 150);
  assert.is(gathering.waitMs(START_MS + 1_750), 0);
  assert.is(gathering.waitMs(START_MS), 250, "a clock that was set back holds nothing up for longer");
  addAll(gathering, entries(2_000, 3_020), START_MS + 1_610);
  assert.is(gathering.waitMs(START_MS + 1_610), 0, "there is no more room");
  assert.is(gathering.take().end, 5_020);
  assert.ok(gathering.isEmpty);
});

test("given together they make the world that each by itself makes, of as many reporters", () => {
  const gathering = new Gathering(0);
  const all = entries(40);
  addAll(gathering, all, START_MS);
  const windows = gathering.take().windows();
  assert.is(windows.filter(({ observations }) => observations.length > 0).length, 1, "they say the same");
  const [together, alone] = [new World(), new World()];
  for (const window of windows) together.add(window);
  for (const { window } of all) alone.add(window!);
  const later = START_MS + 32_000;
  assert.equal(together.snapshot(later), alone.snapshot(later));
});

test("an entry that could not be read is passed", () => {
  const gathering = new Gathering(7);
  gathering.add({ cursor: 8, window: undefined, revision: 1 }, START_MS);
  assert.not(gathering.isEmpty);
  const group = gathering.take();
  assert.equal([group.startsAfter, group.end, group.windows()], [7, 8, []]);
});

test.run();
