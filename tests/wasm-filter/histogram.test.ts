import { test } from "uvu";
import * as assert from "uvu/assert";

import { BUCKET_COUNT, bucketIndex, bucketMiddle, bucketsOf, quantile } from "../../control/world/histogram.ts";
import { Sidecar, bucketPairs, int64 } from "./sidecar.ts";

/** The buckets that the filter counts requests of these durations in, as flat (index, count) pairs. */
function filterBuckets(values: readonly number[]): number[] {
  const sidecar = new Sidecar({ side: "inbound" });
  for (const micros of values) sidecar.request({ micros });
  sidecar.tick();
  const counters = sidecar.collect().flatMap((batch) => batch.counters);
  assert.is(counters.length, 1);
  return bucketPairs(counters[0]!.buckets).flat();
}

/** The same for connections that lived so long, in microseconds. */
function connectionBuckets(values: readonly number[]): number[] {
  const sidecar = new Sidecar({ kind: "tcp", side: "outbound" });
  const now = BigInt(sidecar.host.nowMs) * 1_000_000n;
  values.forEach((micros, i) => {
    const attributes = new Map([["request.time", int64(now - BigInt(micros) * 1000n)]]);
    const context = { attributes: attributes.set("xds.cluster_name", Buffer.from("orders-db")) };
    sidecar.host.connect(10 + i, context);
    sidecar.host.log(10 + i, context);
  });
  sidecar.tick();
  const counters = sidecar.collect().flatMap((batch) => batch.counters);
  assert.is(counters.length, 1);
  return bucketPairs(counters[0]!.buckets).flat();
}

test("every bucket edge of long-lived connections lies where control's histogram has it", () => {
  const values: number[] = [];
  for (let bits = 20; bits <= 42; bits++) {
    for (let step = 0; step < 64; step++) {
      const edge = 2 ** (bits - 1) + step * 2 ** (bits - 7);
      values.push(edge, edge - 1);
    }
  }
  values.push(2 ** 42 - 1, 2 ** 42, 2 ** 43);
  assert.equal(connectionBuckets(values), bucketsOf(values));
  assert.equal(
    connectionBuckets([12 * 3600 * 1e6]),
    [bucketIndex(12 * 3600 * 1e6), 1],
    "twelve hours are no 71 minutes",
  );
});

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
  for (let value = 1; value < 2 ** 42; value = Math.ceil(value * 1.0007)) {
    const index = bucketIndex(value);
    assert.ok(index < BUCKET_COUNT);
    assert.ok(Math.abs(bucketMiddle(index) - value) <= value * 0.01, `${value} us`);
  }
});

test("a request longer than 71 minutes is counted as that long, a negative duration as missing", () => {
  assert.equal(filterBuckets([2 ** 40]), [bucketIndex(2 ** 32 - 1), 1]);
  const sidecar = new Sidecar({ side: "inbound" });
  sidecar.request({ micros: -5 });
  sidecar.settle();
  assert.equal([...sidecar.totals.values()][0]!.buckets.size, 0);
  assert.equal(sidecar.losses, { 4: 1 });
});

test.run();
