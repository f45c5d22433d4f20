import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch } from "#proto/ingest.ts";
import { decodeBatch } from "../../control/ingest/decode.ts";
import { Sidecar, countsOf, totalCount } from "./sidecar.ts";

const key = "in 10.0.0.1 http GET / success 200";

test("nothing is sent, and no stream opened, before something was counted", () => {
  const sidecar = new Sidecar();
  for (let i = 0; i < 20; i++) sidecar.tick();
  assert.is(sidecar.host.streams.length, 0);
});

test("a window is a batch: numbered from 1, with its time, sent once while the stream holds", () => {
  const sidecar = new Sidecar();
  sidecar.tick();
  for (let second = 1; second <= 3; second++) {
    for (let i = 0; i < second; i++) sidecar.request();
    sidecar.tick();
  }
  const batches = sidecar.collect();
  assert.equal(
    batches.map((batch) => [batch.sequence, batch.counters[0]!.count, batch.durationMillis]),
    [
      [1, 1, 1000],
      [2, 2, 1000],
      [3, 3, 1000],
    ],
  );
  assert.is(batches[1]!.startSeconds - batches[0]!.startSeconds, 1);
  sidecar.tick();
  assert.equal(sidecar.collect(), []);
});

test("what is not acknowledged comes again, unchanged and in order, on the next stream", () => {
  const sidecar = new Sidecar();
  for (let i = 0; i < 4; i++) {
    sidecar.request();
    sidecar.tick();
  }
  const first = sidecar.collect();
  sidecar.acknowledge(2);
  sidecar.host.end(sidecar.stream!);
  for (let i = 0; i < 3; i++) sidecar.tick();
  assert.equal(sidecar.collect(), first.slice(2));
  assert.is(sidecar.hellos.length, 2);
  assert.is(sidecar.hellos[0]!.instance, sidecar.hellos[1]!.instance);
  assert.not.ok(sidecar.host.streams[0]!.isOpen, "the ended stream is closed on this side too");
});

test("an acknowledgement of batches that an earlier stream carried is good after a reconnect", () => {
  const sidecar = new Sidecar();
  for (let i = 0; i < 3; i++) {
    sidecar.request();
    sidecar.tick();
  }
  sidecar.collect();
  sidecar.host.end(sidecar.stream!);
  for (let i = 0; i < 3; i++) sidecar.tick();
  sidecar.acknowledge(3);
  sidecar.collect();
  sidecar.host.end(sidecar.stream!);
  for (let i = 0; i < 5; i++) sidecar.tick();
  assert.is(sidecar.host.streams.length, 3, "there is a stream again, so that control knows who is alive");
  assert.equal(sidecar.collect(), [], "nothing is left to send");
});

test("reconnects back off, with jitter, up to 15 s", () => {
  const sidecar = new Sidecar({ interval_ms: 100 });
  sidecar.host.isControlUp = false;
  sidecar.request();
  const attempts: number[] = [];
  for (let seen = 0; attempts.length < 12;) {
    sidecar.tick(100);
    const calls = sidecar.host.calls.get("grpc_stream") ?? 0;
    if (calls > seen) attempts.push(sidecar.host.nowMs);
    seen = calls;
  }
  const gaps = attempts.slice(1).map((at, i) => at - attempts[i]!);
  assert.ok(gaps[0]! >= 250 && gaps[0]! <= 600, `first ${gaps[0]} ms`);
  assert.ok(
    gaps.every((gap) => gap <= 15_100),
    gaps.join(" "),
  );
  assert.ok(Math.max(...gaps) >= 7500, gaps.join(" "));
  assert.ok(new Set(gaps.slice(5)).size > 2, "the gaps are drawn");
});

test("a long outage costs resolution, never counts, and a bounded queue", () => {
  const sidecar = new Sidecar();
  sidecar.host.isControlUp = false;
  const start = sidecar.host.memoryBytes;
  let sent = 0;
  for (let second = 0; second < 7200; second++) {
    const now = second % 5;
    for (let i = 0; i < now; i++) sidecar.request({ path: `/page${i}`, micros: 100 + second });
    sent += now;
    sidecar.tick();
  }
  assert.is(sidecar.host.memoryBytes, start);
  sidecar.host.isControlUp = true;
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), sent);
  for (const sum of sidecar.totals.values()) {
    assert.is(
      [...sum.buckets.values()].reduce((a, b) => a + b, 0),
      sum.count,
      "every latency is there",
    );
  }
  assert.ok(sidecar.received.size <= 31 + 1, `${sidecar.received.size} batches`);
  const longest = Math.max(...[...sidecar.received.values()].map((batch) => batch.durationMillis));
  assert.ok(longest > 7_000_000, `the open window grew to ${longest} ms`);
  assert.equal(sidecar.losses, {});
});

test("a receiver that takes everything and acknowledges nothing gets a bounded number of bytes, then a new stream", () => {
  const sidecar = new Sidecar();
  const wide = (second: number) => {
    for (let i = 0; i < 150; i++) sidecar.request({ path: `/page${i}`, micros: 7 ** (i % 11) + second });
  };
  let sent = 0;
  for (let second = 0; second < 8; second++) {
    wide(second);
    sent += 150;
    sidecar.tick();
  }
  const { stream } = sidecar;
  const underWay = stream!.sent.reduce((bytes, message) => bytes + message.length, 0);
  assert.ok(underWay < 130_000, `${underWay} bytes under way`);
  for (let i = 0; i < 12; i++) sidecar.tick();
  assert.not.ok(stream!.isOpen, "no acknowledgement for 10 s");
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), sent);
});

test("a window that does not fit into one batch becomes several", () => {
  const sidecar = new Sidecar({ max_endpoints: 1000 });
  for (let i = 0; i < 900; i++) {
    sidecar.request({ path: `/some/rather/long/path/to/page/named/x${i}x`.replace(/\d/g, (d) => "abcdefghij"[+d]!) });
  }
  sidecar.tick();
  const batches = sidecar.collect();
  sidecar.acknowledge();
  assert.ok(batches.length > 1, `${batches.length} batch`);
  assert.is(new Set(batches.map((batch) => batch.startSeconds)).size, 1);
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 900);
  assert.is(sidecar.totals.size, 900);
});

test("a send that fails leads to another stream", () => {
  const sidecar = new Sidecar();
  sidecar.host.sabotage = (call) => (call === "grpc_send" ? 10 : undefined);
  for (let i = 0; i < 10; i++) {
    sidecar.request();
    sidecar.tick();
  }
  assert.is(sidecar.stream, undefined);
  sidecar.host.sabotage = undefined;
  sidecar.settle();
  assert.equal(countsOf(sidecar.totals), { [key]: 10 });
});

test("messages from control that make no sense have no effect but to be counted", () => {
  const sidecar = new Sidecar();
  sidecar.request();
  sidecar.tick();
  sidecar.collect();
  const stream = sidecar.stream!;
  const bad = ["ff", "0a", "0a05", "0aff01", "12020aff", "0a0208ff", "08", "0a0a08ffffffffffffffffff7f", "0b", "0f0f"];
  for (const hex of bad) sidecar.host.receive(stream, Buffer.from(hex, "hex"));
  sidecar.acknowledge(77);
  sidecar.request();
  sidecar.tick();
  sidecar.collect();
  assert.equal(sidecar.losses, { 7: bad.length + 1 });
  // A field that a newer control might send is none of them.
  sidecar.host.receive(stream, Buffer.from("7a0161", "hex"));
  sidecar.settle();
  assert.equal(sidecar.losses, { 7: bad.length + 1 });
  assert.equal(countsOf(sidecar.totals), { [key]: 2 });
});

test("control sets interval, rules and the limit of endpoints; what it leaves out goes back to the configuration", () => {
  const sidecar = new Sidecar({ interval_ms: 2000, routes: ["/a/{configured}"] });
  sidecar.request({ path: "/a/name" });
  sidecar.tick();
  sidecar.collect();
  assert.is(sidecar.host.tickPeriods.get(1), 2000);
  sidecar.teach({ intervalMillis: 200, routes: ["/a/{taught}"], maxEndpoints: 1 });
  sidecar.request({ path: "/a/name" });
  sidecar.request({ path: "/third" });
  sidecar.tick();
  assert.is(sidecar.host.tickPeriods.get(1), 200);
  sidecar.teach({});
  sidecar.request({ path: "/a/name" });
  sidecar.tick();
  assert.is(sidecar.host.tickPeriods.get(1), 2000);
  sidecar.settle();
  assert.equal(countsOf(sidecar.totals), {
    "in 10.0.0.1 http GET /a/{configured} success 200": 2,
    "in 10.0.0.1 http GET /a/{taught} success 200": 1,
    "in 10.0.0.1 http ~other ~other success 200": 1,
  });
  assert.equal(sidecar.losses, { 2: 1 });
});

test("an interval is kept within 100 ms and a minute", () => {
  for (const [asked, set] of [
    [1, 100],
    [999_999, 60_000],
    [0, 1000],
  ] as const) {
    const sidecar = new Sidecar({ interval_ms: asked });
    assert.is(sidecar.host.tickPeriods.get(1), set);
  }
});

test("a clock that jumps loses nothing", () => {
  const sidecar = new Sidecar();
  for (let i = 0; i < 50; i++) {
    sidecar.request();
    sidecar.tick(i % 7 === 0 ? -100_000 : i % 11 === 0 ? 10_000_000 : 1000);
    sidecar.collect();
    if (sidecar.stream) sidecar.acknowledge();
  }
  sidecar.host.nowMs += 1e9;
  sidecar.settle();
  assert.equal(countsOf(sidecar.totals), { [key]: 50 });
});

test("a clock that is set forwards by years, as at boot, makes no window that control would not believe", () => {
  const sidecar = new Sidecar();
  sidecar.host.nowMs = 60_000;
  sidecar.tick();
  sidecar.request();
  sidecar.tick(1_790_000_000_000);
  const [batch] = sidecar.collect();
  assert.is(batch!.counters[0]!.count, 1);
  assert.is(batch!.durationMillis, 7 * 86_400_000);
  assert.is(batch!.startSeconds * 1000 + batch!.startMillis + batch!.durationMillis, sidecar.host.nowMs);
  assert.is(decodeBatch(Batch.encode(batch!).finish()).kind, "good");
});

test("a clock that is set back does not keep the filter from reconnecting", () => {
  const sidecar = new Sidecar();
  sidecar.host.isControlUp = false;
  for (let i = 0; i < 60; i++) {
    sidecar.request();
    sidecar.tick();
  }
  sidecar.host.isControlUp = true;
  sidecar.tick(-3_600_000);
  sidecar.tick();
  assert.ok(sidecar.stream, "the next attempt is not an hour away");
  sidecar.settle();
  assert.equal(countsOf(sidecar.totals), { [key]: 60 });
});

test.run();
