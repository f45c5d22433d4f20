/**
 * Opaque TCP through a real Envoy: bytes of connections that stay open and of those that closed, exact to the byte, what
 * became of each connection, and how long it lived.
 */
import type net from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { bucketIndex } from "../../control/world/histogram.ts";
import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { loud } from "../loud.ts";
import { type Bootstrap, addCluster, sidecarBootstrap } from "./bootstrap.ts";
import { Receiver } from "./receiver.ts";
import type { Sum } from "./sidecar.ts";
import { Client, answer, portOf, serve } from "./tcp-traffic.ts";
import { deadPort, startBusy, until } from "./traffic.ts";

interface Parts {
  receiver: Receiver;
  envoy: RunningEnvoy;
  store: net.Server;
  resets: net.Server;
  busy: Awaited<ReturnType<typeof startBusy>>;
  dead: number;
}

const test = suite<Parts>("opaque TCP in a real Envoy");

/** A listener as "orders-db" of the example, leading elsewhere. */
function addListener(bootstrap: Bootstrap, cluster: string, options: object = {}): void {
  const listeners = bootstrap.static_resources.listeners;
  const copy = structuredClone(listeners.find(({ name }) => name === "orders-db")!);
  copy.name = cluster;
  Object.assign(copy.filter_chains[0]!.filters[1]!.typed_config, { cluster, ...options });
  listeners.push(copy);
}

/** The same at the server's side, as a plugin of its own. */
function addInbound(bootstrap: Bootstrap, cluster: string): void {
  addListener(bootstrap, cluster);
  const listener = bootstrap.static_resources.listeners.at(-1)!;
  const text = JSON.stringify(listener.filter_chains[0]!.filters[0]);
  const inbound = text.replaceAll('\\"outbound\\"', '\\"inbound\\"').replaceAll("sidelight-tcp", "sidelight-tcp-in");
  listener.filter_chains[0]!.filters[0] = JSON.parse(inbound) as (typeof listener.filter_chains)[0]["filters"][0];
  Object.assign(listener, { traffic_direction: "INBOUND" });
}

test.before(
  loud(async (parts) => {
    parts.receiver = await new Receiver().start();
    parts.store = await serve(answer);
    parts.resets = await serve((socket) => socket.on("error", () => {}).once("data", () => socket.resetAndDestroy()));
    parts.busy = await startBusy();
    parts.dead = await deadPort();
    const store = portOf(parts.store);
    const bootstrap = sidecarBootstrap({ app: store, payment: store, database: store, control: parts.receiver.port });
    const cluster = (name: string, port: number) => addCluster(bootstrap, "payment.shop", { name, port });
    for (const [name, port] of [
      ["refused.shop", parts.dead],
      ["resets.shop", portOf(parts.resets)],
      ["idle.shop", store],
      ["inbound|5432||", store],
    ] as const) {
      cluster(name, port);
    }
    addListener(bootstrap, "refused.shop");
    addListener(bootstrap, "resets.shop");
    addListener(bootstrap, "idle.shop", { idle_timeout: "0.4s" });
    addInbound(bootstrap, "inbound|5432||");
    addListener(bootstrap, "nobody.shop");
    bootstrap.static_resources.clusters.push({ name: "empty.shop", type: "STATIC" } as never);
    addListener(bootstrap, "empty.shop");
    cluster("busy.shop", parts.busy.port)["connect_timeout"] = "0.6s";
    addListener(bootstrap, "busy.shop");
    cluster("full.shop", store)["circuit_breakers"] = { thresholds: [{ max_connections: 1, max_pending_requests: 1 }] };
    addListener(bootstrap, "full.shop");
    const hosts = cluster("retried.shop", parts.dead).load_assignment.endpoints[0]!.lb_endpoints;
    hosts.push({ endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: store } } } });
    addListener(bootstrap, "retried.shop", { max_connect_attempts: 2 });
    parts.envoy = await startEnvoy(bootstrap);
  }),
);

test.after(async ({ envoy, receiver, store, resets, busy }) => {
  await envoy?.stop();
  receiver?.kill();
  await busy?.close();
  store?.close();
  resets?.close();
});

function connect({ envoy }: Parts, listener: string): Client {
  return new Client(envoy.port(listener));
}

function sumOf({ receiver }: Parts, key: string): Sum | undefined {
  return receiver.sums.get(key);
}

/** Waits until control has these figures of a key: [count, active, request bytes, response bytes]. */
async function expect(parts: Parts, key: string, figures: readonly number[]): Promise<void> {
  const now = () => {
    const sum = sumOf(parts, key);
    return sum && [sum.count, sum.active, sum.requestBytes, sum.responseBytes];
  };
  await until(
    () => JSON.stringify(now()) === JSON.stringify(figures),
    () => `${key} is ${JSON.stringify(now())}, not ${JSON.stringify(figures)}`,
  );
}

const total = (clients: readonly Client[], of: (client: Client) => number) =>
  clients.reduce((sum, client) => sum + of(client), 0);

test("what pooled connections move is counted to the byte while they are open, and once they closed", async (parts) => {
  const key = `out 127.0.0.1:${portOf(parts.store)},orders-db.shop tcp   success 0`;
  const clients = Array.from({ length: 12 }, () => connect(parts, "orders-db"));
  const figures = (active: number) => [
    12,
    active,
    total(clients, ({ sent }) => sent),
    total(clients, ({ got }) => got),
  ];
  for (const bytes of [1, 50_000, 333, 0, 2_000_001]) {
    for (const [i, client] of clients.entries()) if (i % 3 > 0) await client.ask(bytes + i);
    await expect(parts, key, figures(12));
  }
  const before = sumOf(parts, key)!.buckets.size;
  assert.is(before, 0, "none has ended yet");
  for (const [i, client] of clients.entries()) {
    if (i % 2 === 0) await client.ask(7);
    await client.close();
  }
  await expect(parts, key, figures(0));
  assert.ok(total(clients, ({ got }) => got) > 16_000_000);
  for (const [stat, of] of [
    ["tx", (client: Client) => client.sent],
    ["rx", (client: Client) => client.got],
  ] as const) {
    assert.is(await parts.envoy.stat(`cluster.orders-db.shop.upstream_cx_${stat}_bytes_total`), total(clients, of));
  }
});

test("how long connections lived is known once they closed, one duration each", async (parts) => {
  const key = `out 127.0.0.1:${portOf(parts.store)},idle.shop tcp   success 0`;
  const client = connect(parts, "idle.shop");
  await client.ask(5);
  await client.closed();
  await expect(parts, key, [1, 0, 100, 5]);
  const [[bucket, count], ...others] = [...sumOf(parts, key)!.buckets] as [[number, number]];
  assert.equal([count, others], [1, []]);
  // Envoy closed it after 400 ms without a byte; its timers are good to a millisecond.
  assert.ok(bucket >= bucketIndex(395_000), `${bucket} is the bucket of less than 400 ms`);
});

test("at the server's side too, under the client's address", async (parts) => {
  const key = "in 127.0.0.1 tcp   success 0";
  const client = connect(parts, "inbound|5432||");
  await client.ask(12_345);
  await expect(parts, key, [1, 1, 100, 12_345]);
  await client.close();
  await expect(parts, key, [1, 0, 100, 12_345]);
});

test("what never got to a server is told from what did, however that ended", async (parts) => {
  for (const listener of ["refused.shop", "empty.shop", "nobody.shop", "busy.shop"]) {
    await connect(parts, listener).closed();
  }
  for (let i = 0; i < 2; i++) {
    const retried = connect(parts, "retried.shop");
    await retried.ask(10);
    await retried.close();
  }
  await connect(parts, "resets.shop").sendAndWait();
  const first = connect(parts, "full.shop");
  await first.ask(1);
  await connect(parts, "full.shop").closed();
  await first.close();
  const store = `127.0.0.1:${portOf(parts.store)}`;
  const expected: Record<string, readonly number[]> = {
    [`out 127.0.0.1:${parts.dead},refused.shop tcp   notReached 0`]: [1, 0, 0, 0],
    "out empty.shop tcp   notReached 0": [1, 0, 0, 0],
    // A cluster that does not exist has no name for Envoy either.
    "out  tcp   notReached 0": [1, 0, 0, 0],
    [`out 127.0.0.1:${parts.busy.port},busy.shop tcp   notReached 0`]: [1, 0, 0, 0],
    "out full.shop tcp   notReached 0": [1, 0, 0, 0],
    [`out ${store},full.shop tcp   success 0`]: [1, 0, 100, 1],
    // The first host refused, the second did not: one connection, which was a success.
    [`out ${store},retried.shop tcp   success 0`]: [2, 0, 200, 20],
    [`out 127.0.0.1:${portOf(parts.resets)},resets.shop tcp   success 0`]: [1, 0, 1, 0],
  };
  for (const [key, figures] of Object.entries(expected)) await expect(parts, key, figures);
  for (const key of Object.keys(expected)) {
    const { count, buckets } = sumOf(parts, key)!;
    assert.is(
      [...buckets.values()].reduce((a, b) => a + b, 0),
      count,
      `${key}: each has its duration`,
    );
  }
});

test("nothing was missing in any of it", ({ receiver }) => {
  assert.equal(
    receiver.all.flatMap(({ losses }) => losses),
    [],
  );
  for (const key of receiver.sums.keys()) assert.match(key, / tcp /);
});

test.run();
