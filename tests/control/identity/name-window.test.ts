import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, ExemplarReason, LossKind, Outcome, Protocol, Side } from "#proto/ingest.ts";
import type { Hello } from "#proto/ingest.ts";
import { ExternalHosts } from "../../../control/identity/external-hosts.ts";
import { parseInventoryFile } from "../../../control/identity/inventory-file.ts";
import { InventoryTable } from "../../../control/identity/inventory-table.ts";
import { mergeObservations } from "../../../control/identity/merge-observations.ts";
import { nameWindow } from "../../../control/identity/name-window.ts";
import type { Observation, ReportedWindow } from "../../../control/identity/observation.ts";
import { placeWindow } from "../../../control/identity/time-line.ts";
import { batchOf } from "../batches.ts";
import type { CounterWords, ExemplarWords } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";

const START = Date.parse("2026-03-01T12:00:00Z");
const RECEIVED = START + 1_050;

const inventory = new InventoryTable(
  parseInventoryFile(`
clusterCidrs: [10.0.0.0/8]
workloads:
  - { namespace: shop, name: user, service: accounts, addresses: [10.0.0.1, 10.0.0.2] }
  - { namespace: shop, name: orders, addresses: [10.0.0.3, 10.0.0.4] }
  - { namespace: shop, name: old, addresses: [{ address: 10.0.0.9, to: 2026-03-01T11:00:00Z }] }
  - { namespace: shop, name: new, addresses: [{ address: 10.0.0.9, from: 2026-03-01T11:00:00Z }] }
  - { namespace: shop, name: db, role: store, hosts: [db], addresses: [10.0.0.5] }
`),
);

interface Given {
  readonly hello?: Partial<Hello>;
  readonly clockOffsetMs?: number;
  readonly startMs?: number;
  readonly losses?: { kind: LossKind; count: number }[];
  readonly exemplars?: readonly ExemplarWords[];
}

function name(counters: readonly CounterWords[], given: Given = {}): ReportedWindow {
  const { losses = [], exemplars = [] } = given;
  const words = { startMs: given.startMs ?? START, durationMs: 1000, losses, exemplars };
  const received = {
    hello: helloOf({ instance: "f".repeat(32), namespace: "shop", workload: "user", ...given.hello }),
    receivedMs: RECEIVED,
    sentMs: RECEIVED,
    clockOffsetMs: given.clockOffsetMs ?? 0,
    batch: Batch.encode(batchOf(counters, words)).finish(),
  };
  return nameWindow(received, { inventory, externalHosts: new ExternalHosts() });
}

const plain: Observation = {
  side: "destination",
  client: "shop/orders",
  server: "shop/user",
  protocol: "http",
  method: "GET",
  route: "/customers/{id}",
  outcome: "success",
  status: 200,
  count: 7,
  buckets: [],
  requestBytes: 0,
  responseBytes: 0,
  active: 0,
};

test("inbound is peer to own, outbound own to peer; every field arrives", () => {
  const window = name(
    [
      {
        ...{ peer: { address: "10.0.0.3" }, method: "POST", route: "/login", outcome: Outcome.OUTCOME_SERVER_ERROR },
        ...{
          status: 500,
          count: 9,
          buckets: [0, 1, 127, 2, 1727, 3],
          requestBytes: 4_000_000_000_000,
          responseBytes: 5,
        },
      },
      {
        ...{
          side: Side.SIDE_OUTBOUND,
          peer: { address: "10.0.0.5:5432", cluster: "db" },
          protocol: Protocol.PROTOCOL_TCP,
        },
        ...{ method: "", route: "", status: 0, count: 2, active: 3 },
      },
    ],
    { losses: [{ kind: LossKind.LOSS_KIND_LATENCY_FULL, count: 4 }] },
  );
  assert.equal(window.observations, [
    {
      ...{ side: "destination", client: "shop/orders", server: "shop/user", protocol: "http", method: "POST" },
      ...{ route: "/login", outcome: "serverError", status: 500, count: 9, buckets: [0, 1, 127, 2, 1727, 3] },
      ...{ requestBytes: 4_000_000_000_000, responseBytes: 5, active: 0 },
    },
    {
      ...{ side: "source", client: "shop/user", server: "shop/db", protocol: "tcp", method: "", route: "" },
      ...{ outcome: "success", status: 0, count: 2, buckets: [], requestBytes: 0, responseBytes: 0, active: 3 },
    },
  ]);
  const { reporter, instance, startMs, durationMs, losses } = window;
  assert.equal(
    { reporter, instance, startMs, durationMs, losses },
    {
      ...{ reporter: "shop/user", instance: "f".repeat(32), startMs: START, durationMs: 1000 },
      losses: [{ kind: "latencyFull", count: 4 }],
    },
  );
  assert.equal(
    window.nodes.map(({ id, kind, service }) => `${id} ${kind} ${service}`),
    ["shop/user workload accounts", "shop/orders workload orders", "shop/db store db"],
  );
});

test("two addresses of one workload are one observation, with their buckets added", () => {
  const common = { route: "/customers/{id}" };
  const window = name([
    { ...common, peer: { address: "10.0.0.3" }, count: 3, buckets: [5, 1, 9, 2], requestBytes: 10 },
    { ...common, peer: { address: "10.0.0.4" }, count: 4, buckets: [5, 3, 7, 1], requestBytes: 20 },
    { ...common, peer: { address: "10.0.0.4" }, count: 1, status: 204 },
  ]);
  assert.equal(window.observations, [
    { ...plain, buckets: [5, 4, 7, 1, 9, 2], requestBytes: 30 },
    { ...plain, count: 1, status: 204 },
  ]);
});

test("the reporter is who the mesh says, else who holds its address, else unresolved with a reason", () => {
  const own = (hello: Partial<Hello>): string => name([], { hello }).reporter;
  assert.is(own({}), "shop/user");
  assert.is(own({ namespace: "x", workload: "y", addresses: ["10.0.0.1"] }), "x/y");
  assert.is(own({ namespace: "", workload: "", addresses: ["192.0.2.1", "10.0.0.4"] }), "shop/orders");
  assert.is(own({ namespace: "shop", workload: "", addresses: [] }), "unresolved/unknown-reporter");
});

test("a peer is who held the address when the window was, not now", () => {
  const server = (startMs: number): string | undefined =>
    name([{ side: Side.SIDE_OUTBOUND, peer: { address: "10.0.0.9:80" } }], { startMs }).observations[0]?.server;
  assert.is(server(Date.parse("2026-03-01T10:59:59Z")), "shop/old");
  assert.is(server(Date.parse("2026-03-01T11:00:00Z")), "shop/new");
});

test("the same address is another peer on the other side", () => {
  const peer = { address: "203.0.113.1", cluster: "PassthroughCluster", authority: "api.example.com" };
  const { observations } = name([{ peer }, { peer, side: Side.SIDE_OUTBOUND }]);
  assert.equal(
    observations.map(({ client, server }) => `${client}>${server}`),
    ["external/clients>shop/user", "shop/user>external/api.example.com"],
  );
});

test("windows are put on control's time line", () => {
  assert.is(name([], { startMs: START - 60_000, clockOffsetMs: 60_000 }).startMs, START);
  const place = (startMs: number, durationMillis = 1000): ReturnType<typeof placeWindow> => {
    const start = { startSeconds: Math.floor(startMs / 1000), startMillis: startMs % 1000 };
    return placeWindow({ ...start, durationMillis }, { receivedMs: RECEIVED, clockOffsetMs: 0 });
  };
  assert.equal(place(START), { startMs: START, clamped: undefined });
  assert.equal(place(RECEIVED), { startMs: RECEIVED, clamped: undefined }, "a tick ahead is none of the future");
  assert.equal(place(RECEIVED + 5_000), { startMs: RECEIVED - 1000, clamped: "future" });
  assert.equal(place(0), { startMs: RECEIVED - 1000 - 7 * 86_400_000, clamped: "past" });
  const outage = 3 * 3_600_000;
  assert.equal(place(RECEIVED - outage, outage), { startMs: RECEIVED - outage, clamped: undefined });
});

test("merging keeps every count, whatever the buckets", () => {
  let seed = 11;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
  for (let round = 0; round < 300; round += 1) {
    const given = Array.from({ length: 1 + random(8) }, (): Observation => {
      const indexes = [...new Set(Array.from({ length: random(6) }, () => random(12)))].sort((a, b) => a - b);
      return {
        ...plain,
        status: random(2),
        count: random(50),
        buckets: indexes.flatMap((index) => [index, 1 + random(9)]),
      };
    });
    const merged = mergeObservations(given);
    assert.equal(countsOf(merged), countsOf(given));
    for (const { buckets } of merged) {
      const indexes = buckets.filter((_, i) => i % 2 === 0);
      assert.equal(
        indexes,
        [...new Set(indexes)].sort((a, b) => a - b),
      );
    }
  }
});

/** Counts by status, and by status and bucket. */
function countsOf(observations: readonly Observation[]): Record<string, number> {
  const sums: Record<string, number> = {};
  const add = (key: string, count: number): void => void (sums[key] = (sums[key] ?? 0) + count);
  for (const { status, count, buckets } of observations) {
    add(`${status}`, count);
    for (let i = 0; i < buckets.length; i += 2) add(`${status} ${buckets[i]}`, buckets[i + 1] as number);
  }
  return Object.fromEntries(Object.entries(sums).sort());
}

test("a request by name has the names and the outcome of its counter, on control's time line", () => {
  const counters: CounterWords[] = [
    { peer: { address: "10.0.0.3" }, route: "/cards/{id}" },
    { side: Side.SIDE_OUTBOUND, peer: { cluster: "db" }, outcome: Outcome.OUTCOME_NOT_REACHED, status: 503 },
    { peer: { address: "10.0.0.4" }, route: "/cards/{id}" },
  ];
  const slow = { counter: 2, atMs: START + 250, path: "/cards/7", durationMicros: 1_234_567, traceId: "ab".repeat(8) };
  const failed = { counter: 1, reason: ExemplarReason.EXEMPLAR_REASON_FAILED, flags: 32, requestId: "r-1" };
  const window = name(counters, { exemplars: [slow, failed], clockOffsetMs: -5_000 });
  assert.is(window.observations.length, 2, "the first and the last counter became one");
  assert.equal(window.exemplars, [
    {
      ...{ reason: "slowest", atMs: START - 4_750, side: "destination", client: "shop/orders", server: "shop/user" },
      ...{ protocol: "http", method: "GET", route: "/cards/{id}", outcome: "success", status: 200, path: "/cards/7" },
      ...{ durationMs: 1_234.567, flags: 0, requestId: "", traceId: "abababababababab" },
    },
    {
      ...{ reason: "failed", atMs: START - 4_500, side: "source", client: "shop/user", server: "shop/db" },
      ...{ protocol: "http", method: "GET", route: "/", outcome: "notReached", status: 503, path: "/" },
      ...{ durationMs: 1, flags: 32, requestId: "r-1", traceId: "" },
    },
  ]);
});

test("a request by name lies in its window, whatever its reporter says, and goes where the window is moved", () => {
  const exemplars = [START - 9_000, START + 9_000].map((atMs) => ({ atMs }));
  const times = (startMs?: number): number[] =>
    name([{}], { exemplars, ...(startMs && { startMs }) }).exemplars.map(({ atMs }) => atMs);
  assert.equal(times(), [START, START + 1_000]);
  const moved = name([{}], { exemplars: [{ atMs: START + 3_600_250 }], startMs: START + 3_600_000 });
  assert.equal([moved.startMs, moved.exemplars[0]?.atMs], [RECEIVED - 1_000, RECEIVED - 750]);
});

test.run();
