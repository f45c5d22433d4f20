import { test } from "uvu";
import * as assert from "uvu/assert";

import { difference, estimate, median, medianOf, quantile, ratioOf, sum } from "../../bench/statistics.ts";

test("medians, of odd and even numbers of values, whatever their order", () => {
  assert.is(median([9, 1, 5]), 5);
  assert.is(median([10, 1, 2, 4]), 3);
  assert.is(median([7]), 7);
  assert.ok(Number.isNaN(median([])));
});

test("quantiles by rank, of numbers and not of their texts", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.is(quantile(values, 0.99), 99);
  assert.is(quantile(values, 0.5), 50);
  assert.is(quantile([2, 10, 1], 1), 10);
  assert.is(quantile([2, 10, 1], 0), 1);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test("values are left as they came", () => {
  const values = [3, 1, 2];
  median(values);
  quantile(values, 0.5);
  assert.equal(values, [3, 1, 2]);
});

test("rounds are subtracted and added one by one", () => {
  assert.equal(difference([5, 7, 9], [1, 2, 3]), [4, 5, 6]);
  assert.equal(sum([5, 7, 9], [1, 2, 3]), [6, 9, 12]);
});

test("the interval holds the value, is narrow for like rounds and wide for unlike ones", () => {
  const like = medianOf([5, 5.1, 4.9, 5, 5.05, 4.95, 5, 5.1, 4.9]);
  const unlike = medianOf([5, 9, 1, 5, 8, 2, 5, 7, 3]);
  for (const { value, low, high } of [like, unlike]) assert.ok(low <= value && value <= high);
  assert.is(like.value, 5);
  assert.ok(like.high - like.low <= 0.2);
  assert.ok(unlike.high - unlike.low >= 3);
  assert.equal(medianOf([4, 4, 4]), { value: 4, low: 4, high: 4 });
});

test("one outlier of nine moves neither the median nor its interval far", () => {
  const { value, high } = medianOf([5, 5, 5, 5, 500, 5, 5, 5, 5]);
  assert.is(value, 5);
  assert.is(high, 5);
});

test("a ratio is of medians, and what befalls both in a round befalls them together", () => {
  const load = [1, 3, 2, 5, 1, 4, 2, 3, 1];
  const { value, low, high } = ratioOf(
    load.map((n) => n * 3),
    load.map((n) => n * 4),
  );
  assert.equal({ value, low, high }, { value: 0.75, low: 0.75, high: 0.75 });
  assert.is(ratioOf([1, 2, 30], [4, 4, 4]).value, 0.5);
});

test("the same rounds give the same interval in each run", () => {
  const values = [4, 8, 15, 16, 23, 42];
  assert.equal(medianOf(values), medianOf(values));
  const draws: number[] = [];
  estimate(4, (rounds) => draws.push(...rounds));
  assert.equal([...new Set(draws)].sort(), [0, 1, 2, 3], "every round is drawn, and none that there is not");
});

test.run();
