import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ReportedWindow } from "../../../control/identity/observation.ts";
import type { Snapshot, SnapshotEdge } from "../../../control/world/model.ts";
import { World } from "../../../control/world/world.ts";
import { START_MS, connections, edgeIn, identity, observation, timed, windowOf } from "./fixtures.ts";

const SECOND = 1_000;

test("an empty world is an empty picture", () => {
  const snapshot = new World().snapshot(START_MS);
  assert.equal([snapshot.nodes, snapshot.edges, snapshot.troublePath, snapshot.losses], [[], [], [], []]);
  assert.is(snapshot.windowSeconds, 30);
  assert.is(snapshot.reporters, 0);
});

test("totals count at once, the window a little later and for 30 seconds", () => {
  const world = new World();
  world.add(windowOf([timed(60, 10)]));
  const at = (second: number): number[] => {
    const edge = edgeIn(world.snapshot(START_MS + second * SECOND), "a>b/http");
    return [edge.total, edge.red.requests];
  };
  assert.equal(at(1), [60, 0], "still arriving");
  assert.equal(at(3), [60, 60]);
  assert.equal(at(32), [60, 60]);
  assert.equal(at(33), [60, 0], "out of the window");
});

test("the window ends at a whole second, two before now", () => {
  const snapshot = new World().snapshot(START_MS + 5_999);
  assert.is(snapshot.atMs, START_MS + 3_000);
});

test("a rate is taken over the seconds that there were", () => {
  const world = new World();
  for (let second = 0; second < 60; second++) {
    world.add(windowOf([timed(20, 10)], { startMs: START_MS + second * SECOND }));
    if (second < 3) continue;
    const snapshot = world.snapshot(START_MS + (second + 1) * SECOND);
    assert.is(edgeIn(snapshot, "a>b/http").red.rate, 20, `after ${second} s`);
    assert.is(snapshot.windowSeconds, Math.min(30, second - 1));
  }
});

test("percentiles are those of all requests together", () => {
  const world = new World();
  world.add(windowOf([timed(94, 10), timed(6, 2_000, { route: "/slow" })]));
  const { red, endpoints } = edgeIn(world.snapshot(START_MS + 3 * SECOND), "a>b/http");
  const near = (value: number | null, expected: number): void =>
    assert.ok(value !== null && Math.abs(value - expected) <= expected * 0.01, `${value} for ${expected}`);
  near(red.p50Ms, 10);
  near(red.p95Ms, 2_000);
  near(endpoints.find((endpoint) => endpoint.route === "/")!.red.p99Ms, 10);
});

test("the destination's report is shown, and of the source's what was not reached", () => {
  const world = new World();
  world.add(windowOf([observation({ count: 10 })]));
  world.add(
    windowOf(
      [
        observation({ side: "source", count: 11 }),
        observation({ side: "source", count: 3, outcome: "notReached", status: 503 }),
        observation({ side: "source", count: 2, outcome: "noAnswer", status: 0 }),
      ],
      { instance: "instance-a" },
    ),
  );
  const edge = edgeIn(world.snapshot(START_MS + 3 * SECOND), "a>b/http");
  assert.is(edge.shownFrom, "destination");
  assert.is(edge.total, 13);
  assert.is(edge.red.notReached, 3);
});

test("the source's report is shown of a server without a sidecar, the wire's only where neither end has one", () => {
  const world = new World();
  world.add(windowOf([observation({ side: "source", count: 7 }), observation({ side: "wire", count: 8 })]));
  world.add(windowOf([observation({ side: "wire", client: "x", server: "y", count: 9 })], { instance: "tap" }));
  const snapshot = world.snapshot(START_MS + 3 * SECOND);
  assert.equal(
    snapshot.edges.map((edge) => [edge.id, edge.shownFrom, edge.total]),
    [
      ["a>b/http", "source", 7],
      ["x>y/http", "wire", 9],
    ],
  );
});

test("what only a tap can count is shown beside what sidecars say of the same connections", () => {
  const world = new World();
  world.add(windowOf([observation({ side: "source", protocol: "tcp", method: "", route: "", count: 2 })]));
  const queries = observation({ side: "wire", protocol: "postgresql", method: "", route: "SELECT ?", count: 40 });
  world.add(windowOf([queries, observation({ side: "wire", protocol: "tls", count: 2 })], { instance: "tap" }));
  assert.equal(
    world.snapshot(START_MS + 3 * SECOND).edges.map((edge) => [edge.id, edge.shownFrom, edge.total]),
    [
      ["a>b/postgresql", "wire", 40],
      ["a>b/tcp", "source", 2],
    ],
  );
  const server = world.snapshot(START_MS + 3 * SECOND).nodes.find(({ id }) => id === "b");
  assert.is(server?.inbound.requests, 40, "queries and the connections that carry them are not added");
  assert.equal([...world.opaqueServers()], ["b"]);
});

test("what a tap saw of connections stands at every edge of their ends, for as long as the window lasts", () => {
  const world = new World();
  const seen = (resets: number, handshakes: number[]) =>
    observation({
      ...{ side: "wire", protocol: "tcp", method: "", route: "", status: 0, count: 1, buckets: [] },
      wire: { refused: 1, resets, retransmissions: 2, handshakes },
    });
  world.add(windowOf([observation({ side: "source", protocol: "tcp", method: "", route: "", count: 2 })]));
  const queries = observation({ side: "wire", protocol: "redis", method: "", route: "GET", count: 40 });
  world.add(windowOf([queries, seen(3, [100, 1]), seen(4, [])], { instance: "tap" }));
  for (const edge of world.snapshot(START_MS + 3 * SECOND).edges) {
    const { handshake, ...counts } = edge.wire!;
    assert.equal(counts, { refused: 2, resets: 7, retransmissions: 4 }, edge.id);
    assert.ok(handshake.p50Ms !== null && handshake.p50Ms > 0);
  }
  const [later] = world.snapshot(START_MS + 60 * SECOND).edges;
  assert.is(later?.wire, undefined, "whoever sees nothing any more does not say that nothing is wrong");
  const other = new World();
  other.add(windowOf([observation()]));
  assert.is(other.snapshot(START_MS + 3 * SECOND).edges[0]?.wire, undefined, "no tap sees it");
});

test("an edge that two reporters name differently is counted once", () => {
  const world = new World();
  world.add(windowOf([observation({ client: "unresolved/10.0.0.9", count: 5 })]));
  world.add(windowOf([observation({ side: "source", count: 5 })], { instance: "instance-a" }));
  const snapshot = world.snapshot(START_MS + 3 * SECOND);
  assert.equal(
    snapshot.edges.map((edge) => edge.id),
    ["unresolved/10.0.0.9>b/http"],
  );
});

test("a server whose sidecar falls silent is shown by its clients again", () => {
  const world = new World();
  world.add(windowOf([observation({ count: 10 })]));
  const later = { startMs: START_MS + 60 * SECOND, instance: "instance-a" };
  world.add(windowOf([observation({ side: "source", count: 4, outcome: "noAnswer", status: 0 })], later));
  const edge = edgeIn(world.snapshot(START_MS + 63 * SECOND), "a>b/http");
  assert.equal([edge.shownFrom, edge.red.requests, edge.red.notReached], ["source", 4, 4]);
});

test("what the inventory knows is shown without traffic, and goes when it no longer does", () => {
  const world = new World();
  world.setKnown([identity("shop/idle", "store")]);
  world.add(windowOf([observation()]));
  const nodes = (): string[] => world.snapshot(START_MS + 3 * SECOND).nodes.map((node) => `${node.id} ${node.health}`);
  assert.equal(nodes(), ["a healthy", "b healthy", "shop/idle idle"]);
  world.setKnown([]);
  assert.equal(nodes(), ["a healthy", "b healthy"]);
});

test("a workload that is listed without a sidecar, but whose sidecar reports, has one", () => {
  const world = new World();
  world.setKnown([identity("a", "unmeshed"), identity("b", "unmeshed")]);
  world.add(windowOf([observation({ side: "source" })], { instance: "instance-a" }));
  const kinds = world.snapshot(START_MS + 3 * SECOND).nodes.map((node) => node.kind);
  assert.equal(kinds, ["workload", "unmeshed"]);
});

test("an edge that stopped talking stays, idle, until it is forgotten", () => {
  const world = new World({ forgetAfterMs: 3_600_000 });
  world.add(windowOf([timed(60, 10)]));
  const edge = edgeIn(world.snapshot(START_MS + 3_000_000), "a>b/http");
  assert.equal([edge.health, edge.total, edge.lastSeenMs], ["idle", 60, START_MS + SECOND]);
  assert.equal(
    edge.endpoints.map((endpoint) => endpoint.health),
    ["idle"],
  );
  const after = world.snapshot(START_MS + 3_700_000);
  assert.equal([after.edges, after.nodes], [[], []]);
  assert.equal(world.size(), { nodes: 0, edges: 0, endpoints: 0, held: 0, skipped: 0, pods: { edges: 0, held: 0 } });
});

test("a restored window fills the window, but counts nothing", () => {
  const world = new World();
  world.restore(windowOf([timed(30, 10)], { losses: [{ kind: "valuesCut", count: 4 }] }));
  world.add(windowOf([timed(12, 10)], { startMs: START_MS + SECOND }));
  const snapshot = world.snapshot(START_MS + 4 * SECOND);
  const edge = edgeIn(snapshot, "a>b/http");
  assert.equal([edge.total, edge.red.requests], [12, 42]);
  assert.equal(snapshot.losses, []);
});

test("open connections are the sum of each reporter's last word", () => {
  const world = new World();
  const open = (instance: string, active: number, second: number): void => {
    const startMs = START_MS + second * SECOND;
    const failed = connections({ active, outcome: "notReached" });
    world.add(windowOf([connections({ active }), failed], { instance, startMs }));
  };
  open("one", 5, 0);
  open("two", 7, 0);
  open("one", 2, 1);
  const active = (second: number): number | null =>
    edgeIn(world.snapshot(START_MS + second * SECOND), "a>b/tcp").active;
  assert.is(active(4), 9);
  open("two", 1, 299);
  assert.is(active(303), 1, "an instance that is gone holds nothing open");
});

test("an edge with open connections is in use, though none was opened lately", () => {
  const world = new World();
  world.restore(windowOf([connections({ count: 0, active: 3 })]));
  const snapshot = world.snapshot(START_MS + 3 * SECOND);
  const edge = edgeIn(snapshot, "a>b/tcp");
  assert.equal([edge.health, edge.active, edge.total], ["healthy", 3, 0]);
  assert.equal(
    snapshot.nodes.map((node) => node.health),
    ["healthy", "healthy"],
  );
});

test("bytes of connections are rates in both directions, by the reporter rule, while they stay open and after", () => {
  const world = new World();
  const moved = { count: 0, active: 1, requestBytes: 1_000, responseBytes: 50_000 };
  for (let second = 0; second < 5; second++) {
    const startMs = START_MS + second * SECOND;
    world.add(windowOf([connections(moved)], { instance: "client", startMs }));
    world.add(windowOf([connections({ ...moved, side: "destination", requestBytes: 999 })], { startMs }));
  }
  const rates = (second: number): unknown[] => {
    const edge = edgeIn(world.snapshot(START_MS + second * SECOND), "a>b/tcp");
    return [edge.requestBytesRate, edge.responseBytesRate, edge.red.requests, edge.lifetime.p50Ms];
  };
  assert.equal(rates(7), [999, 50_000, 0, null], "the server's own report");
  world.add(
    windowOf([connections({ count: 0, side: "destination", buckets: timed(1, 4_000_000).buckets })], {
      startMs: START_MS + 5 * SECOND,
    }),
  );
  const [, , opened, lived] = rates(8) as number[];
  assert.is(opened, 0);
  assert.ok(Math.abs(lived! - 4_000_000) < 40_000, "more than 71 minutes");
  assert.equal(rates(60), [0, 0, 0, null]);
});

test("a node that serves both has the latency of its requests alone", () => {
  const world = new World();
  world.add(
    windowOf([timed(10, 20), connections({ side: "destination", count: 9, buckets: timed(9, 900_000).buckets })]),
  );
  const snapshot = world.snapshot(START_MS + 3 * SECOND);
  const p99 = snapshot.nodes.find(({ id }) => id === "b")!.inbound.p99Ms!;
  assert.ok(Math.abs(p99 - 20) < 0.2, `${p99}`);
  const over = world.latencyOver(["a>b/tcp", "a>b/http"], "", "");
  assert.equal(over, { p50Ms: null, p95Ms: null, p99Ms: null });
});

test("losses are summed by kind", () => {
  const world = new World();
  world.add(
    windowOf([], {
      losses: [
        { kind: "valuesCut", count: 2 },
        { kind: "edgesFull", count: 1 },
      ],
    }),
  );
  world.add(windowOf([], { losses: [{ kind: "valuesCut", count: 3 }] }));
  const losses = [
    { kind: "edgesFull", count: 1 },
    { kind: "valuesCut", count: 5 },
  ];
  assert.equal(world.snapshot(START_MS).losses, losses);
});

test("reporters are those heard in the window", () => {
  const world = new World();
  world.add(windowOf([observation()], { instance: "one" }));
  world.add(windowOf([], { instance: "two", startMs: START_MS + 20 * SECOND }));
  assert.is(world.snapshot(START_MS + 23 * SECOND).reporters, 2);
  assert.is(world.snapshot(START_MS + 40 * SECOND).reporters, 1);
});

test("endpoints whose routes become the same become one; nothing is lost, now or when it leaves the window", () => {
  const world = new World();
  const at = (second: number, route: string, differing: object = {}): ReportedWindow =>
    windowOf([timed(2, 10, { route, ...differing })], { startMs: START_MS + second * 1_000 });
  for (let second = 0; second < 12; second++) world.add(at(second, `/users/${"abc"[second % 3]}`));
  world.add(at(3, "/users/a", { server: "c" }));
  const before = world.snapshot(START_MS + 10_000);
  world.moveRoutes(({ server, route }) => (server === "b" ? route.replace(/^\/users\/\w$/, "/users/{id}") : route));
  const edgeOf = (snapshot: Snapshot, server: string): SnapshotEdge =>
    snapshot.edges.find((edge) => edge.server === server)!;
  const after = world.snapshot(START_MS + 10_000);
  assert.equal(edgeOf(after, "b").red, edgeOf(before, "b").red);
  assert.is(edgeOf(after, "b").total, edgeOf(before, "b").total);
  assert.equal(
    edgeOf(after, "b").endpoints.map(({ route, red }) => [route, red.requests]),
    [["/users/{id}", 16]],
  );
  assert.equal(edgeOf(after, "c"), edgeOf(before, "c"));
  world.add(at(12, "/users/{id}"));
  assert.is(edgeOf(world.snapshot(START_MS + 20_000), "b").endpoints[0]!.red.requests, 26);
  assert.is(edgeOf(world.snapshot(START_MS + 34_000), "b").endpoints[0]!.red.requests, 22);
  const empty = world.snapshot(START_MS + 60_000);
  assert.equal(
    edgeOf(empty, "b").endpoints.map(({ red }) => red.requests),
    [0],
  );
  assert.is(edgeOf(empty, "b").total, 26);
});

test.run();
