import { test } from "uvu";
import * as assert from "uvu/assert";
import { mergeObservations } from "../../../control/identity/merge-observations.ts";
import type { NodeIdentity, NodeKind } from "../../../control/identity/node.ts";
import type { ReportedWindow } from "../../../control/identity/observation.ts";
import type { Snapshot } from "../../../control/world/model.ts";
import { Picture } from "../../../control/world/picture.ts";
import type { RangeSums } from "../../../control/world/picture.ts";
import { World } from "../../../control/world/world.ts";
import { START_MS, connections, edgeIn, identity, observation, timed } from "./fixtures.ts";
import { shopSecond } from "./shop.ts";
import type { Fault } from "./shop.ts";

/** What a store would answer for a range that these windows fill. */
function sumsOf(windows: readonly ReportedWindow[]): RangeSums {
  const nodes = new Map<string, NodeIdentity>(windows.flatMap((window) => window.nodes.map((node) => [node.id, node])));
  const observations = mergeObservations(windows.flatMap((window) => window.observations));
  return {
    observations,
    nodes: [...nodes.values()],
    losses: [],
    reporters: new Set(windows.map(({ instance }) => instance)).size,
  };
}

const RANGE = { fromMs: START_MS, toMs: START_MS + 30_000 };

function sumsOfObservations(observations: RangeSums["observations"], kinds: Record<string, NodeKind> = {}): RangeSums {
  const named = [...new Set(observations.flatMap(({ client, server }) => [client, server]))];
  return { observations, nodes: named.map((id) => identity(id, kinds[id])), losses: [], reporters: 1 };
}

/** Without what a past range cannot know: when each was seen last within it, and totals since control's start. */
function comparable({ nodes, edges, ...snapshot }: Snapshot): unknown {
  return {
    ...snapshot,
    nodes: nodes.map(({ lastSeenMs: _, ...node }) => node),
    edges: edges.map(({ lastSeenMs: _, total: __, active: ___, ...edge }) => edge),
  };
}

for (const fault of ["none", "cards errors", "addresses slow"] satisfies Fault[]) {
  test(`a past half minute looks as it looked then: ${fault}`, () => {
    const windows = Array.from({ length: 30 }, (_, second) => shopSecond(second, fault)).flat();
    const world = new World();
    for (const window of windows) world.add(window);
    const then = world.snapshot(START_MS + 32_000);
    assert.ok(then.edges.length >= 15);
    assert.equal(comparable(new Picture(sumsOf(windows), RANGE).snapshot), comparable(then));
  });
}

test("rates are taken over the range, however long", () => {
  const sums = sumsOfObservations([timed(86_400, 10)]);
  const day = { fromMs: START_MS, toMs: START_MS + 86_400_000 };
  const { snapshot } = new Picture(sums, day);
  assert.is(snapshot.atMs, day.toMs);
  assert.is(snapshot.windowSeconds, 86_400);
  assert.is(edgeIn(snapshot, "a>b/http").red.rate, 1);
  assert.is(edgeIn(snapshot, "a>b/http").total, 86_400);
});

test("of two reporters one is shown", () => {
  const sums = sumsOfObservations([
    timed(10, 5),
    timed(10, 5, { side: "source" }),
    observation({ side: "source", outcome: "notReached", count: 2, status: 503 }),
  ]);
  const edge = edgeIn(new Picture(sums, RANGE).snapshot, "a>b/http");
  assert.equal([edge.total, edge.red.requests, edge.red.notReached, edge.shownFrom], [12, 12, 2, "destination"]);
});

test("connections that carried bytes were in use", () => {
  const sums = sumsOfObservations([connections({ count: 0, requestBytes: 600 })]);
  const edge = edgeIn(new Picture(sums, RANGE).snapshot, "a>b/tcp");
  assert.equal([edge.active, edge.requestBytesRate, edge.health], [null, 20, "healthy"]);
});

test("latency of an endpoint over several edges comes from merged buckets", () => {
  const sums = sumsOfObservations([timed(99, 10), timed(1, 1_000, { client: "c" })]);
  const picture = new Picture(sums, RANGE);
  const { p50Ms, p99Ms } = picture.latencyOver(["a>b/http", "c>b/http", "no>such/http"], "GET", "/");
  assert.ok(Math.abs(p50Ms! - 10) < 0.1 && Math.abs(p99Ms! - 10) < 0.1, `${p50Ms} ${p99Ms}`);
  assert.is(picture.latencyOver([], "GET", "/").p50Ms, null);
});

test("edges past the limit are a loss, beside those that were stated", () => {
  const sums = sumsOfObservations([observation({ count: 4 }), observation({ client: "c", count: 7 })]);
  const stated = { ...sums, losses: [{ kind: "edgesFull", count: 1 } as const] };
  const { snapshot } = new Picture(stated, RANGE, { maxEdges: 1 });
  assert.equal(snapshot.losses, [{ kind: "edgesFull", count: 8 }]);
  assert.is(snapshot.edges.length, 1);
});

test("where instances are not known any more, the workloads that reported are counted", () => {
  const both = [observation(), observation({ side: "source" }), observation({ client: "c" })];
  const { snapshot } = new Picture({ ...sumsOfObservations(both), reporters: null }, RANGE);
  assert.is(snapshot.reporters, 2, "b and a");
});

test("nothing counted is an empty picture", () => {
  const { snapshot } = new Picture({ observations: [], nodes: [], losses: [], reporters: null }, RANGE);
  assert.equal([snapshot.nodes, snapshot.edges, snapshot.reporters], [[], [], 0]);
});

test.run();
