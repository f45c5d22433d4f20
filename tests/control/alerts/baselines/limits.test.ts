import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  errorsLimit,
  latencyLimit,
  slowShareLimit,
  throughputLimits,
} from "../../../../control/alerts/baselines/limits.ts";
import type { Usual } from "../../../../control/alerts/baselines/usual.ts";

function usual(value: number, spread = 0): Usual {
  return { value, spread, basis: "weeks", samples: 5 };
}

test("latency is unusual past the factor, past what hours differ by, and by ten milliseconds at least", () => {
  assert.is(latencyLimit(usual(90), 3), 270);
  assert.is(latencyLimit(usual(90, 100), 3), 90 + 350);
  assert.is(latencyLimit(usual(2), 3), 12);
  assert.is(latencyLimit(usual(100), 1.1), 135, "hours that were all the same may differ by a tenth");
});

test("errors are unusual past the factor, past chance, and by one in a hundred at least", () => {
  assert.is(errorsLimit(usual(0.1), 3, 1e9), 0.1 * 3);
  assert.is(errorsLimit(usual(0), 3, 1e9), 0.01);
  assert.ok(Math.abs(errorsLimit(usual(0.1), 1.5, 100) - (0.1 + 3.5 * 0.03)) < 1e-12);
});

test("half as many again may be slow as usually are, and of few requests some more", () => {
  assert.ok(Math.abs(slowShareLimit(0.05, 1e9) - 0.075) < 1e-12);
  assert.ok(Math.abs(slowShareLimit(0.05, 100) - (0.05 + 3.5 * Math.sqrt(0.000475))) < 1e-12);
});

test("a rate is too high past the factor and too low below its inverse, unless hours differ by more", () => {
  const minute = 60_000;
  assert.equal(throughputLimits(usual(900), 3, minute), { above: 2_700, below: 300 });
  assert.equal(throughputLimits(usual(900, 300), 3, minute).below, 0);
  // 3 in a minute: with a standard deviation of the root of three none at all is no surprise.
  assert.is(throughputLimits(usual(0.05), 3, minute).below, 0);
});

test.run();
