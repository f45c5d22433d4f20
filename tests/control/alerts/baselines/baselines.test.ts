import { test } from "uvu";
import * as assert from "uvu/assert";
import { HOUR_MS } from "../../../../control/alerts/baselines/hours.ts";
import type { AlertEngine } from "../../../../control/alerts/engine.ts";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import type { BaselineRule } from "../../../../control/alerts/rule.ts";
import { observation, windowOf } from "../../world/fixtures.ts";
import { randomOf } from "../../world/random.ts";
import { Bench, MINUTE_MS } from "../fixtures.ts";
import { DAY_MS, MONDAY_MS, WEEK_MS, baseline, teach, timedStep } from "./fixtures.ts";
import type { Timed } from "./fixtures.ts";

/** Mondays at 10:00 it takes 90 ms, at all other times 30. */
function usually(atMs: number, requests = 1_000): Timed[] {
  const isBusy = (atMs - MONDAY_MS) % WEEK_MS === 0;
  return [{ byMs: { 5: requests * 0.9, [isBusy ? 90 : 30]: requests * 0.1 } }];
}

/** An engine that begins at an instant and knows the weeks before. */
function learned(rule: BaselineRule, { weeks = 5, atMs = MONDAY_MS, of = usually } = {}): Bench {
  const bench = new Bench([rule], atMs);
  teach(bench.engine, atMs - weeks * WEEK_MS, atMs, of);
  return bench;
}

function run(bench: Bench, slots: number, ...asked: readonly Timed[]): Bench {
  for (let slot = 0; slot < slots; slot++) {
    bench.engine.replay(timedStep(bench.engine.endMs, asked), SLOT_MS);
    bench.tick();
  }
  return bench;
}

const slowIn = (ms: number): Timed => ({ byMs: { 5: 16, [ms]: 4 } });

test("what each Monday does at this time is no alert, and three times that is, and ends when it is over", () => {
  const bench = run(learned(baseline()), 120, slowIn(90));
  assert.equal(bench.changes, []);
  run(bench, 120, slowIn(310));
  assert.is(bench.changes.length, 1);
  assert.match(
    bench.engine.alerts()[0]!.summary,
    /^p95 for GET \/cards to shop\/user is \d{3} ms over 10 min, \d\.\d times what is usual for a Monday 10:00 UTC \(90 ms, from 5 Mondays\)$/,
  );
  run(bench, 100, slowIn(90));
  assert.equal(
    bench.changes.map(({ alert: { state } }) => state),
    ["firing", "resolved"],
  );
});

test("the same 90 ms are an alert on a Tuesday", () => {
  const bench = run(learned(baseline({ factor: 2 }), { atMs: MONDAY_MS + DAY_MS }), 120, slowIn(90));
  assert.equal(
    bench.changes.map(({ alert: { state } }) => state),
    ["firing"],
  );
  assert.match(bench.changes[0]!.alert.summary, /for a Tuesday 10:00 UTC \(30 ms, from 5 Tuesdays\)$/);
});

test("how bad it is is told in milliseconds against what is usual and the limit", () => {
  const bench = run(learned(baseline()), 120, slowIn(310));
  const { value, limit, usual, requests, bad } = bench.engine.alerts()[0]!.measured;
  assert.is(Math.round(usual!), 90);
  assert.ok(Math.abs(limit / usual! - 3) < 1e-9);
  assert.ok(Math.abs(value - 310) < 60, `${value}`);
  assert.equal([requests, bad], [1_200, 240]);
});

test("each request is compared with what is usual at its own hour", () => {
  // Ten minutes that begin at 9:55: half of them were usual then and half are now.
  const bench = learned(baseline(), { atMs: MONDAY_MS + HOUR_MS - 5 * MINUTE_MS });
  run(bench, 30, slowIn(90));
  run(bench, 60, slowIn(30));
  assert.equal(bench.changes, []);
});

test("until a day of hours is known nothing is judged, and it says what it waits for", () => {
  const known = (hours: number): Bench => {
    const bench = new Bench([baseline()], MONDAY_MS + DAY_MS);
    teach(bench.engine, MONDAY_MS + DAY_MS - (hours + 1) * HOUR_MS, MONDAY_MS + DAY_MS, () => [{ byMs: { 30: 500 } }]);
    return run(bench, 60, slowIn(2_000));
  };
  const few = known(23);
  assert.equal(few.changes, []);
  assert.equal(few.engine.waiting, [
    {
      rule: "unusual",
      why: "learning: knows what is usual for 0 of 1; each needs 24 hours with 20 requests or more first",
    },
  ]);
  const enough = known(24);
  assert.equal(enough.engine.waiting, []);
  assert.match(
    enough.changes[0]!.alert.summary,
    /times what is usual here \(30 ms, from 24 hours of the last days, so not sure\)$/,
  );
});

test("with days and no weeks yet it is compared with the same hour of those", () => {
  const of = (atMs: number): Timed[] => [{ byMs: { [atMs % DAY_MS === 10 * HOUR_MS ? 400 : 30]: 500 } }];
  const bench = new Bench([baseline()], MONDAY_MS);
  teach(bench.engine, MONDAY_MS - 4 * DAY_MS, MONDAY_MS, of);
  assert.equal(run(bench, 120, slowIn(900)).changes, []);
  assert.match(
    run(bench, 120, slowIn(1_500)).changes[0]!.alert.summary,
    /\(400 ms, from 4 days at 10:00 UTC, so not very sure\)$/,
  );
});

test("an outage of two Mondays, and the hours of an alert, do not become usual", () => {
  const spoilt = (atMs: number): Timed[] =>
    [1, 2].some((weeks) => atMs === MONDAY_MS - weeks * WEEK_MS) ? [{ byMs: { 5_000: 900 } }] : usually(atMs);
  const bench = run(learned(baseline(), { of: spoilt }), 120, slowIn(310));
  assert.is(bench.changes.length, 1);
});

test("endpoints whose hours differ much anyway are not told of for the factor alone", () => {
  const random = randomOf(9);
  const wild = (): Timed[] => [{ byMs: { [20 + 400 * random()]: 500 } }];
  const bench = run(learned(baseline(), { of: wild }), 120, slowIn(700));
  assert.equal(bench.changes, []);
});

test("errors and traffic are compared with what is usual, too", () => {
  const failing =
    (share: number): ((atMs: number) => Timed[]) =>
    () => [{ byMs: { 5: 3_600 }, failed: 3_600 * share }];
  const errors = learned(baseline({ indicator: "errors" }), { of: failing(0.02) });
  run(errors, 120, { byMs: { 5: 100 }, failed: 5 });
  assert.equal(errors.changes, []);
  assert.is(errors.engine.alerts().length, 0);
  run(errors, 120, { byMs: { 5: 100 }, failed: 10 });
  assert.is(
    errors.engine.alerts()[0]?.summary,
    "10 % of requests for GET /cards to shop/user failed over 10 min, 5 times what is usual for a Monday 10:00 UTC (2 %, from 5 Mondays)",
  );
  // 36,000 an hour are 100 in ten seconds.
  const traffic = (rule: Partial<BaselineRule>, perSlot: number): Bench => {
    const bench = new Bench([baseline({ indicator: "throughput", ...rule })], MONDAY_MS);
    teach(bench.engine, MONDAY_MS - 5 * WEEK_MS, MONDAY_MS, () => [{ byMs: { 5: 36_000 } }]);
    // What lies before the window must be known.
    bench.engine.load(timedStep(MONDAY_MS - 2 * HOUR_MS, [{ byMs: { 5: 1 } }]), 60_000);
    for (let slot = 60; slot > 0; slot--) {
      bench.engine.load(timedStep(MONDAY_MS - slot * SLOT_MS, [{ byMs: { 5: 100 } }]), SLOT_MS);
    }
    return run(bench, 60, { byMs: { 5: perSlot } }, { route: "/other", byMs: { 5: 1 } });
  };
  assert.equal(traffic({}, 250).changes, []);
  assert.match(
    traffic({}, 350).changes[0]!.alert.summary,
    /^3\d(\.\d)? requests\/s for GET \/cards to shop\/user over 10 min, 3(\.\d)? times/,
  );
  assert.equal(traffic({}, 40).changes, []);
  const fewer = traffic({}, 20).changes[0]!.alert;
  assert.match(fewer.summary, /0\.3\d? times what is usual for a Monday 10:00 UTC \(10 requests\/s, from 5 Mondays\)$/);
  assert.ok(fewer.measured.value < fewer.measured.limit);
});

test("at the full hour, where much changes at once, nothing is unusual that was not in the hour before", () => {
  const hourly = (atMs: number): Timed[] => [
    { byMs: { 5: atMs === MONDAY_MS - HOUR_MS || (MONDAY_MS - HOUR_MS - atMs) % WEEK_MS === 0 ? 36_000 : 3_600 } },
  ];
  const bench = new Bench([baseline({ indicator: "throughput" })], MONDAY_MS - 20 * MINUTE_MS);
  teach(bench.engine, MONDAY_MS - 5 * WEEK_MS - HOUR_MS, MONDAY_MS - HOUR_MS, hourly);
  bench.engine.load(timedStep(MONDAY_MS - 3 * HOUR_MS, [{ byMs: { 5: 1 } }]), 60_000);
  for (let slot = 60; slot > 0; slot--) {
    bench.engine.load(timedStep(bench.engine.endMs - slot * SLOT_MS, [{ byMs: { 5: 100 } }]), SLOT_MS);
  }
  run(bench, 120, { byMs: { 5: 100 } });
  run(bench, 120, { byMs: { 5: 10 } });
  assert.equal(
    bench.changes.map(({ alert: { state, firedMs } }) => [state, (firedMs! - MONDAY_MS) / MINUTE_MS]),
    [],
  );
});

test("an engine that is filled from history after a restart goes on as the one before", () => {
  const random = randomOf(11);
  const slots = Array.from({ length: 900 }, (_, at) => slowIn(at % 300 > 200 ? 250 + Math.floor(random() * 400) : 80));
  const rules = [baseline({ keepMs: 2 * MINUTE_MS }), baseline({ name: "errors", indicator: "errors" })];
  const changesOf = (bench: Bench): string => JSON.stringify(bench.changes.map(({ alert }) => alert));
  const whole = new Bench(rules, MONDAY_MS);
  teach(whole.engine, MONDAY_MS - 5 * WEEK_MS, MONDAY_MS, usually);
  let atHour = MONDAY_MS;
  const goOn = (bench: Bench, from: number, to: number): void => {
    for (let at = from; at < to; at++) run(bench, 1, slots[at]!);
  };
  const hourStep = (atMs: number) =>
    timedStep(atMs, slots.slice((atMs - MONDAY_MS) / SLOT_MS, (atMs - MONDAY_MS) / SLOT_MS + 360));
  let from = 0;
  for (const stopAt of [230, 350, 460, 690]) {
    goOn(whole, from, stopAt);
    from = stopAt;
    while (atHour + HOUR_MS <= whole.engine.endMs) {
      whole.engine.learn(hourStep(atHour));
      atHour += HOUR_MS;
    }
    const state = JSON.parse(JSON.stringify(whole.engine.state())) as ReturnType<AlertEngine["state"]>;
    const again = new Bench(rules, whole.engine.endMs);
    for (const grainMs of again.engine.depths().keys()) {
      if (grainMs === HOUR_MS) {
        for (let atMs = MONDAY_MS - 5 * WEEK_MS; atMs < MONDAY_MS; atMs += HOUR_MS)
          again.engine.load(timedStep(atMs, usually(atMs)), HOUR_MS);
        for (let atMs = MONDAY_MS; atMs < whole.engine.endMs; atMs += HOUR_MS)
          again.engine.load(hourStep(atMs), HOUR_MS);
        continue;
      }
      for (let at = 0; at < stopAt; at++) again.engine.load(timedStep(MONDAY_MS + at * SLOT_MS, [slots[at]!]), grainMs);
    }
    again.engine.restore(state);
    assert.equal(again.engine.alerts(), whole.engine.alerts(), `figures at ${stopAt}`);
    const before = whole.changes.length;
    goOn(whole, from, stopAt + 100);
    goOn(again, from, stopAt + 100);
    from = stopAt + 100;
    assert.is(
      changesOf(again),
      JSON.stringify(whole.changes.slice(before).map(({ alert }) => alert)),
      `stopped at ${stopAt}`,
    );
  }
  assert.ok(changesOf(whole).includes("resolved"), "something happened");
});

test("windows that two sidecars report, in any order, count as the history of them does", () => {
  const random = randomOf(12);
  const windows = Array.from({ length: 120 }, (_, at) => {
    const side = at % 2 === 0 ? "destination" : "source";
    const counted = { buckets: timedStep(0, [slowIn(310)]).counts[0]!.buckets as number[], count: 20 };
    const named = { client: "shop/front", server: "shop/user", method: "GET", route: "/cards" } as const;
    const startMs = MONDAY_MS + Math.floor(at / 2) * SLOT_MS;
    return windowOf([observation({ ...named, ...counted, side })], {
      startMs,
      durationMs: SLOT_MS,
      reporter: side === "source" ? "shop/front" : "shop/user",
    });
  });
  const figures = (order: typeof windows): unknown => {
    const bench = learned(baseline());
    for (const window of order) bench.engine.add(window);
    for (let tick = 0; tick < 60; tick++) bench.tick();
    return bench.engine.alerts().map(({ measured }) => measured);
  };
  const replayed = run(learned(baseline()), 60, slowIn(310));
  assert.equal(
    figures(windows),
    replayed.engine.alerts().map(({ measured }) => measured),
  );
  assert.equal(figures([...windows].sort(() => random() - 0.5)), figures(windows));
});

test.run();
