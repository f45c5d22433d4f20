import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Observation } from "../../../control/identity/observation.ts";
import type { SnapshotEdge } from "../../../control/world/model.ts";
import { World } from "../../../control/world/world.ts";
import { START_MS, connections, observation, timed, windowOf } from "./fixtures.ts";

/** The one edge of a world in which these requests happened. */
function edgeOf(...observations: Observation[]): SnapshotEdge {
  const world = new World();
  world.add(windowOf(observations));
  return world.snapshot(START_MS + 3_000).edges[0]!;
}

const failed = (count: number, differing: Partial<Observation> = {}): Observation =>
  observation({ count, outcome: "serverError", status: 500, ...differing });

test("errors: healthy below 1 %, degraded from there, failing from 5 %", () => {
  assert.is(edgeOf(observation({ count: 992 }), failed(8)).health, "healthy");
  assert.is(edgeOf(observation({ count: 990 }), failed(10)).health, "degraded");
  assert.is(edgeOf(observation({ count: 951 }), failed(49)).health, "degraded");
  assert.is(edgeOf(observation({ count: 950 }), failed(50)).health, "failing");
});

test("two errors are no alarm, three are", () => {
  assert.is(edgeOf(failed(2)).health, "healthy");
  assert.is(edgeOf(failed(3)).health, "failing");
});

test("latency: degraded when 10 % take longer than 500 ms, failing when they take longer than a second", () => {
  assert.is(edgeOf(timed(91, 10), timed(9, 5_000)).health, "healthy");
  assert.is(edgeOf(timed(90, 10), timed(10, 490)).health, "healthy");
  assert.is(edgeOf(timed(90, 10), timed(10, 600)).health, "degraded");
  assert.is(edgeOf(timed(90, 10), timed(10, 1_100)).health, "failing");
  assert.is(edgeOf(timed(2, 1_100)).health, "healthy", "two slow ones are no alarm");
});

test("findings say what was found, and the limit", () => {
  const errors = edgeOf(observation({ count: 876 }), failed(124));
  assert.equal(errors.endpoints[0]!.findings, [{ kind: "errors", text: "12.4 % errors (limit 5 %)" }]);
  assert.equal(errors.findings, [{ kind: "errors", text: "GET /: 12.4 % errors (limit 5 %)" }]);
  const slow = edgeOf(timed(80, 10), timed(20, 600));
  assert.equal(slow.endpoints[0]!.findings, [{ kind: "latency", text: "20 % slower than 500 ms (limit 10 %)" }]);
});

test("an edge is as bad as its worst endpoint", () => {
  const edge = edgeOf(observation({ count: 10_000 }), failed(10, { route: "/rare" }));
  assert.is(edge.health, "failing");
  assert.equal(
    edge.endpoints.map(({ route, health }) => [route, health]),
    [
      ["/rare", "failing"],
      ["/", "healthy"],
    ],
  );
});

test("many endpoints with a few errors each are a trouble of the edge", () => {
  const routes = ["/1", "/2", "/3", "/4"];
  const edge = edgeOf(...routes.flatMap((route) => [observation({ route, count: 8 }), failed(2, { route })]));
  assert.equal(
    edge.endpoints.map((endpoint) => endpoint.health),
    routes.map(() => "healthy"),
  );
  assert.is(edge.health, "failing");
  assert.equal(edge.findings, [{ kind: "errors", text: "20 % errors (limit 5 %)" }]);
});

test("client errors are no trouble of the server", () => {
  const edge = edgeOf(observation({ count: 50 }), observation({ count: 50, outcome: "clientError", status: 404 }));
  assert.is(edge.health, "healthy");
  assert.is(edge.red.clientErrors, 50);
});

test("not reached and no answer are errors, and shown as one", () => {
  const edge = edgeOf(
    observation({ count: 4, outcome: "notReached", side: "source" }),
    observation({ count: 6, outcome: "noAnswer", side: "source" }),
  );
  assert.equal([edge.health, edge.red.notReached, edge.red.errorShare], ["failing", 10, 1]);
});

test("a visitor who goes away is a client error, a service that gets no answer is not", () => {
  const gone = (client: string): SnapshotEdge =>
    edgeOf(observation({ client, count: 50 }), observation({ client, count: 50, outcome: "noAnswer", status: 0 }));
  const visitor = gone("external/visitors");
  assert.equal([visitor.health, visitor.red.clientErrors, visitor.red.notReached], ["healthy", 50, 0]);
  assert.is(gone("a").health, "failing");
});

test("a TCP edge only fails by not being reached; how long its connections lived is no latency", () => {
  const { buckets } = timed(50, 60_000);
  const long = edgeOf(connections({ count: 50, buckets }), connections({ count: 50, outcome: "noAnswer" }));
  assert.equal([long.health, long.red.p99Ms, long.red.errorShare], ["healthy", null, 0]);
  assert.equal([long.endpoints[0]!.health, long.endpoints[0]!.red.p99Ms], ["healthy", null]);
  assert.ok(Math.abs(long.lifetime.p99Ms! - 60_000) < 600, `${long.lifetime.p99Ms}`);
  const refused = edgeOf(connections({ count: 5, buckets: timed(5, 60_000).buckets, outcome: "notReached" }));
  assert.equal([refused.health, refused.findings], ["failing", [{ kind: "errors", text: "100 % errors (limit 5 %)" }]]);
});

test("a connection that went on as another protocol is not slow", () => {
  const edge = edgeOf(timed(50, 60_000, { status: 101 }), timed(50, 10));
  assert.is(edge.health, "healthy");
  assert.ok(edge.red.p99Ms! < 11);
  assert.is(edge.red.requests, 100);
});

test("limits are options", () => {
  const limit = { errorShare: 0.5, slowMs: 10, slowShare: 0.5 };
  const world = new World({ thresholds: { degraded: limit, failing: { ...limit, slowMs: 20 }, minCount: 1 } });
  world.add(windowOf([timed(1, 15), timed(1, 30, { route: "/slower" })]));
  const edge = world.snapshot(START_MS + 3_000).edges[0]!;
  assert.equal(
    edge.endpoints.map((endpoint) => endpoint.health),
    ["failing", "degraded"],
  );
});

test.run();
