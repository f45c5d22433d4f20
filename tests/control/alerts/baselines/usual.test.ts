import { test } from "uvu";
import * as assert from "uvu/assert";
import { dayName, hourOf, timeName } from "../../../../control/alerts/baselines/hours.ts";
import { LOOK_BACK_HOURS, usualAt } from "../../../../control/alerts/baselines/usual.ts";
import { randomOf } from "../../world/random.ts";

const DAY = 24;
const WEEK = 7 * DAY;
/** A Monday, 10:00. */
const HOUR = hourOf(Date.UTC(2026, 1, 9, 10));

/** Only these, by how many hours ago. */
function ago(values: Readonly<Record<number, number>>): (hour: number) => number {
  return (hour) => values[HOUR - hour] ?? NaN;
}

test("hours are those of UTC, through the nights in which clocks are changed too", () => {
  assert.is(`${dayName(HOUR)} ${timeName(HOUR)}`, "Monday 10:00");
  const spring = hourOf(Date.UTC(2026, 2, 29, 2));
  assert.is(`${dayName(spring + WEEK)} ${timeName(spring + WEEK)}`, "Sunday 02:00");
});

test("the same hour of weeks is the median and, as a standard deviation, the median distance from it", () => {
  const weeks = ago({ [WEEK]: 90, [2 * WEEK]: 100, [3 * WEEK]: 80, [4 * WEEK]: 96, [5 * WEEK]: 90 });
  assert.equal(usualAt(HOUR, weeks), { value: 90, spread: 1.4826 * 6, basis: "weeks", samples: 5 });
  const even = ago({ [WEEK]: 90, [2 * WEEK]: 100, [3 * WEEK]: 80, [4 * WEEK]: 96 });
  assert.equal(usualAt(HOUR, even), { value: 93, spread: 1.4826 * 5, basis: "weeks", samples: 4 });
});

test("two outages among five weeks do not become usual", () => {
  const usual = usualAt(
    HOUR,
    ago({ [WEEK]: 9_000, [2 * WEEK]: 92, [3 * WEEK]: 9_000, [4 * WEEK]: 90, [5 * WEEK]: 91 }),
  );
  assert.is(usual?.value, 92);
});

test("with two weeks it is the hour of other days, with two days all hours of a day at least, and below that nothing", () => {
  const twoWeeks = { [WEEK]: 500, [2 * WEEK]: 500 };
  const days = usualAt(HOUR, ago({ ...twoWeeks, [DAY]: 10, [2 * DAY]: 12, [3 * DAY]: 11 }));
  assert.is(days?.basis, "days");
  assert.is(days?.samples, 5);
  assert.is(days?.value, 12);
  const hours = (count: number): Record<number, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [at + 2, at + 1]));
  assert.equal(usualAt(HOUR, ago(hours(24)))?.basis, "hours");
  assert.is(usualAt(HOUR, ago(hours(24)))?.value, 12.5);
  assert.is(usualAt(HOUR, ago(hours(23))), undefined);
});

test("only hours before the last one are looked at, and none older than five weeks", () => {
  const asked: number[] = [];
  usualAt(HOUR, (hour) => (asked.push(hour), NaN));
  assert.is(Math.max(...asked), HOUR - 2);
  assert.is(Math.min(...asked), HOUR - LOOK_BACK_HOURS);
});

test("whatever a minority of hours was, what is usual lies among the others, and moves with the unit", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomOf(seed);
    const good = Array.from({ length: 5 }, () => 50 + random() * 50);
    const spoilt = good.map((value, at) => (at < 2 ? (random() < 0.5 ? 0 : 1e6) : value));
    const of = (values: readonly number[]) =>
      usualAt(HOUR, ago(Object.fromEntries(values.map((value, at) => [(at + 1) * WEEK, value]))))!;
    const { value } = of(spoilt);
    const rest = good.slice(2);
    assert.ok(value >= Math.min(...rest) && value <= Math.max(...rest), `seed ${seed}: ${value}`);
    const scaled = of(good.map((each) => each * 8));
    assert.is(scaled.value, of(good).value * 8);
    assert.ok(Math.abs(scaled.spread - of(good).spread * 8) < 1e-9);
  }
});

test.run();
