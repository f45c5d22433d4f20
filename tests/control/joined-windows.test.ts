import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Observation, ReportedWindow } from "../../control/identity/observation.ts";
import { JoinedWindows } from "../../control/joined-windows.ts";
import { bucketsOf } from "../../control/world/histogram.ts";
import { World } from "../../control/world/world.ts";
import { START_MS, connections, exemplar, identity, observation, timed, windowOf } from "./world/fixtures.ts";
import { podTraffic } from "./world/pod-fixtures.ts";
import { randomOf } from "./world/random.ts";

function joined(...windows: readonly ReportedWindow[]): { listed: ReportedWindow[]; size: number } {
  const all = new JoinedWindows();
  for (const window of windows) all.add(window);
  return { listed: all.list(), size: all.size };
}

function counts(window: ReportedWindow | undefined): number[] {
  return window?.observations.map(({ count }) => count) ?? [];
}

test("what pods of a workload say alike of a second stands once, in the first of their windows", () => {
  const first = windowOf([timed(3, 10), observation({ route: "/carts", count: 1 })], { instance: "1" });
  const second = windowOf([timed(4, 10), timed(1, 80)], { instance: "2", startMs: START_MS + 300 });
  const third = windowOf([observation({ status: 500, outcome: "serverError", client: "c" })], { instance: "3" });
  const { listed, size } = joined(first, second, third);
  assert.equal(counts(listed[0]), [8, 1, 1]);
  assert.equal(listed[0]?.observations[0]?.buckets, [...bucketsOf([10_000]), ...bucketsOf([80_000])].with(1, 7));
  assert.equal(
    listed.slice(1).map(({ observations }) => observations),
    [[], []],
  );
  assert.equal(
    listed.map(({ instance, startMs }) => ({ instance, startMs })),
    [first, second, third].map(({ instance, startMs }) => ({ instance, startMs })),
  );
  assert.equal(listed[0]?.nodes, [identity("a"), identity("b"), identity("c")]);
  assert.is(size, 3 + 3, "three windows, three counters");
});

test("a window by itself is handed on as it came, however often it is asked for", () => {
  const window = windowOf([observation(), observation()], { exemplars: [exemplar()], pods: [podTraffic()] });
  const all = new JoinedWindows();
  all.add(window);
  assert.is(all.list()[0], window);
  assert.is(all.list()[0], window);
  assert.is(all.size, 5);
});

test("other workloads, other seconds and long windows are not joined; nor is TCP", () => {
  const others = [
    windowOf([observation()]),
    windowOf([observation()], { reporter: "c" }),
    windowOf([observation()], { startMs: START_MS + 1_000 }),
    windowOf([observation()], { startMs: START_MS, durationMs: 1_501 }),
    windowOf([], { instance: "silent" }),
  ];
  assert.equal(joined(...others).listed, others);

  const open = [2, 5].map((active) => windowOf([observation(), connections({ active })], { instance: `${active}` }));
  const { listed } = joined(...open);
  assert.equal(counts(listed[0]), [2, 1]);
  assert.equal(
    listed.map(({ observations }) => observations.at(-1)?.active),
    [2, 5],
  );
});

test("what pods said, losses and requests by name stay with the window that said so", () => {
  const parts = (instance: string): Partial<ReportedWindow> => ({
    instance,
    pods: [podTraffic()],
    losses: [{ kind: "valuesCut", count: 1 }],
    exemplars: [exemplar({ requestId: instance })],
  });
  const windows = ["1", "2"].map((instance) => windowOf([observation()], parts(instance)));
  const { listed } = joined(...windows);
  const beside = ({ pods, losses, exemplars }: ReportedWindow): object => ({ pods, losses, exemplars });
  assert.equal(listed.map(beside), windows.map(beside));
});

test("a map that is filled from them is the map that the windows themselves made", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = randomOf(seed);
    const anyOf = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const anyObservation = (): Observation => {
      const values = Array.from({ length: Math.floor(random() * 6) }, () => Math.exp(random() * 16));
      const kind = { client: anyOf(["a", "c"]), route: anyOf(["/1", "/2"]), status: anyOf([200, 404]) };
      const numbers = { count: values.length + Math.floor(random() * 2), buckets: bucketsOf(values) };
      return random() < 0.2
        ? connections({ client: "b", server: "db", active: 3 })
        : observation({ ...kind, ...numbers });
    };
    // More than the histograms that wait, of some of which nothing was timed.
    const windows = Array.from({ length: 200 }, (_, at) => {
      const observations = Array.from({ length: 1 + Math.floor(random() * 4) }, anyObservation);
      const durationMs = anyOf([1_000, 1_000, 1_000, 990, 7_300]);
      return windowOf(observations, { instance: `${at % 40}`, startMs: START_MS + random() * 8_000, durationMs });
    });
    const picture = (of: readonly ReportedWindow[]): unknown => {
      const world = new World();
      for (const window of of) world.add(window);
      return JSON.parse(JSON.stringify(world.snapshot(START_MS + 20_000)));
    };
    const { listed, size } = joined(...windows);
    assert.equal(picture(listed), picture(windows), `seed ${seed}`);
    assert.ok(size < windows.reduce((sum, { observations }) => sum + 1 + observations.length, 0));
  }
});

test.run();
