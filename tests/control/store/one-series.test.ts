/** One series in one reading: what waits for the reporter rule, and for how long. Its numbers are in the contract suite. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { CounterKey, CounterRow } from "../../../control/store/counter-row.ts";
import { OneSeries } from "../../../control/store/one-series.ts";
import { checkSeries } from "../../../control/store/questions.ts";
import { Shown } from "../../../control/store/shown.ts";

const range = { fromMs: 0, toMs: 10_000 };
const question = checkSeries({ range, stepMs: 10_000 });

const source: CounterKey = {
  ...{ side: "source", client: "shop/web", server: "shop/orders", protocol: "http" },
  ...{ method: "GET", route: "/orders", outcome: "success", status: 200 },
};
const destination: CounterKey = { ...source, side: "destination" };

function row(key: CounterKey, count: number): CounterRow {
  return { key, startMs: 0, durationMs: 1_000, count, requestBytes: 0, responseBytes: 0, ...range };
}

function oneSeries(): OneSeries<CounterRow> {
  return new OneSeries(question, () => []);
}

test("where the server reports, only that counts, whichever comes first", () => {
  for (const rows of [
    [row(source, 3), row(destination, 2)],
    [row(destination, 2), row(source, 3)],
  ]) {
    const one = oneSeries();
    for (const each of rows) one.take([each]);
    assert.equal(one.open, []);
    assert.is(one.series().total.outcomes.success, 2);
  }
});

test("what the client alone said is open until all that was reported of them is known", () => {
  const alone = oneSeries();
  alone.take([row(source, 3)]);
  assert.equal(alone.open, [source]);
  alone.know(new Shown([source]));
  assert.equal(alone.open, []);
  assert.is(alone.series().total.outcomes.success, 3);
  const other = oneSeries();
  other.take([row(source, 3)]);
  other.know(new Shown([source, { ...destination, client: "shop/else" }]));
  assert.is(other.series().total.outcomes.success, 0, "the server reports, and said nothing of these");
});

test("too many that wait are told, and none waits once all is known", () => {
  const one = oneSeries();
  const many = Array.from({ length: 10_001 }, () => row(source, 1));
  one.take(many);
  assert.ok(one.isCrowded);
  one.know(new Shown([source]));
  one.take(many);
  assert.not.ok(one.isCrowded);
  assert.is(one.series().total.outcomes.success, 20_002);
});

test.run();
