import { test } from "uvu";
import * as assert from "uvu/assert";

import { type Request, Sidecar, countsOf, requestContext } from "./sidecar.ts";

const bit = (n: number) => 2 ** n;

/** Counts of one request by the readable key. */
function countsFor(configuration: object, ...requests: Request[]): Record<string, number> {
  const sidecar = new Sidecar(configuration);
  for (const request of requests) sidecar.request(request);
  sidecar.settle();
  return countsOf(sidecar.totals);
}

test("an inbound request is counted under the client's address and certificate", () => {
  const counts = countsFor(
    {},
    { path: "/carts/1", source: "10.0.0.1:5555", direction: 1 },
    { path: "/carts/2", source: "10.0.0.1:5556", direction: 1 },
    { path: "/carts/2", source: "[fe80::1]:5556", direction: 1 },
    { method: "POST", path: "/carts", status: 201, principal: "spiffe://cluster.local/ns/shop/sa/orders" },
  );
  assert.equal(counts, {
    "in 10.0.0.1 http GET /carts/{id} success 200": 2,
    "in fe80::1 http GET /carts/{id} success 200": 1,
    "in 10.0.0.1,spiffe://cluster.local/ns/shop/sa/orders http POST /carts success 201": 1,
  });
});

test("an address that a client wrote into X-Forwarded-For is no address", () => {
  assert.equal(countsFor({}, { source: "6.6.6.6:0" }), { "in  http GET / success 200": 1 });
});

test("an outbound request is counted under host and cluster, with the authority only where the cluster is external", () => {
  const upstream = "10.0.0.7:80";
  const counts = countsFor(
    { external_clusters: ["PassthroughCluster", "internet"] },
    { direction: 2, upstream, cluster: "payment.shop", authority: "minted.by.client" },
    { direction: 2, upstream, cluster: "internet", authority: "API.example.com" },
  );
  assert.equal(counts, {
    "out 10.0.0.7:80,payment.shop http GET / success 200": 1,
    "out 10.0.0.7:80,internet,api.example.com http GET / success 200": 1,
  });
});

test("Istio's clusters for the outside count as external by default", () => {
  const counts = countsFor({ side: "outbound" }, { cluster: "PassthroughCluster", authority: "example.org" });
  assert.equal(Object.keys(counts), ["out PassthroughCluster,example.org http GET / success 200"]);
});

test("the configured side goes before the listener's", () => {
  const [key = ""] = Object.keys(countsFor({ side: "inbound" }, { direction: 2, cluster: "x" }));
  assert.match(key, /^in 10\.0\.0\.1 /);
});

test("only the methods of HTTP have a name", () => {
  const counts = countsFor({}, { method: "PATCH" }, { method: "BREW" }, { method: "get" }, { method: "X".repeat(300) });
  assert.equal(counts, {
    "in 10.0.0.1 http PATCH / success 200": 1,
    "in 10.0.0.1 http ~other / success 200": 3,
  });
});

const outcomes: [string, Request, string][] = [
  ["informational", { status: 101 }, "success 101"],
  ["redirect", { status: 304 }, "success 304"],
  ["client error", { status: 404 }, "clientError 404"],
  ["rate limited by Envoy", { status: 429, flags: bit(11) }, "clientError 429"],
  ["the server's own 503", { status: 503 }, "serverError 503"],
  ["the server's 503 after retries", { status: 503, flags: bit(15) }, "serverError 503"],
  ["no healthy host", { status: 503, flags: bit(1) }, "notReached 503"],
  ["connection refused", { status: 503, flags: bit(5) + bit(15) }, "notReached 503"],
  ["overflow", { status: 503, flags: bit(7) }, "notReached 503"],
  ["no route", { status: 404, flags: bit(8) }, "notReached 404"],
  ["no cluster", { status: 503, flags: bit(24) }, "notReached 503"],
  ["DNS failed", { status: 503, flags: bit(26) }, "notReached 503"],
  ["timed out", { status: 504, flags: bit(2) }, "noAnswer 504"],
  ["reset by the server", { status: 503, flags: bit(4) }, "noAnswer 503"],
  ["connection closed by the server", { status: 503, flags: bit(6) }, "noAnswer 503"],
  ["idle", { status: 408, flags: bit(16) }, "noAnswer 408"],
  ["lasted too long", { status: 504, flags: bit(22) }, "noAnswer 504"],
  ["client left", { status: 0, flags: bit(14) }, "noAnswer 0"],
  ["client reset, as newer Envoys say", { status: 499, flags: bit(28) }, "noAnswer 499"],
  ["client left in the middle of a good answer", { status: 200, flags: bit(14) }, "success 200"],
  ["no answer and no reason", { status: 0 }, "noAnswer 0"],
  ["a status that there is not", { status: 70_000 }, "noAnswer 0"],
];

for (const [name, request, expected] of outcomes) {
  test(`outcome: ${name}`, () => {
    assert.equal(countsFor({}, request), { [`in 10.0.0.1 http GET / ${expected}`]: 1 });
  });
}

test("flags are asked for only when the status calls for it", () => {
  const sidecar = new Sidecar({ side: "inbound", exemplars: false });
  const asked = () => sidecar.host.calls.get("get_property") ?? 0;
  sidecar.request({ connection: 1 });
  let before = asked();
  sidecar.request({ status: 200, connection: 1 });
  const good = asked() - before;
  before = asked();
  sidecar.request({ status: 500, connection: 1 });
  assert.is(asked() - before, good + 1);
  assert.is(good, 3, "status, duration and the connection");
  assert.is(sidecar.host.calls.get("get_header_map_value"), undefined);
});

const rpcOutcomes = [
  "success",
  "clientError",
  "serverError",
  "clientError",
  "serverError",
  "clientError",
  "clientError",
]
  .concat(["clientError", "serverError", "clientError", "clientError", "clientError", "serverError", "serverError"])
  .concat(["serverError", "serverError", "clientError"]);

test("an RPC is counted by its grpc-status, under its own path", () => {
  const path = "/shop.v1.Payment/Authorise";
  rpcOutcomes.forEach((outcome, grpcStatus) => {
    const counts = countsFor({}, { method: "POST", path, grpcStatus, contentType: "application/grpc+proto" });
    assert.equal(counts, { [`in 10.0.0.1 grpc  ${path} ${outcome} ${grpcStatus}`]: 1 });
  });
});

test("an RPC that Envoy answered itself is told from one that the server failed", () => {
  const rpc = { method: "POST", path: "/a.B/C", contentType: "Application/gRPC", grpcStatus: 14 };
  const key = "in 10.0.0.1 grpc  /a.B/C";
  assert.equal(countsFor({}, { ...rpc, flags: bit(1) }), { [`${key} notReached 14`]: 1 });
  assert.equal(countsFor({}, { ...rpc, grpcStatus: 4, flags: bit(2) }), { [`${key} noAnswer 4`]: 1 });
  assert.equal(countsFor({}, { ...rpc, grpcStatus: 2, flags: bit(28) }), { [`${key} noAnswer 2`]: 1 });
  assert.equal(countsFor({}, rpc), { [`${key} serverError 14`]: 1 });
  assert.equal(countsFor({}, { ...rpc, grpcStatus: 99 }), { [`${key} serverError 2`]: 1 });
});

test("the hello says who reports", () => {
  const sidecar = new Sidecar();
  sidecar.request();
  sidecar.tick();
  sidecar.collect();
  const [hello] = sidecar.hellos;
  assert.match(hello!.instance, /^[0-9a-f]{32}$/);
  assert.match(hello!.process, /^[0-9a-f]{32}$/);
  assert.equal(
    { ...hello, instance: "", process: "" },
    {
      instance: "",
      process: "",
      kind: 1,
      nodeId: "orders-1",
      namespace: "shop",
      workload: "orders",
      pod: "orders-1",
      addresses: ["10.0.0.9", "fe80::9"],
      version: "0.1.0",
    },
  );
  assert.is(sidecar.stream?.path, "/sidelight.v1.Ingest/Report");
  assert.is(Buffer.from(sidecar.stream!.target).toString("latin1"), "\n\x16\n\tsidelight\x12\tsidelight");
});

test("requests whose headers do not fit into one answer are counted all the same", () => {
  const sidecar = new Sidecar({ side: "inbound" });
  const context = requestContext({ path: "/orders/7" });
  const headers = new Map(context.headers).set("cookie", Buffer.alloc(200_000, 97));
  sidecar.host.log(5000, { ...context, headers });
  sidecar.settle();
  assert.equal(countsOf(sidecar.totals), { "in 10.0.0.1 http GET /orders/{id} success 200": 1 });
});

test("what the filter counted stands in Envoy's own statistics", () => {
  const sidecar = new Sidecar();
  for (let i = 0; i < 7; i++) sidecar.request();
  sidecar.settle();
  const { metrics } = sidecar.host;
  assert.is(metrics.get("sidelight_requests"), 7n);
  assert.is(metrics.get("sidelight_batches_sent"), 1n);
  assert.is(metrics.get("sidelight_batches_acked"), 1n);
});

test.run();
