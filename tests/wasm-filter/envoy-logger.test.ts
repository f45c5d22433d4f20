/**
 * The module as access logger of HTTP listeners in a real Envoy, where no filter of ours stands: it counts what the
 * filter would.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { loud } from "../loud.ts";
import { type Listener, addCluster, sidecarBootstrap, virtualHosts } from "./bootstrap.ts";
import { Receiver } from "./receiver.ts";
import { type Closable, GrpcClient, ask, deadPort, hangUp, startApp, startGrpc, until } from "./traffic.ts";

interface Parts {
  receiver: Receiver;
  envoy: RunningEnvoy;
  app: Closable;
  rpc: Closable;
  dead: number;
}

const test = suite<Parts>("as access logger in a real Envoy");

test.before(
  loud(async (parts) => {
    parts.receiver = await new Receiver().start();
    parts.app = await startApp();
    parts.rpc = await startGrpc();
    parts.dead = await deadPort();
    const { app, receiver, dead } = parts;
    const bootstrap = sidecarBootstrap({ app: app.port, payment: app.port, database: dead, control: receiver.port });
    addCluster(bootstrap, "sidelight", { name: "inbound|9090||", port: parts.rpc.port });
    addCluster(bootstrap, "payment.shop", { name: "refused.shop", port: dead });
    virtualHosts(bootstrap, "inbound")[0]!.routes.unshift({
      match: { prefix: "/", grpc: {} },
      route: { cluster: "inbound|9090||" },
    });
    virtualHosts(bootstrap, "outbound").push({
      name: "refused",
      domains: ["refused"],
      routes: [{ match: { prefix: "/" }, route: { cluster: "refused.shop" } }],
    });
    const listeners = bootstrap.static_resources.listeners.filter(({ name }) => name.endsWith("bound"));
    for (const listener of listeners) logAccess(listener);
    parts.envoy = await startEnvoy({ ...bootstrap, static_resources: { ...bootstrap.static_resources, listeners } });
  }),
);

/** Turns the filter of a listener into its access logger. */
function logAccess(listener: Listener): void {
  const manager = listener.filter_chains[0]!.filters[0]!.typed_config;
  const filters = manager["http_filters"] as { typed_config: Record<string, unknown> }[];
  const [filter] = filters.splice(0, 1);
  const type = "type.googleapis.com/envoy.extensions.access_loggers.wasm.v3.WasmAccessLog";
  manager["access_log"] = [
    { name: "sidelight", typed_config: { "@type": type, config: filter!.typed_config["config"] } },
  ];
}

test.after(async ({ envoy, receiver, app, rpc }) => {
  hangUp();
  await envoy?.stop();
  receiver?.kill();
  await Promise.all([app?.close(), rpc?.close()]);
});

test("HTTP and gRPC, in and out, answered and not", async ({ envoy, receiver, app, dead }) => {
  const inbound = envoy.port("inbound");
  const outbound = envoy.port("outbound");
  for (let i = 0; i < 5; i++) await ask(inbound, { path: `/carts/${i}/items?x=1` });
  await ask(inbound, { path: "/carts/broken", headers: { "x-status": "503" } });
  await ask(inbound, { path: "/carts/forwarded", headers: { "x-forwarded-for": "6.6.6.6" } });
  for (let i = 0; i < 3; i++) await ask(outbound, { path: "/out", headers: { host: "payment" } });
  await ask(outbound, { path: "/lost", headers: { host: "refused" } });
  await ask(outbound, { path: "/lost", headers: { host: "nobody" } });
  const client = new GrpcClient(inbound);
  for (const code of [0, 0, 5, 13]) assert.is(await client.authorise(code), code);
  client.close();
  const rpc = "in 127.0.0.1 grpc  /shop.v1.Payment/Authorise";
  const expected: Record<string, number> = {
    "in 127.0.0.1 http GET /carts/{id}/items success 200": 5,
    "in 127.0.0.1 http GET /carts/broken serverError 503": 1,
    "in 127.0.0.1 http GET /carts/forwarded success 200": 1,
    [`${rpc} success 0`]: 2,
    [`${rpc} clientError 5`]: 1,
    [`${rpc} serverError 13`]: 1,
    [`out 127.0.0.1:${app.port},payment.shop http GET /out success 200`]: 3,
    [`out 127.0.0.1:${dead},refused.shop http GET /lost notReached 503`]: 1,
    "out  http GET /lost notReached 404": 1,
  };
  const total = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
  await until(
    () => total(receiver.counts) >= total(expected),
    () => JSON.stringify(receiver.counts, null, 1),
    8000,
  ).catch(() => {});
  assert.equal(receiver.counts, Object.fromEntries(Object.entries(expected).sort()));
  assert.equal(
    receiver.all.flatMap((batch) => batch.losses),
    [],
  );
});

test.run();
