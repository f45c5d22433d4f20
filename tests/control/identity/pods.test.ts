import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, Outcome, Protocol, Side } from "#proto/ingest.ts";
import type { Hello } from "#proto/ingest.ts";
import { ExternalHosts } from "../../../control/identity/external-hosts.ts";
import { parseInventoryFile } from "../../../control/identity/inventory-file.ts";
import { InventoryTable } from "../../../control/identity/inventory-table.ts";
import { nameWindow } from "../../../control/identity/name-window.ts";
import type { PodTraffic, ReportedWindow } from "../../../control/identity/observation.ts";
import type { PodEnd } from "../../../control/identity/pod-end.ts";
import { batchOf } from "../batches.ts";
import type { CounterWords } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";
import { randomOf } from "../world/random.ts";

const START = Date.parse("2026-03-01T12:00:00Z");

const inventory = new InventoryTable(
  parseInventoryFile(`
clusterCidrs: [10.0.0.0/8]
workloads:
  - namespace: shop
    name: user
    version: v1
    addresses:
      - { address: 10.0.0.1, pod: user-a, node: worker-1 }
      - { address: 10.0.0.2, pod: user-b, node: worker-2, version: v2 }
      - { address: 10.0.0.3 }
  - namespace: shop
    name: orders
    addresses:
      - { address: 10.0.0.4, pod: orders-a, node: worker-1 }
      - { address: 10.0.0.9, pod: orders-old, node: worker-1, to: 2026-03-01T11:00:00Z }
      - { address: 10.0.0.9, pod: orders-new, node: worker-2, from: 2026-03-01T11:00:00Z, to: 2026-03-01T11:30:00Z }
  - namespace: shop
    name: carts
    addresses:
      - { address: 10.0.0.9, pod: carts-a, node: worker-3, from: 2026-03-01T11:30:00Z }
`),
);

const IN_USER_A: Partial<Hello> = { namespace: "shop", workload: "user", pod: "user-a", addresses: ["10.0.0.1"] };
const USER_A: PodEnd = { workload: "shop/user", pod: "shop/user-a", node: "worker-1", version: "v1" };

function name(counters: readonly CounterWords[], hello: Partial<Hello> = IN_USER_A, startMs = START): ReportedWindow {
  const receivedMs = startMs + 1_050;
  const received = {
    hello: helloOf({ instance: "f".repeat(32), ...hello }),
    receivedMs,
    sentMs: receivedMs,
    clockOffsetMs: 0,
    batch: Batch.encode(batchOf(counters, { startMs, durationMs: 1000 })).finish(),
  };
  return nameWindow(received, { inventory, externalHosts: new ExternalHosts() });
}

/** "workload pod node version" */
function words({ workload, pod, node, version }: PodEnd): string {
  return [workload, pod || "-", node || "-", version || "-"].join(" ");
}

test("a pod is one end, the pod that held the peer's address the other; endpoints and statuses are added up", () => {
  const peer = { address: "10.0.0.4" };
  const { pods } = name([
    { peer, route: "/a", count: 3, buckets: [5, 1, 9, 2], requestBytes: 10 },
    { peer, route: "/b", count: 4, buckets: [5, 3, 7, 1], status: 204, responseBytes: 7 },
    { peer, route: "/c", count: 2, outcome: Outcome.OUTCOME_SERVER_ERROR, status: 500 },
    { peer: { address: "10.0.0.9:8080" }, side: Side.SIDE_OUTBOUND, protocol: Protocol.PROTOCOL_TCP, count: 1 },
  ]);
  const orders = { workload: "shop/orders", pod: "shop/orders-a", node: "worker-1", version: "" };
  const carts = { workload: "shop/carts", pod: "shop/carts-a", node: "worker-3", version: "" };
  const inbound = { side: "destination", client: orders, server: USER_A, protocol: "http" } as const;
  const expected: PodTraffic[] = [
    { ...inbound, outcome: "success", count: 7, buckets: [5, 4, 7, 1, 9, 2], requestBytes: 10, responseBytes: 7 },
    { ...inbound, outcome: "serverError", count: 2, buckets: [], requestBytes: 0, responseBytes: 0 },
    {
      ...{ side: "source", client: USER_A, server: carts, protocol: "tcp", outcome: "success", count: 1 },
      ...{ buckets: [], requestBytes: 0, responseBytes: 0 },
    },
  ];
  assert.equal(pods, expected);
});

test("an address is the pod's that held it when the window was", () => {
  const client = (at: string): string =>
    words(name([{ peer: { address: "10.0.0.9" } }], IN_USER_A, Date.parse(at)).pods[0]!.client);
  assert.is(client("2026-03-01T10:59:59Z"), "shop/orders shop/orders-old worker-1 -");
  assert.is(client("2026-03-01T11:00:00Z"), "shop/orders shop/orders-new worker-2 -");
  assert.is(client("2026-03-01T11:30:00Z"), "shop/carts shop/carts-a worker-3 -");
});

test("a pod that is not known is not guessed, and those of one workload are one", () => {
  const mesh = { namespace: "shop", workload: "orders" };
  const counters: CounterWords[] = [
    { peer: { address: "10.0.0.200", ...mesh }, count: 1, buckets: [3, 1] },
    // The mesh proves somebody else than the holder of the address, as behind a gateway.
    { peer: { address: "10.0.0.1", principal: "spiffe://c/ns/shop/sa/orders", ...mesh }, count: 2, buckets: [2, 2] },
    { peer: { address: "10.0.0.77" }, count: 4 },
    { peer: { address: "203.0.113.1" }, count: 8 },
    { peer: { address: "203.0.113.2" }, count: 16 },
    { peer: { cluster: "outbound|80||orders.shop.svc.cluster.local" }, side: Side.SIDE_OUTBOUND, count: 32 },
  ];
  const { pods } = name(counters);
  assert.equal(
    pods.map((one) => `${words(one.side === "source" ? one.server : one.client)} ${one.count} ${one.buckets.join()}`),
    [
      "shop/orders - - - 3 2,2,3,1",
      "unresolved/unknown-address - - - 4 ",
      "external/clients - - - 24 ",
      "shop/orders - - - 32 ",
    ],
  );
});

test("of an address without a pod, node and version are told as far as they are known", () => {
  const { pods } = name([{ peer: { address: "10.0.0.3" } }, { peer: { address: "10.0.0.2" } }]);
  assert.equal(
    pods.map(({ client }) => words(client)),
    ["shop/user - - v1", "shop/user shop/user-b worker-2 v2"],
  );
});

test("a reporter's pod is what its mesh says, else whose address it has", () => {
  const own = (hello: Partial<Hello>): string => words(name([{}], hello).pods[0]!.server);
  const user = { namespace: "shop", workload: "user" };
  assert.is(own({ ...user, pod: "user-a", addresses: ["10.0.0.1"] }), "shop/user shop/user-a worker-1 v1");
  assert.is(own({ ...user, addresses: ["10.0.0.2"] }), "shop/user shop/user-b worker-2 v2");
  assert.is(own({ addresses: ["192.0.2.1", "10.0.0.4"] }), "shop/orders shop/orders-a worker-1 -");
  assert.is(own({ ...user, pod: "user-c", addresses: ["10.0.0.3"] }), "shop/user shop/user-c - v1", "no pod is named");
  assert.is(own({ ...user, pod: "user-new" }), "shop/user shop/user-new - -", "the inventory knows nothing of it");
  const reused = own({ ...user, pod: "user-c", addresses: ["10.0.0.1"] });
  assert.is(reused, "shop/user shop/user-c - -", "what the inventory says is of another pod");
  assert.is(own({ ...user, addresses: ["10.0.0.4"] }), "shop/user - - -", "the address is another workload's");
  assert.is(own({ ...user, pod: "no pod\n" }), "shop/user - - -", "no pod has such a name");
  assert.is(own({ ...user, pod: "p".repeat(254) }), "shop/user - - -");
});

test("how long a connection lasted that went on as another protocol is no latency of a pod", () => {
  const switched = { status: 101, count: 2, buckets: [1_000, 2] };
  const [sum] = name([switched, { count: 1, buckets: [10, 1] }]).pods;
  assert.equal([sum?.count, sum?.buckets], [3, [10, 1]]);
});

test("pods count what their workloads count, whatever the peers", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = randomOf(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.9", "10.0.0.77", "203.0.113.9", ""];
    const counters = Array.from({ length: 40 }, (): CounterWords => {
      const buckets = random() < 0.5 ? [] : [Math.floor(random() * 50), 1, 60 + Math.floor(random() * 50), 2];
      return {
        peer: { address: pick(addresses) },
        ...{ side: pick([Side.SIDE_INBOUND, Side.SIDE_OUTBOUND]), route: pick(["/a", "/b", "/c"]), buckets },
        protocol: pick([Protocol.PROTOCOL_HTTP, Protocol.PROTOCOL_GRPC, Protocol.PROTOCOL_TCP]),
        outcome: pick([Outcome.OUTCOME_SUCCESS, Outcome.OUTCOME_SERVER_ERROR, Outcome.OUTCOME_NO_ANSWER]),
        ...{ count: 3 + Math.floor(random() * 9), requestBytes: Math.floor(random() * 9) },
      };
    });
    const { observations, pods } = name(counters);
    const sums = (parts: readonly (readonly [string, PodTraffic | (typeof observations)[number]])[]): unknown => {
      const byEdge = new Map<string, number[]>();
      for (const [edge, { side, protocol, outcome, count, requestBytes, buckets }] of parts) {
        const key = [edge, side, protocol, outcome].join(" ");
        const sum = byEdge.get(key) ?? byEdge.set(key, [0, 0]).get(key)!;
        sum[0]! += count;
        sum[1]! += requestBytes;
        for (let at = 0; at < buckets.length; at += 2)
          sum[2 + buckets[at]!] = (sum[2 + buckets[at]!] ?? 0) + buckets[at + 1]!;
      }
      return [...byEdge].sort();
    };
    assert.equal(
      sums(pods.map((one) => [`${one.client.workload}>${one.server.workload}`, one] as const)),
      sums(observations.map((one) => [`${one.client}>${one.server}`, one] as const)),
      `seed ${seed}`,
    );
  }
});

test.run();
