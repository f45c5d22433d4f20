import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseLoadConfig } from "../../demo/load/config.ts";
import { Measures } from "../../demo/load/measures.ts";

test("counts tell what was sent, answered, failed and skipped", () => {
  const measures = new Measures();
  for (let i = 0; i < 6; i++) measures.started();
  measures.answered(200, 1);
  measures.answered(200, 3);
  measures.answered(500, 2);
  measures.failed("sent");
  measures.failed("unsent");
  measures.failed("unclear");
  measures.skipped(4);
  const { timeline, ...counts } = measures.snapshot();
  assert.equal(counts, {
    sent: 4,
    unclear: 1,
    byStatus: { 200: 2, 500: 1 },
    failed: 3,
    skipped: 4,
    inFlight: 0,
    p50Ms: 2,
    p95Ms: 3,
    p99Ms: 3,
  });
  assert.equal(timeline, []);
});

test("quantiles are those of the last answers, and null before the first", () => {
  const measures = new Measures();
  assert.is(measures.snapshot().p50Ms, null);
  for (let i = 1; i <= 100; i++) {
    measures.started();
    measures.answered(200, i);
  }
  assert.is(measures.snapshot().p50Ms, 50);
  assert.is(measures.snapshot().p99Ms, 99);
  for (let i = 0; i < 70_000; i++) {
    measures.started();
    measures.answered(200, 7);
  }
  assert.is(measures.snapshot().p99Ms, 7);
});

test("the timeline is bounded and keeps its end", () => {
  const measures = new Measures();
  for (let i = 0; i < 6_100; i++) {
    measures.started();
    measures.answered(200, 1);
    measures.mark(i * 100);
  }
  const { timeline } = measures.snapshot();
  assert.is(timeline.length, 6_000);
  assert.equal(timeline.at(-1), [609_900, 6_100]);
  assert.equal(timeline[0], [10_000, 101]);
});

test("a configuration that is wrong says where", () => {
  const good = { target: "127.0.0.1:80", bind: "127.0.0.9", rate: 40, control: "127.0.0.1:0" };
  assert.equal(parseLoadConfig(good).target, { host: "127.0.0.1", port: 80 });
  for (const [field, value] of Object.entries({ target: "nowhere", bind: "localhost", rate: -1, control: 7 })) {
    assert.throws(
      () => parseLoadConfig({ ...good, [field]: value }),
      (error: Error) => error.message.includes(`at ${field}`),
      field,
    );
  }
});

test.run();
