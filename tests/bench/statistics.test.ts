import { test } from "uvu";
import * as assert from "uvu/assert";

import { difference, estimate, median, medianOf, quantile, ratioOf, sum } from "../../bench/statistics.ts";

/** Rounds with one value each. */
function each(values: readonly number[]): number[][] {
  return values.map((value) => [value]);
}

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
  assert.equal(difference([[5, 7], [9]], [[1, 2], [3]]), [[4, 5], [6]]);
  assert.equal(sum([[5, 7], [9]], [[1, 2], [3]]), [[6, 9], [12]]);
});

test("one value of a round counts for all that others have in it", () => {
  assert.equal(
    sum(
      [
        [5, 7, 9],
        [1, 1],
      ],
      [[10], [20]],
    ),
    [
      [15, 17, 19],
      [21, 21],
    ],
  );
  assert.ok(Number.isNaN(difference([[1]], [])[0]?.[0]), "what is missing is no zero");
});

test("values of one round stay together: many of them do not make up for few rounds", () => {
  const twoKinds = [Array<number>(50).fill(4), Array<number>(50).fill(6), Array<number>(50).fill(4)];
  const { low, high } = medianOf(twoKinds);
  assert.equal([low, high], [4, 6]);
});

test("the interval holds the value, is narrow for like rounds and wide for unlike ones", () => {
  const like = medianOf(each([5, 5.1, 4.9, 5, 5.05, 4.95, 5, 5.1, 4.9]));
  const unlike = medianOf(each([5, 9, 1, 5, 8, 2, 5, 7, 3]));
  for (const { value, low, high } of [like, unlike]) assert.ok(low <= value && value <= high);
  assert.is(like.value, 5);
  assert.ok(like.high - like.low <= 0.2);
  assert.ok(unlike.high - unlike.low >= 3);
  assert.equal(medianOf(each([4, 4, 4])), { value: 4, low: 4, high: 4 });
});

test("one outlier of nine moves neither the median nor its interval far", () => {
  const { value, high } = medianOf(each([5, 5, 5, 5, 500, 5, 5, 5, 5]));
  assert.is(value, 5);
  assert.is(high, 5);
});

test("a ratio is of medians, and what befalls both in a round befalls them together", () => {
  const load = [1, 3, 2, 5, 1, 4, 2, 3, 1];
  const { value, low, high } = ratioOf(each(load.map((n) => n * 3)), each(load.map((n) => n * 4)));
  assert.equal({ value, low, high }, { value: 0.75, low: 0.75, high: 0.75 });
  assert.is(ratioOf(each([1, 2, 30]), each([4, 4, 4])).value, 0.5);
});

test("the same rounds give the same interval in each run", () => {
  const values = [4, 8, 15, 16, 23, 42];
  assert.equal(medianOf(each(values)), medianOf(each(values)));
  const draws: number[] = [];
  estimate(4, (rounds) => draws.push(...rounds));
  assert.equal([...new Set(draws)].sort(), [0, 1, 2, 3], "every round is drawn, and none that there is not");
});

test.run();
