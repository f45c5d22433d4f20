import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Observation, Outcome, ReportedWindow, ReporterSide } from "../../../control/identity/observation.ts";
import { bucketsOf } from "../../../control/world/histogram.ts";
import { World } from "../../../control/world/world.ts";
import { START_MS, connections, edgeIn, observation, windowOf } from "./fixtures.ts";
import { randomOf, shuffled } from "./random.ts";

const SIDES: readonly ReporterSide[] = ["destination", "source", "wire"];
const OUTCOMES: readonly Outcome[] = ["success", "clientError", "serverError", "notReached", "noAnswer"];

/** Windows of many lengths and times over a minute, by several reporters of several edges. */
function randomWindows(random: () => number): ReportedWindow[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const randomObservation = (): Observation => {
    const values = Array.from({ length: Math.floor(random() * 6) }, () => Math.exp(random() * 16));
    return observation({
      side: pick(SIDES),
      client: pick(["a", "b", "external/e"]),
      server: pick(["b", "c", "d"]),
      route: pick(["/1", "/2"]),
      outcome: pick(OUTCOMES),
      count: values.length + Math.floor(random() * 3),
      buckets: bucketsOf(values),
    });
  };
  return Array.from({ length: 60 }, (_, at) =>
    windowOf(Array.from({ length: 5 }, randomObservation), {
      instance: `instance-${at % 7}`,
      startMs: START_MS + Math.floor(random() * 60_000),
      durationMs: random() < 0.8 ? 1_000 : Math.floor(1 + random() * 50_000),
    }),
  );
}

test("the order in which windows arrive does not matter, nor when snapshots are taken in between", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = randomOf(seed);
    const windows = randomWindows(random);
    const pictureOf = (order: readonly ReportedWindow[], snapshots: boolean): string => {
      const world = new World();
      order.forEach((window, at) => {
        world.add(window);
        if (snapshots && at % 9 === 0) world.snapshot(START_MS + 20_000 + at * 500);
      });
      return JSON.stringify(world.snapshot(START_MS + 60_000));
    };
    const expected = pictureOf(windows, false);
    for (let round = 0; round < 3; round++) {
      assert.is(pictureOf(shuffled(windows, random), round > 0), expected, `seed ${seed}, round ${round}`);
    }
  }
});

test("every request is in exactly one second, however long its window was", () => {
  const random = randomOf(99);
  for (let round = 0; round < 40; round++) {
    const world = new World();
    const values = Array.from({ length: Math.floor(random() * 30) }, () => Math.exp(random() * 16));
    const untimed = Math.floor(random() * 5);
    const startMs = START_MS + Math.floor(random() * 1_000);
    const durationMs = Math.floor(1 + random() * 20_000);
    const counted = observation({ count: values.length + untimed, buckets: bucketsOf(values) });
    world.add(windowOf([counted], { startMs, durationMs }));
    const requests = (second: number): number => {
      const [edge] = world.snapshot(START_MS + second * 1_000).edges;
      return edge?.red.requests ?? 0;
    };
    assert.is(requests(25), counted.count, "all of it is in the window");
    assert.is(requests(60), 0, "all of it has left");
  }
});

test("of TCP too: connections, their bytes and how long they lived, each by itself", () => {
  const random = randomOf(98);
  for (let round = 0; round < 40; round++) {
    const world = new World();
    const counted = connections({
      count: Math.floor(random() * 5),
      buckets: bucketsOf(Array.from({ length: Math.floor(random() * 30) }, () => Math.exp(random() * 29))),
      requestBytes: Math.floor(random() * 1e9),
      responseBytes: Math.floor(random() * 100),
      active: 1,
    });
    const durationMs = Math.floor(1 + random() * 20_000);
    world.add(windowOf([counted], { startMs: START_MS + Math.floor(random() * 1_000), durationMs }));
    const picture = (second: number) => {
      const { windowSeconds, edges } = world.snapshot(START_MS + second * 1_000);
      const { red, requestBytesRate, responseBytesRate, lifetime } = edges[0]!;
      const bytes = [requestBytesRate, responseBytesRate].map((rate) => Math.round(rate * windowSeconds));
      return [red.requests, ...bytes, lifetime.p50Ms !== null];
    };
    const { count, requestBytes, responseBytes, buckets } = counted;
    assert.equal(picture(25), [count, requestBytes, responseBytes, buckets.length > 0], "all of it is in the window");
    assert.equal(picture(60), [0, 0, 0, false], "all of it has left");
  }
});

test("bytes of a long window leave the health window bit by bit, and add up to what is shown of two reporters' windows", () => {
  const world = new World();
  const moved = connections({ count: 0, requestBytes: 3_000_000, active: 2 });
  world.add(windowOf([moved], { startMs: START_MS, durationMs: 30_000 }));
  world.add(windowOf([moved], { startMs: START_MS, durationMs: 30_000, instance: "another worker" }));
  for (let second = 32; second <= 62; second++) {
    const edge = edgeIn(world.snapshot(START_MS + second * 1_000), "a>b/tcp");
    assert.is(Math.round(edge.requestBytesRate * 30), (62 - second) * 200_000, `at ${second} s`);
    assert.is(edge.health, "healthy", "connections are open");
  }
});

test("a long window leaves the health window bit by bit", () => {
  const world = new World();
  world.add(windowOf([observation({ count: 300 })], { startMs: START_MS, durationMs: 30_000 }));
  for (let second = 32; second <= 62; second++) {
    const [edge] = world.snapshot(START_MS + second * 1_000).edges;
    assert.is(edge!.red.requests, (62 - second) * 10, `at ${second} s`);
  }
});

test("of a window that is hours long only its last seconds are in the health window", () => {
  const world = new World();
  const hours = 5 * 3_600;
  world.add(windowOf([observation({ count: hours * 2 })], { startMs: START_MS, durationMs: hours * 1_000 }));
  const snapshot = world.snapshot(START_MS + (hours + 2) * 1_000);
  assert.is(snapshot.edges[0]!.red.requests, 60);
  assert.is(snapshot.edges[0]!.total, hours * 2);
  assert.ok(world.size().held < 60, "and it is not cut into more parts than that");
});

test.run();
