import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Observation, ReportedWindow } from "../../../control/identity/observation.ts";
import { DURATION_BOUNDS } from "../../../control/world/duration-bounds.ts";
import type { CountedTraffic } from "../../../control/world/edge-counters.ts";
import { bucketsOf } from "../../../control/world/histogram.ts";
import { World } from "../../../control/world/world.ts";
import { START_MS, connections, observation, timed, windowOf } from "./fixtures.ts";
import { randomOf } from "./random.ts";

const HOUR_MS = 3_600_000;

/** What the client's sidecar counts. */
const source = (differing: Partial<Observation>): Observation => observation({ side: "source", ...differing });
const bySource = (observations: readonly Observation[], differing: Partial<ReportedWindow> = {}): ReportedWindow =>
  windowOf(observations, { reporter: "a", instance: "instance-a", ...differing });

function trafficOf(world: World, id = "a>b/http"): CountedTraffic {
  for (const edge of world.counters()) if (edge.id === id) return edge.traffic;
  throw new Error(`no counters of ${id}`);
}

const sum = (numbers: Readonly<Float64Array>): number => numbers.reduce((total, one) => total + one, 0);
const requests = (world: World): number => sum(trafficOf(world).outcomes);

/** Every number, in one row. */
const numbersOf = ({ outcomes, requestBytes, responseBytes, durations, durationSeconds }: CountedTraffic): number[] => [
  ...[...outcomes, requestBytes, responseBytes],
  ...[...durations, durationSeconds],
];

test("requests are counted by outcome and under the bounds of how long they took", () => {
  const world = new World();
  world.add(
    windowOf([
      timed(7, 0.8),
      timed(5, 30),
      timed(2, 40_000, { outcome: "serverError", status: 500 }),
      observation({ count: 3, outcome: "clientError", status: 404 }),
    ]),
  );
  const { outcomes, durations, durationSeconds } = trafficOf(world);
  assert.equal([...outcomes], [12, 3, 2, 0, 0]);
  const upTo = (bound: (typeof DURATION_BOUNDS)[number]): number => durations[DURATION_BOUNDS.indexOf(bound)]!;
  assert.equal([upTo(0.001), upTo(0.025), upTo(0.05), upTo(30), durations.at(-1)], [7, 7, 12, 12, 14]);
  assert.ok(Math.abs(durationSeconds / 80.1556 - 1) < 0.01);
});

test("every duration is under each bound that is above it by more than 1 %, and under none below it", () => {
  const random = randomOf(3);
  for (let round = 0; round < 300; round++) {
    const micros = Math.floor(Math.exp(random() * 18));
    const world = new World();
    world.add(windowOf([observation({ buckets: bucketsOf([micros]) })]));
    const { durations } = trafficOf(world);
    DURATION_BOUNDS.forEach((bound, at) => {
      if (micros * 1.01 < bound * 1e6) assert.is(durations[at], 1, `${micros} us, ${bound} s`);
      if (micros / 1.01 > bound * 1e6) assert.is(durations[at], 0, `${micros} us, ${bound} s`);
    });
  }
});

test("two reporters of the same requests are not added, whichever is heard first", () => {
  for (const isServerFirst of [true, false]) {
    const world = new World();
    const windows = [windowOf([observation({ count: 10 })]), bySource([source({ count: 10 })])];
    for (const window of isServerFirst ? windows : windows.reverse()) {
      world.add(window);
      world.advance(START_MS + 3_000);
      assert.is(requests(world), 10);
    }
    world.add(bySource([source({ count: 4, outcome: "notReached" })], { startMs: START_MS + 1_000 }));
    assert.equal([...trafficOf(world).outcomes], [10, 0, 0, 4, 0], "what never arrived only the client can count");
  }
});

test("when the server's sidecar falls silent the client's goes on counting, and nothing is missing", () => {
  const world = new World();
  for (let second = 0; second < 100; second++) {
    const startMs = START_MS + second * 1_000;
    if (second < 40) world.add(windowOf([observation({ count: 5 })], { startMs }));
    world.add(bySource([source({ count: 5 })], { startMs }));
    world.advance(startMs + 2_000);
    requests(world);
  }
  assert.is(requests(world), 500);
});

test("what a reporter tells late, after the other stood in for it, is not counted once more", () => {
  const world = new World();
  for (let second = 0; second < 100; second++) {
    const startMs = START_MS + second * 1_000;
    world.add(bySource([source({ count: 5 })], { startMs }));
    world.advance(startMs + 2_000);
    requests(world);
  }
  world.add(windowOf([observation({ count: 500 })], { startMs: START_MS, durationMs: 100_000 }));
  world.advance(START_MS + 103_000);
  assert.is(requests(world), 500);
});

test("an hour in which two reporters disagree does not hold up the next", () => {
  const world = new World();
  world.add(windowOf([observation({ count: 1_000 })]));
  world.add(bySource([source({ count: 10 })]));
  world.advance(START_MS + 2_000);
  assert.is(requests(world), 1_000);
  world.advance(START_MS + HOUR_MS + 3_000);
  world.add(bySource([source({ count: 7 })], { startMs: START_MS + HOUR_MS + 1_000 }));
  world.advance(START_MS + HOUR_MS + 5_000);
  assert.is(requests(world), 1_007);
});

test("nothing ever goes down: late and long windows, reporters that come and go, routes that move", () => {
  const sides = ["destination", "source", "wire"] as const;
  const outcomes = ["success", "clientError", "serverError", "notReached", "noAnswer"] as const;
  for (let seed = 1; seed <= 10; seed++) {
    const random = randomOf(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const world = new World({ maxEndpointsPerEdge: 3 });
    let nowMs = START_MS;
    let before: number[] = [];
    for (let step = 0; step < 300; step++) {
      const counted = observation({
        side: pick(sides),
        route: pick(["/1", "/2", "/3", "/4"]),
        outcome: pick(outcomes),
        count: Math.floor(random() * 9),
        buckets: bucketsOf([Math.exp(random() * 18)]),
        requestBytes: Math.floor(random() * 1e6),
      });
      const durationMs = random() < 0.8 ? 1_000 : Math.floor(random() * 100_000);
      world.add(windowOf([counted], { startMs: nowMs - Math.floor(random() * 200_000), durationMs }));
      nowMs += random() < 0.02 ? HOUR_MS / 2 : Math.floor(random() * 20_000);
      if (random() < 0.1) world.moveRoutes(() => "/{id}");
      world.advance(nowMs);
      const now = numbersOf(trafficOf(world));
      now.forEach((value, at) => assert.ok(value >= (before[at] ?? 0), `seed ${seed}, step ${step}, number ${at}`));
      before = now;
    }
  }
});

test("what was counted before control started is not counted, and an edge that was never shown is not told", () => {
  const world = new World();
  world.restore(windowOf([observation({ count: 10 })]));
  assert.is(requests(world), 0);
  world.add(windowOf([observation({ client: "c", count: 1 })], { startMs: START_MS + 1_000 }));
  world.add(bySource([source({ client: "other-name", count: 3 })], { startMs: START_MS + 1_000 }));
  world.advance(START_MS + 4_000);
  assert.equal(
    [...world.counters()].map(({ id }) => id),
    ["a>b/http", "c>b/http"],
  );
});

test("of TCP: connections, bytes, and how many are open", () => {
  const world = new World();
  const moved = connections({ count: 2, requestBytes: 100, responseBytes: 2_000, active: 5 });
  world.add(windowOf([moved], { instance: "one" }));
  world.add(windowOf([{ ...moved, outcome: "notReached", count: 1 }], { instance: "two" }));
  const [edge] = [...world.counters()];
  assert.equal([...edge!.traffic.outcomes], [2, 0, 0, 1, 0]);
  assert.equal([edge!.traffic.requestBytes, edge!.traffic.responseBytes, edge!.open], [200, 4_000, 10]);
});

test.run();
