import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  BUCKET_COUNT,
  MAX_VALUE,
  addBuckets,
  bucketIndex,
  bucketLower,
  bucketMiddle,
  bucketUpper,
  bucketsOf,
  bucketsTotal,
  countAbove,
  mergeBuckets,
  quantile,
  quantileRank,
} from "../../../control/world/histogram.ts";
import { randomOf } from "./random.ts";

test("the buckets are those of the table in the docstring", () => {
  const known: [number, number][] = [
    [0, 0],
    [1, 1],
    [127, 127],
    [128, 128],
    [129, 128],
    [130, 129],
    [255, 191],
    [256, 192],
    [511, 255],
    [1_000_000, 13 * 64 + (1_000_000 >> 13)],
    [2 ** 31, 1664],
    [2 ** 32 - 1, 1727],
    [2 ** 32, 1728],
    [MAX_VALUE, 2367],
  ];
  for (const [value, index] of known) assert.is(bucketIndex(value), index, `index of ${value}`);
});

test("values outside the range are clamped, fractions cut", () => {
  assert.is(bucketIndex(-5), 0);
  assert.is(bucketIndex(NaN), 0);
  assert.is(bucketIndex(99.99), 99);
  assert.is(bucketIndex(Infinity), BUCKET_COUNT - 1);
  assert.is(bucketIndex(2 ** 42), BUCKET_COUNT - 1);
});

test("buckets cover every value once: each begins where the one before ends", () => {
  let expected = 0;
  for (let index = 0; index < BUCKET_COUNT; index++) {
    assert.is(bucketLower(index), expected, `lower bound of ${index}`);
    assert.is(bucketIndex(bucketLower(index)), index);
    assert.is(bucketIndex(bucketUpper(index)), index);
    expected = bucketUpper(index) + 1;
  }
  assert.is(expected, MAX_VALUE + 1);
});

test("the middle is within 1/128 of every value of its bucket", () => {
  for (let index = 1; index < BUCKET_COUNT; index++) {
    const worst = Math.abs(bucketMiddle(index) - bucketLower(index)) / bucketLower(index);
    assert.ok(worst <= 1 / 128, `bucket ${index}: ${worst}`);
  }
});

test("any quantile of any distribution is within 1 % of the sorted values'", () => {
  const random = randomOf(7);
  const shapes = [
    () => random() * 1_000,
    () => random() * MAX_VALUE,
    () => Math.exp(random() * 29),
    () => (random() < 0.95 ? 2_000 + random() * 300 : 5_000_000 + random() * 1_000),
    () => 42,
  ];
  for (const shape of shapes) {
    for (const size of [1, 2, 3, 10, 999, 5_000]) {
      const values = Array.from({ length: size }, () => Math.floor(shape())).sort((a, b) => a - b);
      const buckets = bucketsOf(values);
      for (const q of [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1]) {
        const exact = values[quantileRank(q, size) - 1]!;
        const answer = quantile(buckets, q)!;
        assert.ok(Math.abs(answer - exact) <= exact * 0.01, `q${q} of ${size}: ${answer} for ${exact}`);
      }
    }
  }
});

test("what lies above a limit is counted right to the bucket of the limit", () => {
  const values = [0, 10, 127, 128, 10_000, 10_100, 20_000, MAX_VALUE];
  const buckets = bucketsOf(values);
  for (const limit of [0, 10, 127, 10_000, 15_000, MAX_VALUE]) {
    const upper = bucketUpper(bucketIndex(limit));
    assert.is(countAbove(buckets, limit), values.filter((value) => value > upper).length, String(limit));
  }
  assert.is(countAbove([], 1), 0);
});

test("merging is addition: in any grouping, nothing lost", () => {
  const random = randomOf(11);
  for (let round = 0; round < 50; round++) {
    const parts = [0, 1, 2].map(() => Array.from({ length: Math.floor(random() * 40) }, () => Math.exp(random() * 20)));
    const [a, b, c] = parts.map(bucketsOf) as [number[], number[], number[]];
    const whole = bucketsOf(parts.flat());
    assert.equal(mergeBuckets(mergeBuckets(a, b), c), whole);
    assert.equal(mergeBuckets(a, mergeBuckets(c, b)), whole);
    assert.is(bucketsTotal(whole), parts.flat().length);
    const [own, before] = [[...a], [...b]];
    assert.equal(addBuckets(addBuckets(own, b), c), whole);
    assert.equal(b, before);
  }
  assert.equal(mergeBuckets([], []), []);
});

test("one that has all buckets of another is added to in place", () => {
  const own = [3, 1, 7, 2, 9, 1];
  assert.is(addBuckets(own, [3, 5, 9, 1]), own);
  assert.equal(own, [3, 6, 7, 2, 9, 2]);
  const kept = [...own];
  assert.equal(addBuckets(own, [3, 1, 8, 1]), [3, 7, 7, 2, 8, 1, 9, 2]);
  assert.equal(own, kept);
});

test("an empty histogram has no quantile", () => {
  assert.is(quantile([], 0.5), null);
});

test.run();
