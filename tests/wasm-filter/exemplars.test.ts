/**
 * Slow and failed requests by name: which are kept, what is kept of them, and what never is.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, ExemplarReason, Switch } from "#proto/ingest.ts";

import { decodeBatch } from "../../control/ingest/decode.ts";
import { Status } from "./host-status.ts";
import { type Request, Sidecar, namedIn, requestContext, totalCount } from "./sidecar.ts";

const { EXEMPLAR_REASON_SLOWEST: slowest, EXEMPLAR_REASON_FAILED: failed } = ExemplarReason;
const EXEMPLARS_CUT = 9;
const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${trace}-00f067aa0ba902b7-01`;

/** Sends requests in one window and returns what came of it by name. */
function windowOf(sidecar: Sidecar, requests: readonly Request[]) {
  for (const request of requests) sidecar.request(request);
  sidecar.tick();
  const batches = sidecar.collect();
  sidecar.acknowledge();
  return batches.flatMap(namedIn);
}

/** What control makes of a batch, which has nothing to object to. */
function asControlTakesIt(batch: Batch): Batch | undefined {
  const decoded = decodeBatch(Batch.encode(batch).finish());
  return decoded.kind === "good" ? decoded.batch : undefined;
}

/** A name without digits, so that it is no id. */
function word(n: number): string {
  return [...String(n)].map((digit) => "abcdefghij"[+digit]).join("");
}

test("the slowest request of an endpoint comes by name", () => {
  const sidecar = new Sidecar();
  const headers = { "x-request-id": "f3b2-11", traceparent };
  const named = windowOf(sidecar, [
    { path: "/orders/1?user=me", micros: 3000 },
    { path: "/orders/2?user=me", micros: 900_000, headers },
    { path: "/orders/3?user=me", micros: 20_000 },
    { path: "/health", micros: 10 },
  ]);
  assert.equal(named, [
    {
      key: "in 10.0.0.1 http GET /orders/{id} success 200",
      counter: 0,
      reason: slowest,
      atSeconds: 1_800_000_000,
      atMillis: 0,
      path: "/orders/2",
      durationMicros: 900_000,
      flags: 0,
      requestId: "f3b2-11",
      traceId: trace,
    },
    {
      key: "in 10.0.0.1 http GET /health success 200",
      counter: 1,
      reason: slowest,
      atSeconds: 1_800_000_000,
      atMillis: 0,
      path: "/health",
      durationMicros: 10,
      flags: 0,
      requestId: "",
      traceId: "",
    },
  ]);
});

test("ids are taken from the headers at hand; where the host did not give them all, they are asked for", () => {
  const headers = { "x-request-id": "f3b2-11", "x-b3-traceid": trace, b3: "0" };
  const nameless = { status: 500, headers: { "x-request-id": "", traceparent } };
  const named = [false, true].map((isCut) => {
    const sidecar = new Sidecar();
    sidecar.host.sabotage = (call) => (isCut && call === "get_header_map_pairs" ? Status.invalidMemory : undefined);
    const names = windowOf(sidecar, [{ headers }, nameless]).map(({ requestId, traceId }) => [requestId, traceId]);
    return { names, asked: sidecar.host.calls.has("get_header_map_value") };
  });
  const names = [
    ["f3b2-11", trace],
    ["", trace],
  ];
  assert.equal(named, [
    { names, asked: false },
    { names, asked: true },
  ]);
});

test("so does the first of each kind of failure, with its flags, and a later one that was slower", () => {
  const sidecar = new Sidecar();
  const named = windowOf(sidecar, [
    { path: "/orders/1", status: 503, flags: 1 << 1, micros: 500 },
    { path: "/orders/2", status: 503, flags: 1 << 1, micros: 400 },
    { path: "/orders/3", status: 503, flags: 1 << 1, micros: 800 },
    { path: "/orders/4", status: 500, micros: 100 },
    { path: "/orders/5", status: 504, flags: 1 << 2, micros: 15_000_000 },
    { path: "/orders/6", status: 404, micros: 50 },
  ]);
  const kept = named.map(({ path, reason, flags, durationMicros, key }) => [
    path,
    reason,
    flags,
    durationMicros,
    key.split(" ").at(-2),
  ]);
  assert.equal(
    kept.sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
    [
      ["/orders/1", failed, 2, 500, "notReached"],
      ["/orders/3", slowest, 2, 800, "notReached"],
      ["/orders/4", failed, 0, 100, "serverError"],
      ["/orders/5", failed, 4, 15_000_000, "noAnswer"],
      ["/orders/6", slowest, 0, 50, "clientError"],
    ],
  );
});

test("an RPC that failed is one, TCP never is", () => {
  const rpc: Request = { contentType: "application/grpc", path: "/shop.v1.Payment/Authorise", method: "POST" };
  const [named] = windowOf(new Sidecar(), [{ ...rpc, grpcStatus: 13, headers: { traceparent } }]);
  assert.is(named?.key, "in 10.0.0.1 grpc  /shop.v1.Payment/Authorise serverError 13");
  assert.equal([named?.path, named?.reason, named?.traceId], ["/shop.v1.Payment/Authorise", failed, trace]);
  const tcp = new Sidecar({ kind: "tcp" });
  const connection = requestContext({ status: 0, flags: 1 << 5, headers: { traceparent } });
  tcp.host.connect(7, connection);
  tcp.host.log(7, connection);
  assert.equal(windowOf(tcp, []), []);
  assert.is(totalCount(tcp.totals), 1);
});

test("a window begins anew; of a busy endpoint only what comes near its slowest of late is looked at", () => {
  const sidecar = new Sidecar();
  const idle = (micros: number) => windowOf(sidecar, [{ path: "/idle", micros }]).map((named) => named.durationMicros);
  assert.equal([idle(900), idle(30), idle(40)], [[900], [30], [40]]);
  const busy = (micros: number) => {
    const requests = Array.from({ length: 100 }, (_, i) => ({ path: "/busy", micros: (micros * (i + 1)) / 100 }));
    sidecar.host.calls.clear();
    const [named] = windowOf(sidecar, requests);
    // Each name asks for the time.
    return [named?.durationMicros, sidecar.host.calls.get("get_current_time_nanoseconds") ?? 0];
  };
  const [first, calls = 0] = busy(1000);
  assert.is(first, 1000);
  assert.ok(calls >= 100, "each was the slowest so far");
  assert.equal(busy(1000)[0], 1000);
  assert.ok(busy(1000)[1]! <= calls / 3, "the first three quarters were not looked at");
  assert.is(busy(600)[0], undefined);
  assert.is(busy(600)[0], 600);
});

test("off by the configuration, and by control, whose word goes before", () => {
  const sidecar = new Sidecar({ exemplars: false });
  const requests: Request[] = [{ status: 500 }, { micros: 1e6 }];
  sidecar.host.calls.clear();
  for (const request of requests) sidecar.request(request);
  assert.is(sidecar.host.calls.get("get_current_time_nanoseconds"), undefined, "nothing is read for it");
  assert.equal(windowOf(sidecar, []), []);
  sidecar.teach({ exemplars: Switch.SWITCH_ON });
  assert.is(windowOf(sidecar, requests).length, 2);
  sidecar.teach({});
  assert.is(windowOf(sidecar, requests).length, 0);
  for (const odd of [1, "false", null, [], {}]) {
    assert.is(
      windowOf(new Sidecar({ exemplars: odd, side: "inbound" }), requests).length,
      2,
      "a wrong type is no word",
    );
  }
  const other = new Sidecar();
  other.request({ status: 500 });
  other.tick();
  other.collect();
  other.request({ status: 500 });
  other.teach({ exemplars: Switch.SWITCH_OFF });
  assert.equal(windowOf(other, requests), [], "what was kept before the word came is not told either");
  assert.is(totalCount(other.totals), 4);
});

test("past the room for them failures go before what is only slow, and what finds none is said", () => {
  const slow = (n: number): Request[] => Array.from({ length: n }, (_, i) => ({ path: `/${word(i)}`, micros: 1000 }));
  const broken = (n: number): Request[] =>
    Array.from({ length: n }, (_, i) => ({ path: `/${word(i)}`, status: 500, micros: 1000 }));
  const sidecar = new Sidecar();
  assert.is(windowOf(sidecar, slow(100)).length, 24);
  assert.equal(sidecar.losses, {}, "the slowest of an ordinary window is no loss");
  const outliers = slow(100).map((request) => ({ ...request, micros: 5000 }));
  assert.is(windowOf(sidecar, outliers).length, 36);
  assert.equal(sidecar.losses, { [EXEMPLARS_CUT]: 64 });
  const both = windowOf(sidecar, [...slow(100), ...broken(100)]);
  assert.is(both.length, 48);
  assert.is(both.filter(({ reason }) => reason === failed).length, 24);
  assert.equal(sidecar.losses, { [EXEMPLARS_CUT]: 64 + 76 });
  assert.is(windowOf(sidecar, broken(100)).length, 48);
  assert.equal(sidecar.losses, { [EXEMPLARS_CUT]: 64 + 76 + 52 });
  assert.is(windowOf(sidecar, broken(3)).length, 3, "the room is free again");
});

test("copies of a window are bounded, and that the slowest is another is said", () => {
  const sidecar = new Sidecar();
  const rising = Array.from({ length: 1000 }, (_, i) => ({ path: "/rising", micros: 1000 + i }));
  const [named] = windowOf(sidecar, rising);
  assert.is(named?.durationMicros, 1255);
  assert.equal(sidecar.losses, { [EXEMPLARS_CUT]: 744 });
});

test("a window cut into several batches keeps each request with its counter", () => {
  const sidecar = new Sidecar({ max_endpoints: 1000 });
  for (let i = 0; i < 900; i++) {
    const path = `/some/rather/long/path/to/page/named/${word(i)}/x`;
    sidecar.request({ path, status: i % 20 ? 200 : 500, micros: 1000 });
  }
  sidecar.tick();
  const batches = sidecar.collect();
  assert.ok(batches.length > 1);
  const named = batches.flatMap(namedIn);
  assert.is(named.length, 48);
  for (const { key, path } of named) assert.is(key.split(" ")[4], path);
  for (const batch of batches) assert.equal(asControlTakesIt(batch), batch);
});

test("in an outage the open window keeps its requests, and no more than fit", () => {
  const sidecar = new Sidecar();
  sidecar.host.isControlUp = false;
  for (let second = 0; second < 100; second++) {
    for (let i = 0; i < 60; i++) sidecar.request({ path: `/${word(i)}`, status: 500 + (i % 4), micros: 1000 + second });
    sidecar.tick();
  }
  sidecar.host.isControlUp = true;
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 6000);
  for (const batch of sidecar.received.values()) {
    assert.ok(batch.exemplars.length <= 48);
    for (const { key, path } of namedIn(batch)) assert.is(key.split(" ")[4], path);
  }
});

test("values that are hostile stay what control can read", () => {
  const sidecar = new Sidecar();
  const before = sidecar.host.memoryBytes;
  sidecar.host.sabotage = (call) =>
    call === "get_property" ? { bytes: Buffer.alloc(8, 0xfe) } : call === "get_header_map_value" ? 10 : undefined;
  sidecar.request({ status: 500 });
  sidecar.host.sabotage = undefined;
  for (const size of [100, 5000, 60_000, 70_000]) {
    const junk = Array.from({ length: size }, (_, i) => String.fromCharCode(i % 251)).join("");
    sidecar.request({ path: `/${size}`, status: 500, headers: { "x-request-id": junk, traceparent: junk, b3: junk } });
  }
  sidecar.tick();
  const batches = sidecar.collect();
  assert.is(batches.flatMap(namedIn).length, 2);
  for (const batch of batches) assert.equal(asControlTakesIt(batch), batch);
  assert.is(sidecar.host.memoryBytes, before);
});

test.run();
