/**
 * The filter in a real Envoy, configured as deploy/envoy/sidecar.yaml shows: what is counted for each kind of traffic,
 * exactly.
 */
import net from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { type Listener, addCluster, sidecarBootstrap, virtualHosts } from "./bootstrap.ts";
import { Receiver } from "./receiver.ts";
import {
  type Ask,
  type Closable,
  GrpcClient,
  ask,
  askHttp2,
  deadPort,
  hangUp,
  startApp,
  startBusy,
  startEcho,
  startGrpc,
  until,
} from "./traffic.ts";
import { loud } from "../loud.ts";

interface Parts {
  receiver: Receiver;
  envoy: RunningEnvoy;
  app: Closable;
  rpc: Closable;
  echo: Closable;
  busy: Closable;
  dead: number;
}

const test = suite<Parts>("in a real Envoy");

test.before(
  loud(async (parts) => {
    parts.receiver = await new Receiver().start();
    parts.app = await startApp();
    parts.rpc = await startGrpc();
    parts.echo = await startEcho();
    parts.busy = await startBusy();
    parts.dead = await deadPort();
    const upstreams = {
      app: parts.app.port,
      payment: parts.app.port,
      database: parts.echo.port,
      control: parts.receiver.port,
    };
    const bootstrap = sidecarBootstrap(upstreams);
    const clusters = bootstrap.static_resources.clusters;
    addCluster(bootstrap, "payment.shop", { name: "refused.shop", port: parts.dead });
    addCluster(bootstrap, "sidelight", { name: "inbound|9090||", port: parts.rpc.port });
    addCluster(bootstrap, "sidelight", { name: "rpc-refused.shop", port: parts.dead });
    addCluster(bootstrap, "payment.shop", { name: "PassthroughCluster", port: parts.app.port });
    clusters.push({ name: "empty.shop", type: "STATIC", load_assignment: { endpoints: [] } });
    delete (clusters[clusters.length - 1] as { load_assignment?: object }).load_assignment;

    const [inbound] = virtualHosts(bootstrap, "inbound");
    inbound!.routes.unshift({ match: { prefix: "/", grpc: {} }, route: { cluster: "inbound|9090||" } });
    const outbound = virtualHosts(bootstrap, "outbound");
    const route = (cluster: string) => [{ match: { prefix: "/" }, route: { cluster, timeout: "0.3s" } }];
    outbound[0]!.routes = route("payment.shop");
    for (const name of ["refused", "empty", "rpc-refused"]) {
      outbound.push({ name, domains: [name], routes: route(`${name}.shop`) });
    }
    outbound.push({ name: "outside", domains: ["api.example.org"], routes: route("PassthroughCluster") });
    const databases = bootstrap.static_resources.listeners.find(({ name }) => name === "orders-db")!;
    bootstrap.static_resources.listeners.push(tcpListener(databases, "refused-db", "refused.shop"));
    const busy = addCluster(bootstrap, "payment.shop", { name: "busy.shop", port: parts.busy.port });
    busy["connect_timeout"] = "1.5s";
    bootstrap.static_resources.listeners.push(tcpListener(databases, "busy-db", "busy.shop"));
    const logged = tcpListener(databases, "logged-db", "PassthroughCluster");
    logAccess(logged);
    bootstrap.static_resources.listeners.push(logged);
    parts.envoy = await startEnvoy(bootstrap);
  }),
);

/** Puts the module to a TCP listener as access logger, in place of the network filter. */
function logAccess(listener: Listener): void {
  const filters = listener.filter_chains[0]!.filters;
  const [filter, proxy] = filters.splice(0, 2);
  const type = "type.googleapis.com/envoy.extensions.access_loggers.wasm.v3.WasmAccessLog";
  const logger = { name: "sidelight", typed_config: { "@type": type, config: filter!.typed_config["config"] } };
  proxy!.typed_config["access_log"] = [logger];
  filters.push(proxy!);
}

/** A copy of a TCP listener that leads elsewhere. */
function tcpListener(like: Listener, name: string, cluster: string): Listener {
  const copy = structuredClone(like);
  copy.name = name;
  copy.filter_chains[0]!.filters[1]!.typed_config["cluster"] = cluster;
  return copy;
}

test.after(async ({ envoy, receiver, app, rpc, echo, busy }) => {
  hangUp();
  await envoy?.stop();
  receiver?.kill();
  await Promise.all([app?.close(), rpc?.close(), echo?.close(), busy?.close()]);
});

/** Waits until control has counts under these keys, and compares them. */
async function expectCounts({ receiver }: Parts, part: string, expected: Record<string, number>): Promise<void> {
  const counts = () => Object.fromEntries(Object.entries(receiver.counts).filter(([key]) => key.includes(part)));
  const total = (record: Record<string, number>) => Object.values(record).reduce((a, b) => a + b, 0);
  await until(
    () => total(counts()) >= total(expected),
    () => JSON.stringify(counts(), null, 1),
    8000,
  ).catch(() => {});
  assert.equal(counts(), Object.fromEntries(Object.entries(expected).sort()));
}

async function times(n: number, port: number, what: Ask): Promise<number[]> {
  return Promise.all(Array.from({ length: n }, () => ask(port, what)));
}

test("HTTP/1.1 in", async (parts) => {
  const port = parts.envoy.port("inbound");
  await times(20, port, { path: "/carts/57a98d98e4b00679b4a830b2/items?x=1" });
  await times(3, port, { method: "POST", path: "/carts", headers: { "x-status": "201" } });
  await times(2, port, { path: "/carts/missing", headers: { "x-status": "404" } });
  await times(4, port, { path: "/carts/broken", headers: { "x-status": "503" } });
  assert.equal(await times(2, port, { path: "/carts/reset", headers: { "x-status": "reset" } }), [503, 503]);
  await times(2, port, { path: "/carts/forwarded", headers: { "x-forwarded-for": "6.6.6.6" } });
  await expectCounts(parts, "/carts", {
    "in 127.0.0.1 http GET /carts/{id}/items success 200": 20,
    "in 127.0.0.1 http POST /carts success 201": 3,
    "in 127.0.0.1 http GET /carts/missing clientError 404": 2,
    "in 127.0.0.1 http GET /carts/broken serverError 503": 4,
    "in 127.0.0.1 http GET /carts/reset noAnswer 503": 2,
    "in 127.0.0.1 http GET /carts/forwarded success 200": 2,
  });
  for (const [key, { count, buckets }] of parts.receiver.sums) {
    if (key.includes(" tcp ")) continue;
    assert.is(
      [...buckets.values()].reduce((a, b) => a + b, 0),
      count,
      `${key}: each request has its latency`,
    );
  }
});

test("HTTP/2 in", async (parts) => {
  const asks = Array.from({ length: 30 }, (_, i) => ({
    path: `/h2/${i}`,
    headers: { "x-status": i % 3 ? "200" : "500" },
  }));
  await askHttp2(parts.envoy.port("inbound"), asks);
  await expectCounts(parts, "/h2/", {
    "in 127.0.0.1 http GET /h2/{id} success 200": 20,
    "in 127.0.0.1 http GET /h2/{id} serverError 500": 10,
  });
});

test("gRPC in, unary and streaming", async (parts) => {
  const client = new GrpcClient(parts.envoy.port("inbound"));
  for (const code of [0, 0, 0, 5, 5, 13, 14, 16]) assert.is(await client.authorise(code), code);
  assert.is(await client.watch(50), 0);
  client.close();
  const path = "in 127.0.0.1 grpc  /shop.v1.Payment";
  await expectCounts(parts, path, {
    [`${path}/Authorise success 0`]: 3,
    [`${path}/Authorise clientError 5`]: 2,
    [`${path}/Authorise serverError 13`]: 1,
    [`${path}/Authorise serverError 14`]: 1,
    [`${path}/Authorise clientError 16`]: 1,
    [`${path}/Watch success 0`]: 1,
  });
});

test("HTTP out: answered, timed out, abandoned, external", async (parts) => {
  const port = parts.envoy.port("outbound");
  const host = { host: "payment" };
  await times(5, port, { path: "/out/ok", headers: host });
  assert.equal(await times(2, port, { path: "/out/slow", headers: { ...host, "x-delay": "2000" } }), [504, 504]);
  await times(3, port, { path: "/out/left", headers: { ...host, "x-delay": "250" }, leaveAfterMs: 100 });
  await times(2, port, { path: "/out/side", headers: { host: "API.example.org" } });
  const peer = `out 127.0.0.1:${parts.app.port}`;
  await expectCounts(parts, "/out/", {
    [`${peer},payment.shop http GET /out/ok success 200`]: 5,
    [`${peer},payment.shop http GET /out/slow noAnswer 504`]: 2,
    [`${peer},payment.shop http GET /out/left noAnswer 0`]: 3,
    [`${peer},PassthroughCluster,api.example.org http GET /out/side success 200`]: 2,
  });
});

test("HTTP out: what never reached a server", async (parts) => {
  const port = parts.envoy.port("outbound");
  const path = "/lost";
  assert.equal(await times(2, port, { path, headers: { host: "refused" } }), [503, 503]);
  assert.equal(await times(3, port, { path, headers: { host: "empty" } }), [503, 503, 503]);
  assert.equal(await times(4, port, { path, headers: { host: "nobody" } }), [404, 404, 404, 404]);
  await expectCounts(parts, "/lost", {
    [`out 127.0.0.1:${parts.dead},refused.shop http GET /lost notReached 503`]: 2,
    "out empty.shop http GET /lost notReached 503": 3,
    "out  http GET /lost notReached 404": 4,
  });
});

test("gRPC out that Envoy itself answers", async (parts) => {
  const refused = new GrpcClient(parts.envoy.port("outbound"), "rpc-refused");
  assert.is(await refused.authorise(0), 14);
  refused.close();
  await expectCounts(parts, "rpc-refused", {
    [`out 127.0.0.1:${parts.dead},rpc-refused.shop grpc  /shop.v1.Payment/Authorise notReached 14`]: 1,
  });
});

test("TCP out: open, closed with its bytes, refused", async (parts) => {
  const connect = (listener: string) => net.connect(parts.envoy.port(listener), "127.0.0.1").on("error", () => {});
  const open = [1, 2, 3].map(() => connect("orders-db"));
  for (const socket of open) socket.write("x".repeat(1000));
  const key = `out 127.0.0.1:${parts.echo.port},orders-db.shop tcp   success 0`;
  const now = () => parts.receiver.sums.get(key);
  const describe = () => JSON.stringify([...parts.receiver.sums]);
  await until(() => now()?.active === 3, describe);
  assert.is(now()?.count, 3, "connections are known while they are open");
  for (const socket of open) socket.destroy();
  await until(() => now()?.active === 0, describe);
  assert.equal([now()?.count, now()?.requestBytes, now()?.responseBytes], [3, 3000, 3000]);
  const logged = connect("logged-db");
  logged.end(`GET / HTTP/1.0\r\n\r\n`).resume();
  await new Promise((resolve) => logged.on("close", resolve));
  for (const listener of ["refused-db", "busy-db"]) {
    const refused = connect(listener);
    refused.resume();
    await new Promise((resolve) => refused.on("close", resolve));
  }
  await expectCounts(parts, " tcp ", {
    [key]: 3,
    [`out 127.0.0.1:${parts.app.port},PassthroughCluster tcp   success 0`]: 1,
    [`out 127.0.0.1:${parts.dead},refused.shop tcp   notReached 0`]: 1,
    // It was being connected for seven ticks, none of which took it for open.
    [`out 127.0.0.1:${parts.busy.port},busy.shop tcp   notReached 0`]: 1,
  });
});

test("nothing was lost, and one stream carried it all", async ({ receiver, envoy }) => {
  assert.is(receiver.hellos.length, 1);
  assert.is(receiver.hellos[0]?.workload, "orders");
  assert.equal(
    receiver.all.flatMap((batch) => batch.losses),
    [],
  );
  const sequences = receiver.all.map((batch) => batch.sequence);
  assert.equal(
    sequences,
    sequences.map((_, i) => i + 1),
  );
  assert.is(await envoy.stat("wasmcustom.sidelight_losses"), 0);
  assert.ok((await envoy.stat("wasmcustom.sidelight_requests")) > 80);
});

test.run();
