import { test } from "uvu";
import * as assert from "uvu/assert";

import { word } from "./random.ts";
import { Sidecar, countsOf, totalCount } from "./sidecar.ts";

const Loss = { edges: 1, endpoints: 2, latency: 3, missing: 4, cut: 5 } as const;

test("past 200 endpoints of a service the rest is ~other, and said so", () => {
  const sidecar = new Sidecar();
  for (let i = 0; i < 1000; i++) sidecar.request({ path: `/${word(i)}` });
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 1000);
  assert.is(sidecar.totals.size, 201);
  assert.is(sidecar.totals.get("in 10.0.0.1 http ~other ~other success 200")?.count, 800);
  assert.equal(sidecar.losses, { [Loss.endpoints]: 800 });
});

test("each upstream cluster has a limit of its own", () => {
  const sidecar = new Sidecar({ max_endpoints: 10, side: "outbound" });
  for (const cluster of ["one", "two"]) {
    for (let i = 0; i < 15; i++) sidecar.request({ path: `/${word(i)}`, cluster, upstream: "10.0.0.2:80" });
  }
  sidecar.settle();
  assert.is(sidecar.totals.size, 2 * 11);
  assert.equal(sidecar.losses, { [Loss.endpoints]: 10 });
});

test("past the table of peers they are one, and said so", () => {
  const sidecar = new Sidecar();
  for (let i = 0; i < 2000; i++) sidecar.request({ source: `10.${i >> 8}.${i & 255}.1:5000` });
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 2000);
  const other = sidecar.totals.get("in ~other http GET / success 200")!.count;
  assert.is(other, 2000 - 1023);
  assert.equal(sidecar.losses, { [Loss.edges]: other });
});

test("past the table of counters a request gives up its peer, then its endpoint, never its outcome", () => {
  const sidecar = new Sidecar({ max_endpoints: 1000 });
  for (let peer = 0; peer < 400; peer++) {
    for (let i = 0; i < 20; i++) {
      const status = [200, 404, 500][i % 3]!;
      sidecar.request({ source: `10.0.${peer >> 8}.${peer & 255}:1`, path: `/${word(i)}`, status });
    }
  }
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 8000);
  const byOutcome: Record<string, number> = {};
  let others = 0;
  for (const [key, { count }] of sidecar.totals) {
    const outcome = key.split(" ")[5]!;
    byOutcome[outcome] = (byOutcome[outcome] ?? 0) + count;
    if (key.startsWith("in ~other ")) others += count;
  }
  assert.equal(byOutcome, { success: 400 * 7, clientError: 400 * 7, serverError: 400 * 6 });
  assert.is(sidecar.losses[Loss.edges], others);
  assert.ok(others > 0);
});

test("past the table of latencies a request is counted without its own", () => {
  const sidecar = new Sidecar({ exemplars: false });
  for (let peer = 0; peer < 40; peer++) {
    for (let i = 0; i < 600; i++) sidecar.request({ source: `10.0.0.${peer}:1`, micros: 100 * 1.02 ** i });
  }
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 24_000);
  const timed = [...sidecar.totals.values()].reduce(
    (sum, { buckets }) => sum + [...buckets.values()].reduce((a, b) => a + b, 0),
    0,
  );
  assert.ok(timed < 24_000);
  assert.equal(sidecar.losses, { [Loss.latency]: 24_000 - timed });
});

test("the module has no more than 1 MB, and none can be added", () => {
  const { memory } = new Sidecar().host.exports;
  assert.ok(memory.buffer.byteLength <= 1024 * 1024, `${memory.buffer.byteLength} bytes`);
  const pages = 16 - memory.buffer.byteLength / 65536;
  assert.throws(() => memory.grow(pages + 1), /grow/);
});

test("every table full at once, in an outage: all is counted, and memory stays as it was", () => {
  const sidecar = new Sidecar({ max_endpoints: 1000 });
  sidecar.host.isControlUp = false;
  const before = sidecar.host.memoryBytes;
  let sent = 0;
  for (let second = 0; second < 200; second++) {
    for (let i = 0; i < 400; i++) {
      const n = second * 400 + i;
      sidecar.request({
        source: `10.${n % 251}.${n % 17}.${n % 101}:1`,
        path: `/${word(n)}/${"x".repeat(n % 90)}`,
        principal: n % 3 ? `spiffe://cluster.local/ns/${word(n % 977)}/sa/default` : "",
        status: 200 + (n % 350),
        micros: n * 7919,
      });
      sent++;
    }
    sidecar.tick();
  }
  sidecar.host.isControlUp = true;
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), sent);
  assert.is(sidecar.host.memoryBytes, before);
  assert.ok(before <= 1024 * 1024, `${before} bytes of guest memory`);
  for (const kind of [Loss.edges, Loss.endpoints, Loss.latency]) assert.ok(sidecar.losses[kind]! > 0, `loss ${kind}`);
});

test("counters that were cut while the queue was nearly full keep what they count next, latencies too", () => {
  const sidecar = new Sidecar({ max_endpoints: 1000 });
  sidecar.host.isControlUp = false;
  let sent = 0;
  for (let second = 0; second < 60; second++) {
    for (let i = 0; i < 700; i++) sidecar.request({ path: `/${"long".repeat(12)}/${word(i)}`, micros: 1000 + second });
    sent += 700;
    sidecar.tick();
  }
  sidecar.host.isControlUp = true;
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), sent);
  for (const { count, buckets } of sidecar.totals.values()) {
    assert.is(
      [...buckets.values()].reduce((a, b) => a + b, 0),
      count,
    );
  }
});

test("idle names make room for new ones, and those in use keep their counts", () => {
  const sidecar = new Sidecar({ max_endpoints: 50 });
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 60; i++) sidecar.request({ path: `/${word(round)}/${word(i)}` });
    for (let second = 0; second < 70; second++) {
      sidecar.request({ path: "/always" });
      sidecar.tick();
      sidecar.collect();
      sidecar.acknowledge();
    }
  }
  sidecar.settle();
  const counts = countsOf(sidecar.totals);
  assert.is(totalCount(sidecar.totals), 5 * (60 + 70));
  assert.ok(counts["in 10.0.0.1 http GET /e/j success 200"], "the last names that came found room");
  // In the first round it came when all places were taken.
  assert.ok((counts["in 10.0.0.1 http GET /always success 200"] ?? 0) >= 4 * 70);
});

test("values that are too long are cut and said so", () => {
  const sidecar = new Sidecar();
  sidecar.request({ principal: `spiffe://${"x".repeat(5000)}` });
  sidecar.settle();
  const [key = ""] = [...sidecar.totals.keys()];
  assert.is(key.split(" ")[1], `10.0.0.1,spiffe://${"x".repeat(246)}`);
  assert.equal(sidecar.losses, { [Loss.cut]: 1 });
});

test("a path that is larger than the room for answers is counted under ~other", () => {
  const sidecar = new Sidecar();
  sidecar.request({ path: `/${"x".repeat(1_000_000)}` });
  sidecar.settle();
  assert.equal(countsOf(sidecar.totals), { "in 10.0.0.1 http GET ~other success 200": 1 });
  assert.equal(sidecar.losses, { [Loss.missing]: 1 });
});

test.run();
