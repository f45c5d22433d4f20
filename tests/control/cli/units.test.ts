import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatBytesRate, formatCount, formatDuration, formatRate, formatShare } from "../../../control/cli/units.ts";

test("rates have three significant digits and a unit", () => {
  const rates = [0, 1 / 30, 0.5, 41.666, 999.4, 999.6, 1_234, 999_600, 12_345_678, 5e9].map(formatRate);
  assert.equal(rates, ["0", "0.0333/s", "0.5/s", "41.7/s", "999/s", "1k/s", "1.23k/s", "1M/s", "12.3M/s", "5G/s"]);
});

test("bytes a second in powers of ten", () => {
  const rates = [0, 0.4, 310, 999.7, 34_210, 1.2e6, 2.5e9].map(formatBytesRate);
  assert.equal(rates, ["0", "0.4 B/s", "310 B/s", "1 kB/s", "34.2 kB/s", "1.2 MB/s", "2.5 GB/s"]);
});

test("durations choose their unit after rounding", () => {
  const seconds = [0, 0.0000421, 0.000184, 0.0009996, 0.0125, 0.9994, 0.9996, 1.8449, 59.96, 150];
  assert.equal(seconds.map(formatDuration), [
    "0",
    "42.1 µs",
    "184 µs",
    "1 ms",
    "12.5 ms",
    "999 ms",
    "1 s",
    "1.84 s",
    "1 min",
    "2.5 min",
  ]);
  assert.is(formatDuration(undefined), "–");
});

test("shares are percent, and a little is not nothing", () => {
  assert.equal([0, 0.00001, 0.0001, 0.0213, 0.3333, 1].map(formatShare), [
    "0",
    "<0.01 %",
    "0.01 %",
    "2.13 %",
    "33.3 %",
    "100 %",
  ]);
});

test("totals are exact", () => {
  assert.equal([0, 999, 36_012, 1_234_567_890].map(formatCount), ["0", "999", "36,012", "1,234,567,890"]);
});

test.run();
