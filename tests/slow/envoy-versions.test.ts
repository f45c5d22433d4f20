/**
 * The filter in each Envoy that is supported, as HTTP filter, network filter and access logger: a known mix of requests,
 * RPCs and connections, failures among them, is counted exactly.
 */
import net from "node:net";
import { once } from "node:events";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { envoyOfVersion, pinnedEnvoys } from "../../provision/envoy.ts";
import { progressOn } from "../../provision/progress.ts";
import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { loud } from "../loud.ts";
import { type Bootstrap, type Listener, addCluster, sidecarBootstrap, virtualHosts } from "../wasm-filter/bootstrap.ts";
import { Receiver } from "../wasm-filter/receiver.ts";
import {
  type Ask,
  type Closable,
  GrpcClient,
  ask,
  askHttp2,
  deadPort,
  hangUp,
  startApp,
  startEcho,
  startGrpc,
  until,
} from "../wasm-filter/traffic.ts";

interface Parts {
  app: Closable;
  rpc: Closable;
  echo: Closable;
  dead: number;
}

const test = suite<Parts>("each supported Envoy");

test.before(
  loud(async (parts) => {
    parts.app = await startApp();
    parts.rpc = await startGrpc();
    parts.echo = await startEcho();
    parts.dead = await deadPort();
  }),
);

test.after(async ({ app, rpc, echo }) => {
  hangUp();
  await Promise.all([app?.close(), rpc?.close(), echo?.close()]);
});

/** The example, with RPCs, what fails, and listeners that have the module as access logger. */
function bootstrapFor({ app, rpc, echo, dead }: Parts, control: number): Bootstrap {
  const bootstrap = sidecarBootstrap({ app: app.port, payment: app.port, database: echo.port, control });
  addCluster(bootstrap, "payment.shop", { name: "refused.shop", port: dead });
  addCluster(bootstrap, "sidelight", { name: "inbound|9090||", port: rpc.port });
  const [inbound] = virtualHosts(bootstrap, "inbound");
  inbound!.routes.unshift({ match: { prefix: "/", grpc: {} }, route: { cluster: "inbound|9090||" } });
  const outbound = virtualHosts(bootstrap, "outbound");
  outbound[0]!.routes = [{ match: { prefix: "/" }, route: { cluster: "payment.shop", timeout: "0.3s" } }];
  const routes = [{ match: { prefix: "/" }, route: { cluster: "refused.shop" } }];
  outbound.push({ name: "refused", domains: ["refused"], routes });
  logAccess(bootstrap, "inbound", (filters) => {
    const http = filters[0]!.typed_config as unknown as { http_filters: Listener["filter_chains"][0]["filters"] };
    return [http.http_filters.shift()!, filters[0]!];
  });
  logAccess(bootstrap, "orders-db", (filters) => [filters.shift()!, filters[0]!]);
  return bootstrap;
}

type Filter = Listener["filter_chains"][0]["filters"][0];

/** Adds a copy "logged-NAME" of a listener that has the module as access logger in place of the filter. */
function logAccess(bootstrap: Bootstrap, name: string, takeOut: (filters: Filter[]) => [Filter, Filter]): void {
  const { listeners } = bootstrap.static_resources;
  const copy = structuredClone(listeners.find((listener) => listener.name === name)!);
  copy.name = `logged-${name}`;
  const [filter, logged] = takeOut(copy.filter_chains[0]!.filters);
  const type = "type.googleapis.com/envoy.extensions.access_loggers.wasm.v3.WasmAccessLog";
  const logger = { name: "sidelight", typed_config: { "@type": type, config: filter.typed_config["config"] } };
  logged.typed_config["access_log"] = [logger];
  listeners.push(copy);
}

async function times(n: number, port: number, what: Ask): Promise<number[]> {
  return Promise.all(Array.from({ length: n }, () => ask(port, what)));
}

/** A connection that sends so many bytes, gets them back, and ends. */
async function echo(port: number, bytes: number): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  let left = bytes;
  socket.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left === 0) socket.end();
  });
  socket.write(Buffer.alloc(bytes, 97));
  await once(socket, "close");
}

/** Sends the mix; every request is to be answered as if there were no filter. */
async function sendMix(envoy: RunningEnvoy): Promise<void> {
  const port = envoy.port("inbound");
  await times(20, port, { path: "/carts/57a98d98e4b00679b4a830b2/items?x=1" });
  await times(4, port, { method: "POST", path: "/carts", headers: { "x-status": "503" } });
  assert.equal(await times(2, port, { path: "/carts/reset", headers: { "x-status": "reset" } }), [503, 503]);
  const asks = Array.from({ length: 30 }, (_, i) => ({ path: `/h2/${i}` }));
  assert.equal([...new Set(await askHttp2(port, asks))], [200]);
  const client = new GrpcClient(port);
  for (const code of [0, 0, 5, 13]) assert.is(await client.authorise(code), code);
  assert.is(await client.watch(20), 0);
  client.close();

  const out = envoy.port("outbound");
  const host = { host: "payment" };
  await times(5, out, { path: "/out/ok", headers: host });
  assert.equal(await times(2, out, { path: "/out/slow", headers: { ...host, "x-delay": "2000" } }), [504, 504]);
  await times(3, out, { path: "/out/left", headers: { ...host, "x-delay": "250" }, leaveAfterMs: 100 });
  assert.equal(await times(2, out, { path: "/lost", headers: { host: "refused" } }), [503, 503]);
  assert.equal(await times(2, out, { path: "/lost", headers: { host: "nobody" } }), [404, 404]);

  await times(7, envoy.port("logged-inbound"), { path: "/logged/7" });
  await Promise.all([1, 2, 3].map(() => echo(envoy.port("orders-db"), 1000)));
  await Promise.all([1, 2].map(() => echo(envoy.port("logged-orders-db"), 500)));
}

function expected({ app, echo, dead }: Parts): Record<string, number> {
  const rpc = "in 127.0.0.1 grpc  /shop.v1.Payment";
  const payment = `out 127.0.0.1:${app.port},payment.shop http GET /out`;
  return {
    "in 127.0.0.1 http GET /carts/{id}/items success 200": 20,
    "in 127.0.0.1 http POST /carts serverError 503": 4,
    "in 127.0.0.1 http GET /carts/reset noAnswer 503": 2,
    "in 127.0.0.1 http GET /h2/{id} success 200": 30,
    "in 127.0.0.1 http GET /logged/{id} success 200": 7,
    [`${rpc}/Authorise success 0`]: 2,
    [`${rpc}/Authorise clientError 5`]: 1,
    [`${rpc}/Authorise serverError 13`]: 1,
    [`${rpc}/Watch success 0`]: 1,
    [`${payment}/ok success 200`]: 5,
    [`${payment}/slow noAnswer 504`]: 2,
    [`${payment}/left noAnswer 0`]: 3,
    [`out 127.0.0.1:${dead},refused.shop http GET /lost notReached 503`]: 2,
    "out  http GET /lost notReached 404": 2,
    [`out 127.0.0.1:${echo.port},orders-db.shop tcp   success 0`]: 5,
  };
}

for (const version of pinnedEnvoys) {
  test(version, async (parts) => {
    const { path } = await envoyOfVersion(version, progressOn());
    const receiver = await new Receiver().start();
    const envoy = await startEnvoy(bootstrapFor(parts, receiver.port), { binary: path });
    try {
      assert.match(await envoy.admin("/server_info"), `/${version}/`);
      await sendMix(envoy);
      const wanted = Object.entries(expected(parts)).sort();
      const total = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
      await until(
        () => total(receiver.counts) >= total(expected(parts)),
        () => JSON.stringify(receiver.counts, null, 1),
        8000,
      ).catch(() => {});
      assert.equal(receiver.counts, Object.fromEntries(wanted));
      const bytes = [...receiver.sums].filter(([key]) => key.includes(" tcp ")).map(([, sum]) => sum);
      assert.equal(
        bytes.map(({ requestBytes, responseBytes, active }) => [requestBytes, responseBytes, active]),
        [[4000, 4000, 0]],
      );
      assert.equal(
        receiver.all.flatMap(({ losses }) => losses),
        [],
      );
      assert.is(await envoy.stat("wasmcustom.sidelight_losses"), 0);
      assert.not.match(envoy.log(), /wasm/i, "the filter loaded without a word");
    } finally {
      hangUp();
      await envoy.stop();
      receiver.kill();
    }
  });
}

test.run();
