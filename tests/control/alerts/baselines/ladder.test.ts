import { test } from "uvu";
import * as assert from "uvu/assert";
import { Baselines } from "../../../../control/alerts/baselines/baselines.ts";
import { RUNGS, multipleAt } from "../../../../control/alerts/baselines/ladder.ts";
import { Measures } from "../../../../control/alerts/counting/measures.ts";
import { randomOf } from "../../world/random.ts";
import { baseline } from "./fixtures.ts";

const MULTIPLES = [0.5, 0.8, 1, 1.5, 2.5, 5, 10];

/** What a ladder counts of values that are multiples of the limit. */
function countsOf(values: readonly number[]): number[] {
  return [0, ...MULTIPLES].map((multiple) => values.filter((value) => value > multiple).length);
}

test("the percentile that is read between two rungs is near the one that is asked of all values", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomOf(seed);
    const scale = 0.3 + random() * 3;
    // Log-normal, as latencies are.
    const values = Array.from({ length: 2_000 }, () => {
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return scale * Math.exp(normal * 0.5);
    }).sort((a, b) => a - b);
    const exact = values[Math.ceil(0.95 * values.length) - 1]!;
    const read = multipleAt(countsOf(values), 0.05);
    if (exact <= 0.5) assert.is(read, undefined);
    else if (exact < 10) assert.ok(Math.abs(Math.log(read! / exact)) < 0.15, `seed ${seed}: ${read} for ${exact}`);
  }
});

test("it is past the limit exactly where more than its share is, whatever the distribution", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomOf(seed);
    const values = Array.from({ length: 40 }, () => 12 * random() ** 4);
    const past = values.filter((value) => value > 1).length / values.length > 0.05;
    assert.is((multipleAt(countsOf(values), 0.05) ?? 0) >= 1, past, `seed ${seed}`);
  }
});

test("what is past all rungs is told as the highest of them, and of nothing nothing", () => {
  assert.is(multipleAt(countsOf([50, 60]), 0.05), 10);
  assert.is(multipleAt(countsOf([]), 0.05), undefined);
});

test("rules of one grouping and factor share a ladder, and those past their number are told", () => {
  const measures = new Measures([]);
  const { width } = measures;
  const baselines = new Baselines(measures);
  const first = baselines.measuresOf(baseline(), "a");
  assert.equal(baselines.measuresOf(baseline({ name: "other" }), "a"), first);
  assert.is(measures.width, width + RUNGS);
  for (let factor = 4; factor < 11; factor++) baselines.measuresOf(baseline({ factor }), "a");
  assert.throws(() => baselines.measuresOf(baseline({ factor: 11 }), "a"), /8 baselines of latency/);
  assert.equal(baselines.measuresOf(baseline({ indicator: "errors", factor: 11 }), "a").length, 2);
});

test.run();
