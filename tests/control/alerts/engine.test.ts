import { test } from "uvu";
import * as assert from "uvu/assert";
import { SLOT_MS } from "../../../control/alerts/counting/slots.ts";
import { AlertEngine } from "../../../control/alerts/engine.ts";
import type { Tick } from "../../../control/alerts/engine.ts";
import type { ReportedWindow } from "../../../control/identity/observation.ts";
import { observation, windowOf } from "../world/fixtures.ts";
import { randomOf, shuffled } from "../world/random.ts";
import { BEGIN_MS, Bench, MINUTE_MS, burn, stepOf, threshold } from "./fixtures.ts";

test("one failed request of two is no outage, nor are all of few", () => {
  const rules = [threshold(), threshold({ name: "any", minRequests: 0, windowMs: MINUTE_MS }), burn()];
  const bench = new Bench(rules).run(2, { good: 1, failed: 1 }).run(30, { good: 0, failed: 0 });
  assert.equal(bench.log, []);
});

test("an alert begins when its share is past the limit and ends when it has come back below the other", () => {
  const bench = new Bench([threshold({ windowMs: MINUTE_MS })]).run(10, { good: 100 });
  assert.equal(bench.log, []);
  bench.run(6, { good: 90, failed: 10 });
  assert.equal(bench.log, ["firing at 140 s"]);
  // 4.5 % lies between the two limits.
  bench.run(20, { good: 955, failed: 45 });
  assert.is(bench.engine.alerts().length, 1);
  bench.run(6, { good: 100 });
  assert.equal(bench.log, ["firing at 140 s", "resolved (recovered) at 400 s"]);
  const [first] = bench.changes;
  assert.is(first?.alert.summary, "6.67 % of requests to shop/user failed over 1 min (limit 5 %)");
});

test("a gap in what is known begins nothing and ends nothing; requests that stopped do, after a while", () => {
  const failing = { good: 50, failed: 50 };
  const bench = new Bench([threshold({ windowMs: MINUTE_MS })]).run(6, failing).run(200);
  assert.is(bench.engine.alerts().length, 1, "33 minutes of which nothing is known");
  bench.run(3, failing);
  assert.is(bench.engine.alerts().length, 1);
  // Others go on: now it is known that nobody asks.
  bench.run(80, { server: "shop/other", good: 10 });
  assert.is(bench.log.at(-1)?.startsWith("resolved (noTraffic)"), true, bench.log.join());
});

test("a low rate is no alert while windows are not whole", () => {
  const rule = threshold({
    indicator: { kind: "throughput" },
    comparison: "below",
    value: 5,
    clearValue: 6,
    minRequests: 0,
  });
  const bench = new Bench([rule]).run(29, { good: 100 });
  assert.equal(bench.log, []);
  assert.is(bench.run(60, { good: 10 }).log[0], "firing at 460 s");
});

test("every group of a rule is an alert of its own", () => {
  const rule = threshold({
    groupBy: [
      { attribute: "workload", end: "client" },
      { attribute: "route", end: undefined },
    ],
  });
  const bad = { failed: 20 };
  const bench = new Bench([rule]).run(
    3,
    { client: "shop/a", route: "/1", ...bad },
    { client: "shop/b", route: "/1", good: 99 },
  );
  bench.run(3, { client: "shop/b", route: "/2", ...bad });
  const labels = bench.changes.map(({ alert }) => alert.labels);
  assert.equal(labels, [
    { "client.workload": "shop/a", route: "/1" },
    { "client.workload": "shop/b", route: "/2" },
  ]);
});

/** Windows of five minutes: a shop whose user fails for a while. */
function randomWindows(random: () => number, badUntil = 200): ReportedWindow[] {
  return Array.from({ length: 300 }, (_, at) => {
    const isBad = at > 100 && at < badUntil;
    const observations = ["/1", "/2"].flatMap((route) => {
      const failed = isBad ? Math.floor(random() * 20) : 0;
      const named = { client: "shop/front", server: "shop/user", route };
      return [
        observation({ ...named, count: 20 + Math.floor(random() * 20) }),
        ...(failed > 0 ? [observation({ ...named, outcome: "serverError", count: failed })] : []),
        observation({ client: "external/e", server: "shop/front", route, count: 30 }),
        ...(failed > 0
          ? [observation({ client: "external/e", server: "shop/front", outcome: "serverError", count: failed })]
          : []),
      ];
    });
    return windowOf(observations, { startMs: BEGIN_MS + at * 1_000, reporter: "shop/user" });
  });
}

const RULES = [
  threshold({ windowMs: MINUTE_MS, keepMs: 20_000 }),
  threshold({
    name: "endpoints",
    windowMs: MINUTE_MS,
    forMs: 20_000,
    groupBy: [{ attribute: "route", end: undefined }],
  }),
  burn(),
];

function changesOf(ticks: readonly Tick[]): string {
  return JSON.stringify(
    ticks.map(({ endMs, changes, tellings }) => [
      endMs,
      changes.map(({ alert }) => alert),
      tellings.map(({ id }) => id),
    ]),
  );
}

test("the same windows in another order give the same alerts", () => {
  const random = randomOf(3);
  const windows = randomWindows(random);
  const run = (order: readonly ReportedWindow[]): string => {
    const engine = new AlertEngine({ rules: RULES });
    engine.begin(BEGIN_MS);
    for (const window of order) engine.add(window);
    return changesOf(Array.from({ length: 60 }, () => engine.tick([])));
  };
  const expected = run(windows);
  assert.ok(expected.includes("resolved"), "something happened");
  for (let round = 0; round < 5; round++) assert.is(run(shuffled(windows, random)), expected);
});

test("windows that come before their time or half a minute late give the same alerts as on time, once all are there", () => {
  const random = randomOf(4);
  const windows = randomWindows(random, Infinity);
  const ends = (lateBy: () => number): string => {
    const engine = new AlertEngine({ rules: RULES });
    engine.begin(BEGIN_MS);
    const coming = windows.map((window) => ({ window, atMs: window.startMs + 1_000 + lateBy() }));
    for (let tick = 0; tick < 33; tick++) {
      for (const { window, atMs } of coming) {
        if (atMs > engine.endMs && atMs <= engine.endMs + SLOT_MS) engine.add(window);
      }
      if (tick === 0) for (const { window, atMs } of coming) if (atMs <= BEGIN_MS) engine.add(window);
      engine.tick([]);
    }
    return JSON.stringify(
      engine
        .alerts()
        .map(({ rule, labels, measured }) => [rule, labels, measured])
        .sort(),
    );
  };
  const expected = ends(() => 0);
  assert.ok(expected.includes("endpoints"), expected);
  assert.is(
    ends(() => random() * 30_000),
    expected,
  );
  assert.is(
    ends(() => -random() * 200_000),
    expected,
  );
});

test("an engine that is filled from history and takes up what was kept goes on as if it had never stopped", () => {
  const random = randomOf(5);
  const slots = Array.from({ length: 200 }, (_, at) => {
    const isBad = at % 70 > 30;
    return ["/1", "/2", "/3"].map((route) => ({
      route,
      good: 30 + Math.floor(random() * 20),
      failed: isBad ? Math.floor(random() * 15) : Math.floor(random() * 1.02),
    }));
  });
  const step = (at: number) => stepOf(BEGIN_MS + at * SLOT_MS, slots[at]!);
  const rules = [
    ...RULES,
    threshold({ name: "kept", keepMs: 3 * MINUTE_MS }),
    threshold({ name: "waits", forMs: 2 * MINUTE_MS }),
  ];
  const whole = new AlertEngine({ rules });
  whole.begin(BEGIN_MS);
  for (const stopAt of [35, 68, 101, 137]) {
    while (whole.endMs < BEGIN_MS + stopAt * SLOT_MS) {
      whole.replay(step((whole.endMs - BEGIN_MS) / SLOT_MS), SLOT_MS);
      whole.tick([]);
    }
    const state = JSON.parse(JSON.stringify(whole.state())) as ReturnType<AlertEngine["state"]>;
    const again = new AlertEngine({ rules });
    again.begin(whole.endMs);
    for (const grainMs of again.depths().keys()) {
      for (let at = 0; at < stopAt; at++) {
        const { atMs, counts } = step(at);
        again.load({ atMs: Math.floor(atMs / grainMs) * grainMs, counts }, grainMs);
      }
    }
    again.restore(state);
    const goesOn = (engine: AlertEngine): Tick[] =>
      Array.from({ length: 30 }, (_, at) => {
        engine.replay(step(stopAt + at), SLOT_MS);
        return engine.tick([]);
      });
    assert.is(changesOf(goesOn(again)), changesOf(goesOn(whole)), `stopped at ${stopAt}`);
  }
});

test("what was open before a restart ends only after a while of nothing heard, or with its rule", () => {
  const bench = new Bench([threshold()]).run(10, { good: 10, failed: 10 });
  const state = bench.engine.state();
  const restored = (rules = [threshold()]): Bench => {
    const again = new Bench(rules, bench.engine.endMs);
    again.engine.restore(state);
    return again;
  };
  const other = { server: "shop/other", good: 10 };
  assert.is(restored().run(100).log.length, 0, "nothing is known");
  assert.is(restored().run(59, other).log.length, 0);
  assert.ok(restored().run(62, other).log[0]?.startsWith("resolved (noTraffic)"));
  assert.ok(restored([]).run(1, other).log[0]?.startsWith("resolved (ruleGone)"));
});

test.run();
