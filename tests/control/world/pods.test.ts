import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ReportedWindow } from "../../../control/identity/observation.ts";
import { BucketSums } from "../../../control/world/bucket-sums.ts";
import type { PodPicture } from "../../../control/world/pod-edges.ts";
import { podFigures, rankedPods } from "../../../control/world/pod-figures.ts";
import { pictureOfPods } from "../../../control/world/pod-picture.ts";
import { World } from "../../../control/world/world.ts";
import { randomWindows } from "../store/windows.ts";
import { START_MS, connections, identity, observation, timed, windowOf } from "./fixtures.ts";
import { inPods, podEnd, podTraffic, podsOf } from "./pod-fixtures.ts";
import { randomOf, shuffled } from "./random.ts";
import { shopSecond } from "./shop.ts";

const NOW = START_MS + 32_000;
/** Long enough for everything that the fixtures draw. */
const WHOLE = { windowSeconds: 120 };
const RANGE = { fromMs: START_MS, toMs: START_MS + 120_000 };

function worldOf(windows: readonly ReportedWindow[], options: ConstructorParameters<typeof World>[0] = {}): World {
  const world = new World(options);
  for (const window of windows) world.add(window);
  return world;
}

/** What pods said in the window of a snapshot. */
function podsAt(world: World, nowMs = NOW): PodPicture {
  world.snapshot(nowMs);
  return world.pods();
}

/** Requests, bytes and latencies by the edge of the workloads. */
function sumsByEdge({ edges }: PodPicture): Record<string, unknown> {
  const sums = new Map<
    string,
    { requests: number; requestBytes: number; responseBytes: number; latency: BucketSums }
  >();
  for (const { client, server, protocol, sums: counted } of edges) {
    const id = `${client.workload}>${server.workload}/${protocol}`;
    const sum = sums.get(id) ?? { requests: 0, requestBytes: 0, responseBytes: 0, latency: new BucketSums() };
    sum.requests += counted.requests;
    sum.requestBytes += counted.requestBytes;
    sum.responseBytes += counted.responseBytes;
    sum.latency.merge(counted.latency);
    sums.set(id, sum);
  }
  const read = [...sums].map(([id, { latency, ...sum }]) => [id, { ...sum, p99Ms: latency.read([]).p99Ms }] as const);
  return Object.fromEntries(read.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same out of the snapshot of the same world. */
function sumsOfWorkloads(world: World, nowMs: number): Record<string, unknown> {
  const { edges, windowSeconds } = world.snapshot(nowMs);
  const seen = edges.map((edge) => {
    const { requests, p99Ms } = edge.red;
    const requestBytes = Math.round(edge.requestBytesRate * windowSeconds);
    const responseBytes = Math.round(edge.responseBytesRate * windowSeconds);
    const latency = edge.protocol === "tcp" ? edge.lifetime.p99Ms : p99Ms;
    return [edge.id, { requests, requestBytes, responseBytes, p99Ms: latency }] as const;
  });
  return Object.fromEntries(seen.filter(([, { requests, requestBytes }]) => requests + requestBytes > 0));
}

/** "client > server count", sorted. */
function words({ edges }: PodPicture): string[] {
  const name = ({ workload, pod }: PodPicture["edges"][number]["client"]): string => pod || `${workload}?`;
  return edges.map(({ client, server, sums }) => `${name(client)} > ${name(server)} ${sums.requests}`).sort();
}

test("the pods of a workload add up to the workload, by whoever's report it is shown", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = randomOf(seed);
    const whole = randomWindows(random).map((window) => ({ ...window, durationMs: 1_000 }));
    const world = worldOf(shuffled(inPods(whole, random), random), WHOLE);
    for (const nowMs of [START_MS + 30_000, START_MS + 64_000]) {
      assert.equal(sumsByEdge(podsAt(world, nowMs)), sumsOfWorkloads(world, nowMs), `seed ${seed}`);
    }
  }
});

test("a past range shows of its pods what the live world showed then", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = randomOf(seed);
    const windows = inPods(randomWindows(random), random);
    const world = worldOf(windows, { windowSeconds: 120, arrivalSeconds: 0 });
    const live = podsAt(world, RANGE.toMs);
    const traffic = windows.flatMap(({ pods }) => pods);
    const nodes = windows.flatMap((window) => window.nodes);
    const past = pictureOfPods({ traffic: shuffled(traffic, random), nodes }, RANGE);
    assert.equal(words(past), words(live), `seed ${seed}`);
    assert.equal(sumsByEdge(past), sumsByEdge(live));
    assert.equal([...past.nodes].sort(), [...live.nodes].sort());
    assert.equal([past.atMs, past.windowSeconds], [RANGE.toMs, 120]);
  }
});

test("two reports of one request are not added, and what never arrived is the client's to tell", () => {
  const ends = { client: podEnd("a", "1"), server: podEnd("b", "2") };
  const failed = { outcome: "notReached", count: 3 } as const;
  const counted = [
    { side: "destination", count: 7 },
    { side: "source", count: 9 },
    { side: "source", ...failed },
  ] as const;
  const window = windowOf(
    counted.map((one) => observation(one)),
    { pods: counted.map((one) => podTraffic({ ...ends, ...one })) },
  );
  assert.equal(words(podsAt(worldOf([window]), NOW)), ["a-1 > b-2 10"]);
  const onlySource = windowOf([observation(counted[1])], { pods: [podTraffic({ ...ends, ...counted[1] })] });
  assert.equal(words(podsAt(worldOf([onlySource]), NOW)), ["a-1 > b-2 9"]);
});

test("pairs of pods past the limit are counted without their pods, as a loss, and nothing of the workload is missing", () => {
  const server = (at: number) => podEnd("b", `${at}`);
  const windows = Array.from({ length: 50 }, (_, at) =>
    windowOf([observation({ count: 2 })], {
      pods: [podTraffic({ server: server(at), count: 2 })],
      startMs: START_MS + (at % 20) * 1_000,
    }),
  );
  const world = worldOf(windows, { maxPodEdges: 10 });
  const picture = podsAt(world, NOW);
  assert.equal(sumsByEdge(picture), sumsOfWorkloads(world, NOW));
  assert.is(picture.edges.length, 11);
  assert.is(world.size().pods.edges, 11);
  const other = picture.edges.find((edge) => edge.server.pod === "~other");
  assert.equal([other?.sums.requests, other?.client.pod, other?.server.node], [80, "~other", ""]);
  assert.equal(world.snapshot(NOW).losses, [{ kind: "podsFull", count: 80 }]);
});

test("an end that nothing is known of has no pod to cut", () => {
  const outside = podTraffic({ client: podEnd("external/clients") });
  const world = worldOf([windowOf([observation({ client: "external/clients" })], { pods: [outside] })], {
    maxPodEdges: 0,
  });
  assert.equal(words(podsAt(world, NOW)), ["external/clients? > ~other 1"]);
});

test("what found no room in the window is told as a loss", () => {
  const pods = Array.from({ length: 5 }, (_, at) => podTraffic({ client: podEnd("a", `${at}`), count: 3 }));
  const world = worldOf([windowOf([observation({ count: 15 })], { pods })], { maxPodsHeld: 2 });
  assert.is(podsAt(world, NOW).edges.length, 2);
  assert.equal(world.snapshot(NOW).losses, [{ kind: "podsFull", count: 9 }]);
});

test("nothing is kept of pods that have left the window, nor of windows that came too late for it", () => {
  const world = worldOf([windowOf([observation()], { pods: [podTraffic()] })]);
  assert.is(podsAt(world, NOW).edges.length, 1);
  world.advance(NOW + 60_000);
  assert.equal(world.size().pods, { edges: 0, held: 0 });
  world.add(windowOf([observation()], { pods: [podTraffic()] }));
  assert.equal(world.size().pods, { edges: 0, held: 0 });
  assert.equal(world.snapshot(NOW + 60_000).losses, []);
});

test("what came ahead of time is not kept when the clock jumps past it", () => {
  const world = worldOf([windowOf([observation()], { pods: [podTraffic()] })]);
  world.advance(NOW);
  world.add(windowOf([observation()], { pods: [podTraffic()], startMs: NOW + 5_000 }));
  world.advance(NOW + 100_000);
  assert.equal(world.size().pods, { edges: 0, held: 0 });
});

test("what several reporters say of the same pods in a second is held once, and counted each time", () => {
  const said = ["1", "2", "3"].map((instance, at) =>
    windowOf([observation()], { pods: [podTraffic({ count: at + 1 })], instance }),
  );
  const world = worldOf(said, { maxPodsHeld: 1 });
  assert.equal(world.size().pods, { edges: 1, held: 1 });
  assert.equal(words(podsAt(world, NOW)), ["a-1 > b-1 6"]);
  world.add(windowOf([observation()], { pods: [podTraffic()], instance: "4" }));
  assert.equal(words(podsAt(world, NOW)), ["a-1 > b-1 7"], "inside the window too");
  assert.equal(world.snapshot(NOW).losses, []);
  assert.equal(podsAt(world, NOW + 60_000).edges, []);
});

test("a world that was restored shows the pods of before, and counts none as lost", () => {
  const world = new World({ maxPodEdges: 1 });
  const pods = ["1", "2"].map((name) => podTraffic({ client: podEnd("a", name) }));
  world.restore(windowOf([observation({ count: 2 })], { pods }));
  assert.equal(words(podsAt(world, NOW)), ["a-1 > b-1 1", "~other > ~other 1"]);
  assert.equal(world.snapshot(NOW).losses, []);
});

test("a pod is told what it served and what it sent, and ranked by either together", () => {
  const moved = connections({ count: 1, requestBytes: 600, responseBytes: 300 });
  const counted = [
    podsOf(timed(30, 20), "1", "1"),
    podsOf(observation({ outcome: "serverError", count: 6 }), "2", "2"),
    podsOf({ ...moved, client: "b", server: "db" }, "2", "1"),
    podsOf(observation({ client: "external/clients", server: "a", outcome: "noAnswer" }), "", "1"),
  ];
  const workloads = counted.map((one) => ({
    ...observation(),
    ...one,
    client: one.client.workload,
    server: one.server.workload,
  }));
  const nodes = [identity("a"), identity("b"), identity("db", "store"), identity("external/clients", "external")];
  const windows = Array.from({ length: 30 }, (_, second) =>
    windowOf(workloads, { pods: counted, nodes, startMs: START_MS + second * 1_000 }),
  );
  const pods = podFigures(podsAt(worldOf(windows), NOW));
  const names = (order: "requests" | "bytes" | "errors"): string[] => rankedPods(pods, order).map(({ pod }) => pod);
  assert.equal(names("requests"), ["a-1", "b-1", "b-2", "a-2", "db-1"]);
  assert.equal(names("errors"), ["a-2", "b-2", "a-1", "b-1", "db-1"]);
  assert.equal(names("bytes"), ["b-2", "db-1", "a-1", "a-2", "b-1"]);
  const [a1] = rankedPods(pods, "requests");
  assert.equal([a1?.workload, a1?.node, a1?.version], ["a", "n-1", "v1"]);
  assert.equal([a1?.inbound.requests, a1?.inbound.clientErrors, a1?.outbound.requests], [30, 30, 900]);
  assert.ok(Math.abs(a1!.outbound.p99Ms! - 20) < 0.2, `${a1!.outbound.p99Ms}`);
  const b2 = pods.find(({ pod }) => pod === "b-2");
  assert.equal(
    [b2?.inbound.errorShare, b2?.outbound.p50Ms, b2?.outboundBytesRate, b2?.inboundBytesRate],
    [1, null, 900, 0],
  );
});

test("a workload without a known pod has a place of its own, nobody outside has one", () => {
  const counted = [podTraffic({ client: podEnd("external/clients"), server: podEnd("b") })];
  const nodes = [identity("b"), identity("external/clients", "external")];
  const world = worldOf([windowOf([observation({ client: "external/clients" })], { pods: counted, nodes })]);
  assert.equal(
    podFigures(podsAt(world, NOW)).map(({ workload, pod, inbound }) => [workload, pod, inbound.requests]),
    [["b", "", 1]],
  );
});

test("the shop's pods add up to the shop", () => {
  const random = randomOf(5);
  const windows = Array.from({ length: 30 }, (_, second) => shopSecond(second, "cards errors")).flat();
  const world = worldOf(inPods(windows, random));
  assert.equal(sumsByEdge(podsAt(world, NOW)), sumsOfWorkloads(world, NOW));
});

test.run();
