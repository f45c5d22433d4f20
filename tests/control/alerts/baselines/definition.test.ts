/** Judges of baselines against their definitions, over random traffic. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HOUR_MS, hourOf } from "../../../../control/alerts/baselines/hours.ts";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import { bucketIndex, bucketMiddle } from "../../../../control/world/histogram.ts";
import { randomOf } from "../../world/random.ts";
import { Bench, MINUTE_MS, burn, threshold } from "../fixtures.ts";
import { MONDAY_MS, WEEK_MS, baseline, teach, timedStep } from "./fixtures.ts";

/** What is usual is all the same in five weeks, so that nothing is worked out but by its definition here. */
const USUAL_MS: Readonly<Record<number, number>> = { [-1]: 200, 0: 50, 1: 100 };
const BEGIN_MS = MONDAY_MS - 12 * MINUTE_MS;

function usualMs(atMs: number): number {
  return USUAL_MS[hourOf(atMs) - hourOf(MONDAY_MS)] ?? 70;
}

test("an endpoint is slow when, and only when, more than its share took longer than three times what was usual at their hours", () => {
  let slow = 0;
  for (let seed = 1; seed <= 4; seed++) {
    const random = randomOf(seed);
    const bench = new Bench([baseline()], BEGIN_MS);
    for (let week = 5; week > 0; week--) {
      const fromMs = MONDAY_MS - week * WEEK_MS;
      teach(bench.engine, fromMs - HOUR_MS, fromMs + 3 * HOUR_MS, (atMs) => [
        { byMs: { [usualMs(atMs + week * WEEK_MS)]: 100 } },
      ]);
    }
    const slots: { readonly atMs: number; readonly requests: readonly number[] }[] = [];
    let times = 1;
    for (let slot = 0; slot < 450; slot++) {
      if (random() < 0.03) times = random() < 0.5 ? 1 : 1 + 5 * random();
      const { endMs } = bench.engine;
      const requests = Array.from({ length: Math.floor(random() * 12) }, () =>
        Math.ceil(usualMs(endMs) * times * (0.2 + random())),
      );
      slots.push({ atMs: endMs, requests });
      const byMs: Record<number, number> = {};
      for (const ms of requests) byMs[ms] = (byMs[ms] ?? 0) + 1;
      bench.engine.replay(timedStep(endMs, [{ byMs }]), SLOT_MS);
      bench.tick();
      const expected = isSlow(slots.slice(-60));
      const isTold = bench.engine.alerts().length > 0;
      // One that fires goes on until it has come back past four fifths of the limit.
      if (expected || !isTold) assert.is(isTold, expected, `seed ${seed}, slot ${slot}`);
      if (expected) slow++;
    }
  }
  assert.ok(slow > 100, `${slow} ticks were slow`);
});

/** The definition: see docs/slo-and-alerts.md, "What is usual". */
function isSlow(window: readonly { readonly atMs: number; readonly requests: readonly number[] }[]): boolean {
  const all = window.flatMap(({ requests }) => requests).length;
  const past = window.flatMap(({ atMs, requests }) => {
    // The p95 of history is a bucket's middle.
    const usual = bucketMiddle(bucketIndex(usualMs(atMs) * 1_000)) / 1_000;
    return requests.filter((ms) => bucketIndex(ms * 1_000) > bucketIndex(3 * usual * 1_000));
  }).length;
  const most = 0.05 + Math.max(0.025, 3.5 * Math.sqrt((0.05 * 0.95) / all));
  return all >= 20 && past >= 3 && past > most * all;
}

test("thresholds and objectives tell what is usual, and are judged without it", () => {
  const rules = [
    threshold({ windowMs: MINUTE_MS }),
    threshold({ name: "slow", indicator: { kind: "latency", overMs: 1 } }),
    threshold({ name: "rate", indicator: { kind: "throughput" }, value: 1, clearValue: 1, windowMs: MINUTE_MS }),
    burn(),
  ];
  const bench = new Bench(rules, MONDAY_MS);
  teach(bench.engine, MONDAY_MS - 5 * WEEK_MS, MONDAY_MS, () => [{ byMs: { 5: 3_600 }, failed: 18 }]);
  bench.engine.load(timedStep(MONDAY_MS - 60 * HOUR_MS, [{ byMs: { 5: 1 } }]), MINUTE_MS);
  for (let slot = 0; slot < 30; slot++) {
    bench.engine.replay(timedStep(bench.engine.endMs, [{ byMs: { 5: 100 }, failed: 60 }]), SLOT_MS);
    bench.tick();
  }
  const usual = new Map(bench.engine.alerts().map(({ rule, measured }) => [rule, measured.usual]));
  assert.is(usual.get("slow"), null);
  assert.ok(Math.abs(usual.get("errors")! - 0.005) < 0.0001, `${usual.get("errors")}`);
  assert.ok(Math.abs(usual.get("availability")! - 5) < 0.1, "0.5 % are five times what 99.9 % allows");
  assert.ok(Math.abs(usual.get("rate")! - 1) < 0.01);
  const untaught = new Bench(rules, MONDAY_MS);
  for (let slot = 0; slot < 30; slot++) {
    untaught.engine.replay(timedStep(untaught.engine.endMs, [{ byMs: { 5: 100 }, failed: 60 }]), SLOT_MS);
    untaught.tick();
  }
  assert.is(untaught.engine.alerts().length, usual.size);
  for (const { rule, measured } of untaught.engine.alerts()) assert.is(measured.usual, null, rule);
  assert.equal(untaught.engine.waiting, []);
});

test.run();
