import { test } from "uvu";
import * as assert from "uvu/assert";
import { arrivalSecondsFor } from "../../../control/world/options.ts";
import { World } from "../../../control/world/world.ts";
import { START_MS, edgeIn, observation, windowOf } from "./fixtures.ts";

test("edges beyond the limit are a loss, with what they would have counted", () => {
  const world = new World({ maxEdges: 3 });
  const servers = ["s1", "s2", "s3", "s4", "s5"];
  world.add(windowOf(servers.map((server) => observation({ server, count: 10 }))));
  const snapshot = world.snapshot(START_MS + 3_000);
  assert.is(snapshot.edges.length, 3);
  assert.equal(snapshot.losses, [{ kind: "edgesFull", count: 20 }]);
  assert.is(world.size().nodes, 4, "no node is kept for an edge that is not");
});

test("endpoints beyond the limit are counted together, and the loss is stated", () => {
  const world = new World({ maxEndpointsPerEdge: 2 });
  const routes = ["/1", "/2", "/3", "/4"];
  world.add(windowOf(routes.map((route) => observation({ route, count: 5 }))));
  const snapshot = world.snapshot(START_MS + 3_000);
  const edge = edgeIn(snapshot, "a>b/http");
  assert.equal(
    edge.endpoints.map(({ route, red }) => [route, red.requests]),
    [
      ["~other", 10],
      ["/1", 5],
      ["/2", 5],
    ],
  );
  assert.is(edge.total, 20);
  assert.equal(snapshot.losses, [{ kind: "endpointsFull", count: 10 }]);
});

test("a snapshot carries the worst and busiest endpoints and says how many it left out", () => {
  const world = new World({ maxEndpointsShown: 2 });
  world.add(
    windowOf([
      observation({ route: "/quiet", count: 1 }),
      observation({ route: "/busy", count: 100 }),
      observation({ route: "/broken", count: 5, outcome: "serverError", status: 500 }),
    ]),
  );
  const edge = edgeIn(world.snapshot(START_MS + 3_000), "a>b/http");
  assert.equal(
    edge.endpoints.map((endpoint) => endpoint.route),
    ["/broken", "/busy"],
  );
  assert.is(edge.endpointsCut, 1);
  assert.is(edge.red.requests, 106, "the edge still counts them all");
});

test("what finds no room in the window counts in totals and is stated", () => {
  const world = new World({ maxHeld: 2 });
  const routes = ["/1", "/2", "/3"];
  world.add(windowOf(routes.map((route) => observation({ route }))));
  const edge = edgeIn(world.snapshot(START_MS + 3_000), "a>b/http");
  assert.equal([edge.total, edge.red.requests, world.size().skipped], [3, 2, 1]);
});

test("what many reporters say of the same second is held once, whenever it comes, and leaves the window whole", () => {
  const world = new World({ maxHeld: 3 });
  const buckets = (at: number): number[] => [100 + (at % 7), 1, 150, 1];
  const say = (at: number): void => {
    const failed = { count: 1, outcome: "serverError", status: 500 } as const;
    const told = [observation({ count: 2, buckets: buckets(at) }), observation(failed), observation({ status: 201 })];
    world.add(windowOf(told, { instance: `pod-${at}` }));
  };
  for (let at = 0; at < 500; at++) say(at);
  const before = edgeIn(world.snapshot(START_MS + 3_000), "a>b/http");
  for (let at = 500; at < 1_000; at++) say(at);
  const after = edgeIn(world.snapshot(START_MS + 4_000), "a>b/http");
  assert.equal([before.red.requests, after.red.requests, after.total], [2_000, 4_000, 4_000]);
  assert.equal([after.red.errorShare, after.red.p50Ms], [before.red.errorShare, before.red.p50Ms]);
  assert.equal([world.size().held, world.size().skipped], [3, 0]);
  const gone = edgeIn(world.snapshot(START_MS + 60_000), "a>b/http");
  assert.equal([gone.red.requests, gone.red.p50Ms, world.size().held], [0, null, 0]);
});

test("a window from a wild future counts in totals and is not held", () => {
  const world = new World();
  world.snapshot(START_MS);
  world.add(windowOf([observation()], { startMs: START_MS + 10 * 365 * 86_400_000 }));
  assert.is(edgeIn(world.snapshot(START_MS + 3_000), "a>b/http").total, 1);
  assert.equal([world.size().held, world.size().skipped], [0, 1]);
});

test("a world that nobody looks at holds no more than one that is looked at, and shows the present when asked", () => {
  const world = new World();
  const seconds = 2_000;
  for (let second = 0; second < seconds; second++) {
    world.advance(START_MS + second * 1_000);
    world.add(windowOf([observation({ count: 2 })], { startMs: START_MS + second * 1_000, instance: `vm-${second}` }));
  }
  assert.ok(world.size().held <= 33, `${world.size().held} held`);
  assert.is(world.size().skipped, 0);
  assert.is(edgeIn(world.snapshot(START_MS + seconds * 1_000), "a>b/http").red.requests, 60);
});

test("reporters that report seldom are waited for: the rate of steady traffic is steady", () => {
  assert.equal([100, 1_000, 2_500].map(arrivalSecondsFor), [2, 2, 4]);
  const world = new World({ arrivalSeconds: arrivalSecondsFor(10_000) });
  const rates = new Set<number>();
  for (let second = 1; second <= 120; second++) {
    const window = { startMs: START_MS + (second - 10) * 1_000, durationMs: 10_000 };
    if (second % 10 === 0) world.add(windowOf([observation({ count: 100 })], window));
    const snapshot = world.snapshot(START_MS + second * 1_000 + 200);
    if (second > 60) rates.add(edgeIn(snapshot, "a>b/http").red.rate);
  }
  assert.equal([...rates], [10]);
});

test("a clock that is set back does not move the window back", () => {
  const world = new World();
  world.add(windowOf([observation({ count: 4 })]));
  world.snapshot(START_MS + 3_000);
  const snapshot = world.snapshot(START_MS - 60_000);
  assert.is(snapshot.atMs, START_MS + 1_000);
  assert.is(edgeIn(snapshot, "a>b/http").red.requests, 4);
});

test("nothing is held after everything has left the window", () => {
  const world = new World();
  for (let second = 0; second < 100; second++) {
    world.add(windowOf([observation()], { startMs: START_MS + second * 1_000, instance: `vm-${second}` }));
    world.snapshot(START_MS + second * 1_000);
  }
  assert.ok(world.size().held <= 33);
  assert.is(edgeIn(world.snapshot(START_MS + 200_000), "a>b/http").red.requests, 0);
  assert.is(world.size().held, 0);
});

test.run();
