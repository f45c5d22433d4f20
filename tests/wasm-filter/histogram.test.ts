import { test } from "uvu";
import * as assert from "uvu/assert";

import { BUCKET_COUNT, bucketIndex, bucketMiddle, bucketsOf, quantile } from "../../control/world/histogram.ts";
import { Sidecar, bucketPairs } from "./sidecar.ts";

/** The buckets that the filter counts these durations in, as flat (index, count) pairs. */
function filterBuckets(values: readonly number[]): number[] {
  const sidecar = new Sidecar({ side: "inbound" });
  for (const micros of values) sidecar.request({ micros });
  sidecar.tick();
  const counters = sidecar.collect().flatMap((batch) => batch.counters);
  assert.is(counters.length, 1);
  return bucketPairs(counters[0]!.buckets).flat();
}

test("every bucket edge lies where control's histogram has it", () => {
  const values: number[] = [];
  for (let micros = 0; micros < 300; micros++) values.push(micros);
  for (let bits = 8; bits <= 32; bits++) {
    for (let step = 0; step < 64; step++) {
      const edge = 2 ** (bits - 1) + step * 2 ** (bits - 7);
      values.push(Math.min(edge, 2 ** 32 - 1), edge - 1);
    }
  }
  values.push(2 ** 32 - 1);
  assert.equal(filterBuckets(values), bucketsOf(values));
});

test("100,000 random durations fall into control's buckets", () => {
  let seed = 42;
  const random = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const values = Array.from({ length: 100_000 }, () => Math.floor(2 ** (random() * 32)));
  const buckets = filterBuckets(values);
  assert.equal(buckets, bucketsOf(values));

  const sorted = values.toSorted((a, b) => a - b);
  for (const q of [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999]) {
    const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
    const error = Math.abs(quantile(buckets, q)! - exact) / Math.max(1, exact);
    assert.ok(error <= 0.01, `p${q * 100} is off by ${error * 100} %`);
  }
});

test("a bucket's middle is within 1 % of every value in it", () => {
  for (let value = 1; value < 2 ** 32; value = Math.ceil(value * 1.0007)) {
    const index = bucketIndex(value);
    assert.ok(index < BUCKET_COUNT);
    assert.ok(Math.abs(bucketMiddle(index) - value) <= value * 0.01, `${value} us`);
  }
});

test("a duration that no bucket holds is counted in the last one, a negative one as missing", () => {
  assert.equal(filterBuckets([2 ** 40]), [BUCKET_COUNT - 1, 1]);
  const sidecar = new Sidecar({ side: "inbound" });
  sidecar.request({ micros: -5 });
  sidecar.settle();
  assert.equal([...sidecar.totals.values()][0]!.buckets.size, 0);
  assert.equal(sidecar.losses, { 4: 1 });
});

test.run();
