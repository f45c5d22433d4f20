import { test } from "uvu";
import * as assert from "uvu/assert";
import { Arrivals } from "../../../../control/alerts/counting/arrivals.ts";
import { BAD, LOST, Measures, REPORTED, REQUESTS } from "../../../../control/alerts/counting/measures.ts";
import { SeriesTable } from "../../../../control/alerts/counting/series.ts";
import { SLOT_MS, slotOf } from "../../../../control/alerts/counting/slots.ts";
import type { Outcome, Protocol, ReportedWindow, ReporterSide } from "../../../../control/identity/observation.ts";
import { shownOf, viewOf } from "../../../../control/world/reporter-rule.ts";
import { partOf } from "../../../../control/world/spread.ts";
import { START_MS, observation, windowOf } from "../../world/fixtures.ts";
import { randomOf, shuffled } from "../../world/random.ts";

const FIRST_SLOT = slotOf(START_MS);
const SLOTS = 12;
const AFTER = FIRST_SLOT + SLOTS + 10;

/** Requests and bad ones by slot and series, as they were told. */
class Told {
  readonly sums = new Map<string, [requests: number, bad: number]>();
  readonly arrivals = new Arrivals(new Measures([]), new SeriesTable(), ({ counted }, slot, change) => {
    const key = `${slot} ${counted.client.id} ${counted.server.id} ${counted.route}`;
    const [requests, bad] = this.sums.get(key) ?? [0, 0];
    this.sums.set(key, [requests + change[REQUESTS]!, bad + change[BAD]!]);
  });

  add(...windows: readonly ReportedWindow[]): this {
    for (const window of windows) this.arrivals.add(window, -Infinity);
    return this;
  }

  read(endSlot = AFTER, times = 1): this {
    for (let time = 0; time < times; time++) this.arrivals.read(endSlot);
    return this;
  }

  get requests(): number {
    return [...this.sums.values()].reduce((sum, [requests]) => sum + requests, 0);
  }

  get text(): string {
    const some = [...this.sums].filter(([, counts]) => counts.some((count) => count !== 0));
    return JSON.stringify(some.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function randomWindows(random: () => number): ReportedWindow[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const one = () =>
    observation({
      side: pick<ReporterSide>(["destination", "source", "wire"]),
      client: pick(["shop/a", "shop/b", "external/e"]),
      server: pick(["shop/b", "shop/c", "shop/d"]),
      protocol: pick<Protocol>(["http", "redis"]),
      route: pick(["/1", "/2"]),
      outcome: pick<Outcome>(["success", "clientError", "serverError", "notReached", "noAnswer"]),
      count: 1 + Math.floor(random() * 20),
    });
  return Array.from({ length: 50 }, () => {
    const startMs = FIRST_SLOT * SLOT_MS + Math.floor(random() * (SLOTS - 5) * SLOT_MS);
    return windowOf(Array.from({ length: 4 }, one), {
      startMs,
      durationMs: random() < 0.7 ? 1_000 : 1_600 + random() * 40_000,
    });
  });
}

/** The reporter rule by its definition, slot by slot. */
function byTheRule(windows: readonly ReportedWindow[]): string {
  const told = new Told();
  for (let slot = FIRST_SLOT - 1; slot < AFTER; slot++) {
    const parts = windows.flatMap(({ startMs, durationMs, observations }) => {
      const from = Math.max(0, (slot * SLOT_MS - startMs) / durationMs);
      const to = Math.min(1, ((slot + 1) * SLOT_MS - startMs) / durationMs);
      const isWhole = durationMs <= 1_500;
      const isIn = isWhole ? slotOf(startMs + durationMs / 2) === slot : from < 1 && to > 0 && from < to;
      if (!isIn) return [];
      const part = isWhole ? { slot, from: 0, to: 1 } : { slot, from, to };
      return observations.map((each, at) => ({ ...each, ...partOf(each, part, at * 64) }));
    });
    const heardAs = (node: string, side: ReporterSide, end: "client" | "server"): boolean =>
      parts.some((each) => each.side === side && each[end] === node);
    const isHeard = (node: string): boolean =>
      heardAs(node, "destination", "server") || heardAs(node, "source", "client");
    for (const each of parts) {
      const serverAsDestination = heardAs(each.server, "destination", "server");
      const eitherEnd = isHeard(each.client) || isHeard(each.server);
      const { views } = shownOf({ protocol: each.protocol, serverAsDestination, eitherEnd });
      if (!views.includes(viewOf(each))) continue;
      const key = `${slot} ${each.client} ${each.server} ${each.route}`;
      const [requests, bad] = told.sums.get(key) ?? [0, 0];
      const isGone = each.outcome === "noAnswer" && each.client.startsWith("external/");
      const isBad = !isGone && ["serverError", "notReached", "noAnswer"].includes(each.outcome);
      told.sums.set(key, [requests + each.count, bad + (isBad ? each.count : 0)]);
    }
  }
  return told.text;
}

test("what is told is what the reporter rule shows, in whatever order windows come and whenever they are read", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomOf(seed);
    const windows = randomWindows(random);
    const expected = byTheRule(windows);
    // The reporter itself is heard too: here none reports that is an end.
    for (let round = 0; round < 3; round++) {
      const told = new Told();
      let reads = 0;
      for (const window of shuffled(windows, random)) {
        told.add({ ...window, reporter: "shop/other" });
        // Fewer than settle a slot.
        if (round > 0 && reads < 5 && random() < 0.1) reads = told.read() && reads + 1;
      }
      told.read(AFTER, 20);
      assert.is(told.text, expected, `seed ${seed}, round ${round}`);
    }
  }
});

test("what lies ahead waits for its time, however long", () => {
  const told = new Told().add(windowOf([observation({ count: 4 })], { startMs: (FIRST_SLOT + 40) * SLOT_MS }));
  for (let slot = FIRST_SLOT; slot <= FIRST_SLOT + 40; slot++) told.read(slot);
  assert.is(told.requests, 0);
  assert.is(told.read(FIRST_SLOT + 41).requests, 4);
});

test("a client that reports long after its server did adds only what never arrived", () => {
  const told = new Told().add(windowOf([observation({ count: 10 })])).read(AFTER, 10);
  told.add(windowOf([observation({ side: "source", count: 10 })], { reporter: "a" })).read(AFTER, 10);
  assert.is(told.requests, 10);
  told
    .add(windowOf([observation({ side: "source", outcome: "notReached", count: 3 })], { reporter: "a" }))
    .read(AFTER, 10);
  assert.is(told.requests, 13);
});

test("a server that reports long after its client did adds only what others asked", () => {
  const told = new Told()
    .add(windowOf([observation({ side: "source", count: 10 })], { reporter: "a" }))
    .read(AFTER, 10);
  const late = [observation({ count: 10 }), observation({ client: "external/e", count: 5 })];
  assert.is(told.add(windowOf(late)).read(AFTER, 10).requests, 15);
});

test("a window of hours is spread over its slots and loses nothing; what lies beyond six hours is counted as cut", () => {
  const hours = (count: number): ReportedWindow =>
    windowOf([observation({ count: 100_000 })], { startMs: START_MS, durationMs: count * 3_600_000 });
  const end = FIRST_SLOT + 10 * 360;
  const told = new Told().add(hours(5)).read(end);
  assert.is(told.requests, 100_000);
  assert.is(told.arrivals.cut, 0);
  const cut = new Told().add(hours(8)).read(end);
  assert.is(cut.requests + cut.arrivals.cut, 100_000);
  assert.ok(cut.arrivals.cut > 24_000);
});

test("what is held is bounded, and what is settled before its time is told all the same", () => {
  const told = new Told().read(AFTER + 3_000);
  const observations = Array.from({ length: 210 }, (_, at) => observation({ route: `/${at}`, count: 2_000 }));
  told.add(windowOf(observations, { durationMs: 2_000 * SLOT_MS })).read(AFTER + 3_000);
  assert.is(told.requests + told.arrivals.cut, 420_000);
  assert.is(told.arrivals.cut, 0);
});

test("where all that is held lies ahead, the furthest is given up and counted", () => {
  const told = new Told().read(FIRST_SLOT);
  const observations = Array.from({ length: 210 }, (_, at) => observation({ route: `/${at}`, count: 2_000 }));
  told.add(windowOf(observations, { durationMs: 2_000 * SLOT_MS }));
  told.read(FIRST_SLOT + 3_000);
  assert.is(told.requests + told.arrivals.cut, 420_000);
  assert.ok(told.arrivals.cut > 0);
});

test("losses are of the reporter's workload, beside what it told", () => {
  const sums = [0, 0];
  const arrivals = new Arrivals(new Measures([]), new SeriesTable(), ({ counted }, _slot, change) => {
    assert.is(counted.server.id, change[REPORTED]! > 0 ? "shop/x" : "b");
    sums[0]! += change[REPORTED]!;
    sums[1]! += change[LOST]!;
  });
  const losses = [
    { kind: "endpointsFull", count: 3 },
    { kind: "valuesCut", count: 9 },
  ] as const;
  arrivals.add(windowOf([observation({ count: 7 })], { reporter: "shop/x", losses }), -Infinity);
  arrivals.read(AFTER);
  assert.equal(sums, [10, 3]);
});

test.run();
