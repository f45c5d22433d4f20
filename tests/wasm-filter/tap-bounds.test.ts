/**
 * What of taps is bounded, and what hostile input or a full queue does to them.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ReportResponse } from "#proto/ingest.ts";

import { generator } from "./random.ts";
import { blankTap, namedIn, totalCount } from "./sidecar.ts";
import { connected, paths, tally } from "./tapping.ts";

const CONTROL_MESSAGES_BAD = 7;

test("rates are kept within 1 and 100 a second, a tick within its room", () => {
  const rate = (perSecond: number) => {
    const sidecar = connected();
    sidecar.tap({ perSecond, durationMillis: 60_000 });
    for (let tick = 0; tick < 80; tick++) {
      for (let i = 0; i < 50; i++) sidecar.request();
      sidecar.tick(250);
      sidecar.collect();
      sidecar.acknowledge();
    }
    const [sent, skipped] = tally(sidecar);
    assert.is(sent + skipped, 4000);
    assert.ok(sidecar.tapped.every(({ requests }) => requests!.exemplars.length <= 32));
    return sent;
  };
  assert.is(rate(0), 20);
  assert.is(rate(1), 20);
  const most = rate(1000);
  assert.ok(most > 1900 && most <= 2100, `${most} in 20 s`);
  assert.is(rate(100), most);
});

test("requests whose names fill a message are skipped from there on", () => {
  const sidecar = connected({ side: "outbound", max_endpoints: 1000 });
  sidecar.tap({ perSecond: 100 });
  const long = (n: number, size: number) => `${String(n).replace(/\d/g, (d) => "abcdefghij"[+d]!)}${"x".repeat(size)}`;
  for (let i = 0; i < 32; i++) {
    const path = [60, 58, 56, 50].map((size) => `/${long(i, size - 2)}`).join("");
    sidecar.request({
      path,
      upstream: `u${long(i, 250)}`,
      cluster: long(i, 250),
      headers: { "x-request-id": "r".repeat(64) },
    });
  }
  sidecar.tick(250);
  const [sent, skipped] = tally(sidecar);
  assert.is(sent + skipped, 32);
  assert.ok(sent > 10 && skipped > 0, `${sent} sent`);
  for (const stream of sidecar.host.streams) for (const { length } of stream.sent) assert.ok(length <= 32 * 1024 + 16);
});

test("while control acknowledges nothing and the queue is full, what is tapped is skipped and nothing lost", () => {
  const sidecar = connected();
  sidecar.tap({ perSecond: 100, durationMillis: 600_000 });
  // Acknowledged one behind, the stream stays open; windows of 200 ms fill the queue.
  for (let i = 0; i < 45; i++) {
    sidecar.request();
    sidecar.tick(200);
    if (i % 20 === 19) sidecar.acknowledge(1);
  }
  const [sent, skipped] = tally(sidecar);
  assert.is(sent + skipped, 45);
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 46);
});

test("names that moved in a compaction are not mixed up", () => {
  const sidecar = connected({ max_endpoints: 50 });
  const word = (n: number) => [...String(n)].map((digit) => "abcdefghij"[+digit]).join("");
  for (let round = 0; round < 4; round++) {
    for (let second = 0; second < 70; second++) {
      if (second === 0) for (let i = 0; i < 60; i++) sidecar.request({ path: `/${word(round)}/${word(i)}` });
      if (second % 9 === 0) sidecar.tap({ pathPrefix: "/always" });
      sidecar.request({ path: "/always" });
      for (let i = 0; i < 4; i++) sidecar.tick(250);
      sidecar.collect();
      sidecar.acknowledge();
    }
  }
  const named = sidecar.tapped.flatMap(({ requests }) => namedIn(requests!));
  assert.is(tally(sidecar)[0] + tally(sidecar)[1], 280);
  for (const { key, path } of named) assert.ok([path, "~other"].includes(key.split(" ")[4]!), `${path} as ${key}`);
  assert.ok(named.filter(({ key, path }) => key.split(" ")[4] === path).length > 200);
});

test("whatever the host answers, what is named stays readable, and memory as it was", () => {
  const random = generator(5);
  const sidecar = connected({ exemplars: true });
  const before = sidecar.host.memoryBytes;
  let shown = 0;
  for (let i = 0; i < 6000; i++) {
    if (i % 500 === 0) sidecar.tap({ id: i % 3, perSecond: 100, durationMillis: 60_000, pathPrefix: i % 3 ? "/" : "" });
    sidecar.host.sabotage = (call) => {
      if (!call.startsWith("get_") || call === "get_buffer_bytes" || random(3)) return undefined;
      if (random(4) === 0) return random(13);
      const bytes = Buffer.from(Array.from({ length: random(80) }, () => random(256)));
      return random(4) ? { bytes } : { bytes, at: random(2 ** 32), size: random(2 ** 32) };
    };
    sidecar.request({ path: `/${random(50)}/x?y`, status: 200 + random(400), micros: random(2 ** 31) });
    sidecar.host.sabotage = undefined;
    if (i % 20 !== 0) continue;
    sidecar.tick(250);
    const batches = [...sidecar.collect(), ...sidecar.tapped.splice(0).map(({ requests }) => requests!)];
    sidecar.acknowledge();
    for (const { path, requestId, traceId } of batches.flatMap(namedIn)) {
      assert.match(path, /^[!-~]{0,255}$/);
      assert.match(requestId, /^[!-~]{0,64}$/);
      assert.match(traceId, /^([0-9a-f]{16}|[0-9a-f]{32})?$/);
      shown++;
    }
  }
  assert.ok(shown > 2000, `${shown} requests by name`);
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 6001);
  assert.is(sidecar.host.memoryBytes, before);
});

test("taps that cannot be read have no effect but to be counted", () => {
  const sidecar = connected();
  const prefix = "/".repeat(256);
  sidecar.host.receive(
    sidecar.stream!,
    ReportResponse.encode({
      message: { $case: "tap", value: { ...blankTap, id: 1, durationMillis: 9, pathPrefix: prefix } },
    }).finish(),
  );
  for (const hex of ["1a0208ff", "1a04080110ff", "1a0632ff2f080101"]) {
    sidecar.host.receive(sidecar.stream!, Buffer.from(hex, "hex"));
  }
  sidecar.request({ path: "/a" });
  assert.equal(paths(sidecar, 1000), []);
  assert.equal(sidecar.losses, { [CONTROL_MESSAGES_BAD]: 4 });
  sidecar.host.receive(sidecar.stream!, Buffer.from("1a00", "hex"));
  sidecar.tap({ pathPrefix: prefix.slice(1) });
  sidecar.request({ path: prefix });
  sidecar.request({ path: "/a" });
  assert.equal(paths(sidecar, 1000), [prefix.slice(1)]);
});

test.run();
