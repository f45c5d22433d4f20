import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ReportedWindow } from "../../../../control/identity/observation.ts";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import { AlertEngine } from "../../../../control/alerts/engine.ts";
import { observation, windowOf } from "../../world/fixtures.ts";
import { randomOf, shuffled } from "../../world/random.ts";
import type { Asked } from "../fixtures.ts";
import { BEGIN_MS, HOUR_MS, Living, MINUTE_MS, noData } from "./past.ts";
import type { Cluster } from "./past.ts";

const BY_CLIENT = { client: true, server: false };
const BY_SERVER = { client: false, server: true };

interface Shop {
  /** Whether the sidecars of user report, and whether there is anybody of user to be asked. */
  readonly isHeard?: (atMs: number) => boolean;
  readonly isThere?: (atMs: number) => boolean;
}

/** front and orders ask user, and user asks db. */
function shop({ isHeard = () => true, isThere = () => true }: Shop): Cluster {
  return (atMs): Asked[] => [
    { client: "external/clients", server: "shop/front", good: 20, by: BY_SERVER },
    ...(isThere(atMs)
      ? [
          ...["shop/front", "shop/orders"].map((client) => ({
            ...{ client, server: "shop/user", good: 10 },
            ...(!isHeard(atMs) && { by: BY_CLIENT }),
          })),
          { client: "shop/user", server: "shop/db", good: 5, ...(!isHeard(atMs) && { by: BY_SERVER }) },
        ]
      : // Who asks gets no answer.
        [{ client: "shop/front", server: "shop/user", by: BY_CLIENT }]),
  ];
}

const silentFrom =
  (fromMs: number, toMs = Infinity) =>
  (atMs: number) =>
    atMs < fromMs || atMs >= toMs;

test("a sidecar that is silent while others still count requests with it is told, until it is heard", () => {
  const cluster = shop({ isHeard: silentFrom(MINUTE_MS, 20 * MINUTE_MS) });
  const living = new Living([noData()], cluster).to(30 * MINUTE_MS);
  assert.equal(living.log, ["firing shop/user after 6 min", `resolved (recovered) shop/user after ${20 + 1 / 6} min`]);
  assert.equal(living.summaries, [
    "shop/user: its sidecar is silent for 5 min while those of 3 others still count 2.5 requests/s with it",
    "shop/user: its sidecar reports again",
  ]);
});

test("one that is scaled down is not missed, nor one whom nobody asks", () => {
  const gone = (atMs: number): boolean => atMs < 0;
  assert.equal(new Living([noData()], shop({ isHeard: gone, isThere: gone })).to(3 * HOUR_MS).log, []);
  // Its last seconds were lost with it.
  const lost = shop({ isHeard: silentFrom(-30_000), isThere: (atMs) => atMs < 0 });
  assert.equal(new Living([noData()], lost).to(3 * HOUR_MS).log, []);
});

test("once it is told, and is scaled down, it ends as one of whom nothing is known", () => {
  const cluster = shop({ isHeard: silentFrom(0), isThere: (atMs) => atMs < 20 * MINUTE_MS });
  assert.equal(new Living([noData()], cluster).to(HOUR_MS).log, [
    "firing shop/user after 5 min",
    `resolved (noTraffic) shop/user after ${32 + 1 / 6} min`,
  ]);
});

test("who never reported is not missed, and a sidecar that was taken away is not after a day", () => {
  assert.equal(new Living([noData()], shop({ isHeard: () => false })).to(HOUR_MS).log, []);
  const log = new Living([noData()], shop({ isHeard: silentFrom(0) })).to(26 * HOUR_MS).log;
  assert.equal(log, [
    "firing shop/user after 5 min",
    `resolved (recovered) shop/user after ${24 * 60 + 5 + 1 / 6} min`,
  ]);
});

test("what its sidecar never counted says nothing of its silence", () => {
  // A port that goes past the sidecar is asked all the time, the workload itself now and then.
  const cluster: Cluster = (atMs) => [
    { client: "ops/scraper", server: "shop/user", route: "/metrics", good: 1, by: BY_CLIENT },
    { client: "ops/scraper", server: "shop/front", good: 1 },
    ...(atMs % (20 * MINUTE_MS) === 0 ? [{ client: "shop/front", server: "shop/user", good: 1 }] : []),
  ];
  assert.equal(new Living([noData()], cluster).to(2 * HOUR_MS).log, []);
});

test("one request an hour, told of by both but not in the same ten seconds, is no silence", () => {
  const cluster: Cluster = (atMs) => [
    { client: "shop/front", server: "shop/cart", good: 3 },
    ...(atMs % HOUR_MS === 0 ? [{ client: "shop/front", server: "shop/user", good: 1, by: BY_CLIENT }] : []),
    ...(atMs % HOUR_MS === SLOT_MS ? [{ client: "shop/front", server: "shop/user", good: 1, by: BY_SERVER }] : []),
  ];
  assert.equal(new Living([noData()], cluster).to(6 * HOUR_MS).log, []);
});

test("a time of which nothing is known is no silence, and who comes back later than others is not missed at once", () => {
  const gap = (atMs: number): boolean => atMs >= 0 && atMs < 30 * MINUTE_MS;
  const isHeard = silentFrom(-MINUTE_MS, 33 * MINUTE_MS);
  const cluster: Cluster = (atMs) => (gap(atMs) ? undefined : shop({ isHeard })(atMs));
  assert.equal(new Living([noData()], cluster).to(HOUR_MS).log, []);
  // ... also where the gap is in the history.
  assert.equal(new Living([noData()], cluster, { toMs: 31 * MINUTE_MS }).to(HOUR_MS).log, []);
});

test("a restart of control goes on where it was: no second alert, no end of the first", () => {
  for (const afterMs of [5 * MINUTE_MS, 2 * HOUR_MS]) {
    const rules = [noData({ afterMs })];
    const cluster = shop({ isHeard: silentFrom(0, 5 * HOUR_MS) });
    const before = new Living(rules, cluster).to(3 * HOUR_MS);
    assert.equal(before.log, [`firing shop/user after ${afterMs / MINUTE_MS} min`]);
    const goesOn = { toMs: 3 * HOUR_MS, state: before.engine.state() };
    const after = new Living(rules, cluster, goesOn).to(6 * HOUR_MS);
    assert.equal(after.log, [`resolved (recovered) shop/user after ${300 + 1 / 6} min`]);
    // One who was silent before control stopped is missed at the same time as if it had not.
    assert.equal(new Living(rules, cluster, { toMs: afterMs - MINUTE_MS }).to(4 * HOUR_MS).log, before.log);
  }
});

/** Windows of a quarter of an hour as sidecars send them; that of user is silent from the fourth minute to the eleventh. */
function windows(random: () => number): ReportedWindow[] {
  return Array.from({ length: 900 }, (_, second) => {
    const startMs = BEGIN_MS + second * 1_000;
    const isSilent = second >= 240 && second < 660;
    const count = 1 + Math.floor(random() * 5);
    const edge = { client: "shop/front", server: "shop/user", count };
    return [
      windowOf([observation({ ...edge, side: "source" })], { startMs, reporter: "shop/front", instance: "front" }),
      ...(isSilent ? [] : [windowOf([observation(edge)], { startMs, reporter: "shop/user", instance: "user" })]),
    ];
  }).flat();
}

test("the same windows in another order, and late ones, miss the same", () => {
  const random = randomOf(8);
  const all = windows(random);
  /** What fires, where windows come some time after their own. */
  const fired = (delayMs: () => number): string => {
    const engine = new AlertEngine({ rules: [noData()] });
    engine.begin(BEGIN_MS);
    const coming = shuffled(all, random).map((window) => ({ window, atMs: window.startMs + delayMs() }));
    const told: string[] = [];
    for (let tick = 0; tick < 95; tick++) {
      // What came until half a minute after the slot's end is there when it is judged.
      const [fromMs, toMs] = [engine.endMs + 30_000, engine.endMs + SLOT_MS + 30_000];
      for (const { window, atMs } of coming) {
        if ((atMs >= fromMs || tick === 0) && atMs < toMs) engine.add(window);
      }
      for (const { alert } of engine.tick([]).changes)
        told.push(`${alert.state} ${alert.labels["workload"]!} at ${engine.endMs - BEGIN_MS}`);
    }
    return told.join();
  };
  const expected = fired(() => 0);
  assert.is(expected, "firing shop/user at 540000,resolved shop/user at 670000");
  for (let round = 0; round < 5; round++)
    assert.is(
      fired(() => random() * 30_000),
      expected,
    );
});

test("a window that comes minutes late ends a silence that there was not", () => {
  const engine = new AlertEngine({ rules: [noData()] });
  engine.begin(BEGIN_MS);
  const of = (reporter: string, side: "source" | "destination", second: number): ReportedWindow =>
    windowOf([observation({ client: "shop/front", server: "shop/user", side, count: 3 })], {
      ...{ reporter, instance: reporter, startMs: BEGIN_MS + second * 1_000 },
    });
  engine.add(of("shop/user", "destination", 0));
  for (let tick = 0; tick < 40; tick++) {
    engine.add(of("shop/front", "source", tick * 10));
    engine.tick([]);
  }
  assert.is(engine.alerts().length, 1);
  for (let second = 10; second < 400; second += 10) engine.add(of("shop/user", "destination", second));
  engine.add(of("shop/front", "source", 400));
  engine.tick([]);
  assert.equal(engine.alerts(), []);
});

test.run();
