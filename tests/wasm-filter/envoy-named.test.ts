/**
 * Requests by name from a real Envoy, configured as deploy/envoy/sidecar.yaml shows.
 */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ExemplarReason } from "#proto/ingest.ts";

import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { loud } from "../loud.ts";
import { addCluster, sidecarBootstrap, virtualHosts } from "./bootstrap.ts";
import { Receiver } from "./receiver.ts";
import { blankTap, namedIn } from "./sidecar.ts";
import { ask, deadPort, hangUp, until } from "./traffic.ts";

interface Parts {
  receiver: Receiver;
  envoy: RunningEnvoy;
  app: http.Server;
  /** The request id that the application was given, by path. */
  requestIds: Map<string, string>;
  dead: number;
}

const test = suite<Parts>("named by a real Envoy");
const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
/** Bits of Envoy's CoreResponseFlag. */
const UPSTREAM_TIMEOUT = 1 << 2;
const UPSTREAM_CONNECTION_FAILURE = 1 << 5;

test.before(
  loud(async (parts) => {
    parts.requestIds = new Map();
    parts.receiver = await new Receiver().start();
    parts.dead = await deadPort();
    parts.app = http.createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://app");
      parts.requestIds.set(pathname, String(request.headers["x-request-id"]));
      const status = Number(request.headers["x-status"] ?? 200);
      setTimeout(() => response.writeHead(status).end("answer"), Number(request.headers["x-delay"] ?? 0));
    });
    parts.app.listen(0, "127.0.0.1");
    await once(parts.app, "listening");
    const { port } = parts.app.address() as AddressInfo;
    const bootstrap = sidecarBootstrap({ app: port, payment: port, database: port, control: parts.receiver.port });
    addCluster(bootstrap, "payment.shop", { name: "refused.shop", port: parts.dead });
    const outbound = virtualHosts(bootstrap, "outbound");
    const route = (cluster: string) => [{ match: { prefix: "/" }, route: { cluster, timeout: "0.3s" } }];
    outbound[0]!.routes = route("payment.shop");
    outbound.push({ name: "refused", domains: ["refused"], routes: route("refused.shop") });
    parts.envoy = await startEnvoy(bootstrap);
  }),
);

test.after(async ({ envoy, receiver, app }) => {
  hangUp();
  await envoy?.stop();
  receiver?.kill();
  app?.closeAllConnections();
  app?.close();
});

test("slow and failed requests come with path, status, flags, duration and ids", async (parts) => {
  const { envoy, receiver, requestIds } = parts;
  const named = () => receiver.all.flatMap(namedIn);
  const seen = async (path: string) => {
    await until(
      () => named().some((one) => one.path === path),
      () => JSON.stringify(named(), null, 1),
    );
    return named().find((one) => one.path === path)!;
  };
  const inbound = envoy.port("inbound");
  const outbound = envoy.port("outbound");

  for (const id of [1, 2, 3]) await ask(inbound, { path: `/orders/${id}?token=secret` });
  await ask(inbound, { path: "/orders/4?token=secret", headers: { "x-delay": "250", traceparent } });
  const slow = await seen("/orders/4");
  assert.is(slow.key, "in 127.0.0.1 http GET /orders/{id} success 200");
  assert.is(slow.reason, ExemplarReason.EXEMPLAR_REASON_SLOWEST);
  assert.ok(slow.durationMicros >= 240_000, `${slow.durationMicros} us`);
  assert.equal([slow.flags, slow.traceId, slow.requestId], [0, trace, requestIds.get("/orders/4")]);
  assert.match(slow.requestId, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  assert.ok(Math.abs(slow.atSeconds - Date.now() / 1000) < 60);

  await ask(inbound, { path: "/carts/7", headers: { "x-status": "500", b3: `${trace}-00f067aa0ba902b7-1` } });
  const broken = await seen("/carts/7");
  assert.is(broken.key, "in 127.0.0.1 http GET /carts/{id} serverError 500");
  assert.equal([broken.reason, broken.flags, broken.traceId], [ExemplarReason.EXEMPLAR_REASON_FAILED, 0, trace]);
  assert.is(broken.requestId, requestIds.get("/carts/7"));

  await ask(outbound, { path: "/pay/1", headers: { host: "payment", "x-delay": "2000" } });
  const late = await seen("/pay/1");
  assert.match(late.key, / noAnswer 504$/);
  assert.is(late.flags & UPSTREAM_TIMEOUT, UPSTREAM_TIMEOUT);
  assert.ok(late.durationMicros >= 290_000);

  await ask(outbound, { path: "/lost/1", headers: { host: "refused", traceparent } });
  const lost = await seen("/lost/1");
  assert.is(lost.key, `out 127.0.0.1:${parts.dead},refused.shop http GET /lost/{id} notReached 503`);
  assert.equal([lost.flags & UPSTREAM_CONNECTION_FAILURE, lost.traceId], [UPSTREAM_CONNECTION_FAILURE, trace]);

  assert.not.match(JSON.stringify(named()), /secret|token/);
});

test("a tap under load keeps to its rate, ends by itself, and no count suffers", async ({ envoy, receiver }) => {
  const port = envoy.port("inbound");
  const key = (path: string) => `in 127.0.0.1 http GET ${path} success 200`;
  const burst = async (path: string) => {
    const statuses = await Promise.all(Array.from({ length: 40 }, () => ask(port, { path })));
    assert.ok(statuses.every((status) => status === 200));
  };
  const durationMillis = 2000;
  receiver.say({
    message: { $case: "tap", value: { ...blankTap, id: 3, durationMillis, perSecond: 20, pathPrefix: "/load" } },
  });
  let bursts = 0;
  const seen = () =>
    receiver.tapped.reduce((sum, { requests, skipped }) => sum + requests!.exemplars.length + skipped, 0);
  for (let before = 0; bursts < 400 && (seen() === 0 || seen() !== before); bursts += 20) {
    before = seen();
    // Longer than several ticks, so that nothing new means that the tap has ended.
    for (let i = 0; i < 20; i++) {
      await Promise.all([burst("/load"), burst("/other")]);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await until(
    () => receiver.counts[key("/load")] === bursts * 40 && receiver.counts[key("/other")] === bursts * 40,
    () => JSON.stringify(receiver.counts),
  );
  const named = receiver.tapped.flatMap(({ requests }) => namedIn(requests!));
  assert.ok(named.every((one) => one.path === "/load" && one.key === key("/load") && one.requestId !== ""));
  assert.ok(named.length >= 20 && named.length <= 20 * 3, `${named.length} requests in two seconds`);
  assert.ok(seen() > named.length, "there was more than it may show");
  assert.ok(receiver.all.every(({ losses }) => losses.length === 0));
});

test.run();
