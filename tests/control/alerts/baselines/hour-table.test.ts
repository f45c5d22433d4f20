import { test } from "uvu";
import * as assert from "uvu/assert";
import { AHEAD_HOURS, HourTable, Room } from "../../../../control/alerts/baselines/hour-table.ts";
import { LOOK_BACK_HOURS } from "../../../../control/alerts/baselines/usual.ts";
import { randomOf } from "../../world/random.ts";

test("hours come back good to a hundredth, as far back as is looked with as many read ahead", () => {
  const table = new HourTable(new Room());
  const random = randomOf(1);
  const kept: { readonly hour: number; readonly value: number }[] = [];
  for (let hour = 490_000; hour < 492_000; hour++) {
    table.begin(hour);
    const value = Math.floor(10 ** (random() * 9));
    if (random() < 0.1) continue;
    table.set(3, hour, value);
    kept.push({ hour, value });
  }
  const first = 492_000 - LOOK_BACK_HOURS - AHEAD_HOURS;
  for (const { hour, value } of kept.filter(({ hour }) => hour >= first)) {
    assert.ok(Math.abs(table.at(3, hour) - value) <= value / 128, `${value} is ${table.at(3, hour)}`);
  }
  assert.ok(Number.isNaN(table.at(3, 490_000)), "what has left it is not known");
  assert.ok(Number.isNaN(table.at(2, 491_999)), "nor is what was never told");
});

test("an hour of which nothing is known at all is another than one without requests", () => {
  const table = new HourTable(new Room());
  table.begin(100);
  table.set(0, 100, 0);
  table.begin(102);
  assert.is(table.at(0, 100), 0);
  assert.ok(Number.isNaN(table.at(0, 102)));
  assert.equal(
    [100, 101, 102].map((hour) => table.knows(hour)),
    [true, false, true],
  );
  table.begin(100 + 1_024);
  assert.is(table.knows(100), false);
  assert.ok(Number.isNaN(table.at(0, 100 + 1_024)), "the cell was emptied");
});

test("groups past the room of all tables are left out and counted", () => {
  const room = new Room();
  const [one, other] = [new HourTable(room), new HourTable(room)];
  one.begin(7);
  other.begin(7);
  for (let group = 0; group < 20_001; group++) for (const table of [one, other]) table.set(group, 7, 5);
  assert.is(room.skipped, 2);
  assert.is(one.at(19_999, 7), 5);
  assert.ok(Number.isNaN(other.at(20_000, 7)));
});

test.run();
