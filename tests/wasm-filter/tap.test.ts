/**
 * Live requests: which ones a tap takes, how many, for how long, and that no count suffers from it.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Batch, ExemplarReason, Side, type Tap } from "#proto/ingest.ts";

import { type Request, type Sidecar, countsOf, namedIn, totalCount } from "./sidecar.ts";
import { connected, paths, tally } from "./tapping.ts";

const CONTROL_MESSAGES_BAD = 7;

test("a tap shows requests as they end, by name, beside their counters", () => {
  const sidecar = connected();
  sidecar.tap({ id: 7 });
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  sidecar.request({
    path: "/orders/1?secret",
    micros: 500,
    headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` },
  });
  sidecar.request({ path: "/orders/2", micros: 700, source: "10.0.0.2:1", headers: { "x-request-id": "abc" } });
  sidecar.request({ path: "/orders/3", micros: 900 });
  sidecar.request({ path: "/orders/4", status: 503, flags: 2, micros: 100 });
  sidecar.tick(250);
  sidecar.collect();
  assert.is(sidecar.tapped.length, 1);
  const [{ tap, requests, skipped } = { tap: 0, requests: undefined, skipped: 0 }] = sidecar.tapped;
  const batch = requests as Batch;
  assert.equal([tap, skipped, batch.sequence, batch.losses], [7, 0, 0, []]);
  assert.is(batch.startSeconds * 1000 + batch.startMillis + batch.durationMillis, sidecar.host.nowMs);
  assert.equal(
    batch.counters.map(({ count }) => count),
    [2, 1, 1],
  );
  assert.equal(
    namedIn(batch).map((one) => [one.key, one.path, one.durationMicros, one.flags, one.requestId, one.traceId]),
    [
      ["in 10.0.0.1 http GET /orders/{id} success 200", "/orders/1", 500, 0, "", trace],
      ["in 10.0.0.1 http GET /orders/{id} success 200", "/orders/3", 900, 0, "", ""],
      ["in 10.0.0.2 http GET /orders/{id} success 200", "/orders/2", 700, 0, "abc", ""],
      ["in 10.0.0.1 http GET /orders/{id} notReached 503", "/orders/4", 100, 2, "", ""],
    ],
  );
  assert.ok(batch.exemplars.every(({ reason }) => reason === ExemplarReason.EXEMPLAR_REASON_TAPPED));
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 5);
});

test("it ticks four times a second meanwhile, and windows stay as long as they were", () => {
  const sidecar = connected();
  sidecar.tap({ durationMillis: 3000 });
  assert.is(sidecar.host.tickPeriods.get(1), 250);
  const durations: number[] = [];
  for (let i = 0; i < 16; i++) {
    sidecar.request();
    sidecar.tick(i % 2 ? 240 : 260);
    durations.push(...sidecar.collect().map((batch) => batch.durationMillis));
    sidecar.acknowledge();
  }
  assert.equal(durations.slice(0, 3), [1000, 1000, 1000]);
  assert.is(sidecar.host.tickPeriods.get(1), 1000, "it expired");
  sidecar.settle();
  assert.equal(countsOf(sidecar.totals), {
    "in 10.0.0.1 http GET / success 200": 16,
    "in 10.0.0.1 http GET /first success 200": 1,
  });
  const quick = connected({ interval_ms: 100 });
  quick.tap();
  assert.is(quick.host.tickPeriods.get(1), 100);
  const slow = connected({ interval_ms: 60_000 });
  slow.tap();
  slow.request({ path: "/seen" });
  assert.equal(paths(slow), ["/seen"], "long before the window is due");
});

test("while there is no tap a request costs no more host calls, and nothing is sent", () => {
  const calls = (sidecar: Sidecar) => {
    sidecar.host.calls.clear();
    sidecar.request();
    return [...sidecar.host.calls.values()].reduce((a, b) => a + b, 0);
  };
  const never = connected();
  const once = connected();
  once.tap({ durationMillis: 250 });
  assert.ok(calls(once) > calls(never));
  assert.equal(paths(once), ["/"]);
  assert.is(calls(once), calls(never));
  assert.equal(paths(once), []);
});

test("a tap takes what it asks for and nothing else", () => {
  const requests: Request[] = [
    { path: "/orders/1", method: "GET", status: 200, micros: 100 },
    { path: "/orders/2", method: "POST", status: 201, micros: 2000 },
    { path: "/orders/3", method: "GET", status: 404, micros: 100 },
    { path: "/orders/4", method: "DELETE", status: 500, micros: 90_000 },
    { path: "/carts/5", method: "BREW", status: 200, micros: 100 },
    { path: "/carts/6", status: 504, flags: 1 << 2, micros: 15_000_000 },
    { path: "http://me:pw@shop/carts/7?x=/orders", status: 200, direction: 2, micros: 100 },
    { path: "/pay.v1.Pay/8", contentType: "application/grpc", method: "POST", grpcStatus: 0, micros: 100 },
    { path: "/pay.v1.Pay/9", contentType: "application/grpc", method: "POST", grpcStatus: 13, micros: 100 },
  ];
  const taken = (tap: Partial<Tap>) => {
    const sidecar = connected();
    sidecar.tap(tap);
    for (const request of requests) sidecar.request(request);
    return paths(sidecar)
      .map((path) => path.at(-1))
      .join("");
  };
  assert.is(taken({}), "567123489");
  assert.is(taken({ side: Side.SIDE_OUTBOUND }), "7");
  assert.is(taken({ side: Side.SIDE_INBOUND }), "56123489");
  assert.is(taken({ side: Side.SIDE_WIRE }), "");
  assert.is(taken({ method: "POST" }), "2", "an RPC has no method");
  assert.is(taken({ method: "BREW" }), "5", "whatever is none of the known methods");
  assert.is(taken({ pathPrefix: "/orders" }), "1234");
  assert.is(taken({ pathPrefix: "/carts/" }), "567");
  assert.is(taken({ pathPrefix: "/carts/7" }), "7");
  assert.is(taken({ pathPrefix: "/carts/7?" }), "");
  assert.is(taken({ pathPrefix: "/pay.v1.Pay/" }), "89");
  assert.is(taken({ onlyFailed: true }), "649");
  assert.is(taken({ minDurationMicros: 2000 }), "624");
  assert.is(taken({ minDurationMicros: 0xffffffff }), "");
  assert.is(taken({ hasStatus: true, status: 0 }), "8");
  assert.is(taken({ hasStatus: true, status: 404 }), "3");
  assert.is(taken({ hasStatus: false, status: 404 }), "567123489");
  assert.is(taken({ hasStatus: true, status: 500, statusTo: 599 }), "64");
  assert.is(taken({ hasStatus: true, status: 404, statusTo: 400 }), "3", "no range");
  assert.is(taken({ hasStatus: false, status: 404, statusTo: 499 }), "567123489");
  assert.is(taken({ onlyFailed: true, method: "DELETE", minDurationMicros: 90_000, pathPrefix: "/o" }), "4");
});

test("its rate is bounded, what is over it is counted as skipped, and every request is counted once", () => {
  const sidecar = connected();
  sidecar.tap({ perSecond: 8, durationMillis: 600_000 });
  for (let tick = 0; tick < 40; tick++) {
    for (let i = 0; i < 100; i++) sidecar.request();
    sidecar.tick(250);
    sidecar.collect();
    if (tick % 4 === 3) sidecar.acknowledge();
  }
  const [sent, skipped] = tally(sidecar);
  assert.is(sent, 8 + 39 * 2, "one second's worth at first, then what flows in");
  assert.is(sent + skipped, 4000);
  for (let second = 0; second < 60; second++) sidecar.tick();
  sidecar.tapped.splice(0);
  for (let i = 0; i < 100; i++) sidecar.request();
  sidecar.tick(250);
  assert.equal(tally(sidecar), [8, 92], "a quiet minute saves up no more than a second's worth");
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 4101);
  assert.equal(sidecar.losses, {});
});

test("it ends by itself, when control says so, and by the longest time there is", () => {
  const sidecar = connected();
  sidecar.tap({ durationMillis: 500 });
  sidecar.request({ path: "/a" });
  assert.equal(paths(sidecar), ["/a"]);
  sidecar.request({ path: "/b" });
  assert.equal(paths(sidecar), ["/b"], "it took it before it expired");
  sidecar.request({ path: "/c" });
  assert.equal(paths(sidecar), []);
  sidecar.tap();
  sidecar.request({ path: "/d" });
  sidecar.tap({ durationMillis: 0 });
  sidecar.request({ path: "/e" });
  assert.equal(paths(sidecar), []);
  assert.is(sidecar.host.tickPeriods.get(1), 1000);
  sidecar.tap({ durationMillis: 0xffffffff });
  sidecar.request({ path: "/f" });
  assert.equal(paths(sidecar, 599_999), ["/f"]);
  sidecar.tick(1);
  sidecar.request({ path: "/g" });
  assert.equal(paths(sidecar), []);
});

test("a clock that jumps ends it or stands still for it, and takes no request along", () => {
  const sidecar = connected();
  sidecar.tap({ durationMillis: 1000 });
  sidecar.request({ path: "/a" });
  assert.equal(paths(sidecar, -3_600_000), ["/a"]);
  sidecar.request({ path: "/b" });
  assert.equal(paths(sidecar), ["/b"]);
  assert.equal([sidecar.request({ path: "/c" }), paths(sidecar, 1e12)], [undefined, ["/c"]]);
  sidecar.request({ path: "/d" });
  assert.equal(paths(sidecar), []);
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 5);
});

test("four taps at once, each with its own; a fifth is refused; the same id replaces", () => {
  const sidecar = connected();
  for (const id of [1, 2, 3, 4]) sidecar.tap({ id, pathPrefix: `/${"abcd"[id - 1]}` });
  sidecar.tap({ id: 5 });
  for (const path of ["/a", "/b", "/c", "/d", "/e"]) sidecar.request({ path });
  sidecar.tick(250);
  sidecar.collect();
  assert.equal(
    sidecar.tapped.splice(0).map(({ tap, requests }) => [tap, requests!.exemplars.map(({ path }) => path)]),
    [
      [1, ["/a"]],
      [2, ["/b"]],
      [3, ["/c"]],
      [4, ["/d"]],
    ],
  );
  sidecar.request({ path: "/b" });
  sidecar.tap({ id: 2, pathPrefix: "/e" });
  sidecar.request({ path: "/e" });
  assert.equal(paths(sidecar), ["/e"], "what the former one took is not the new one's");
  sidecar.tap({ id: 3, durationMillis: 0 });
  sidecar.tap({ id: 5 });
  sidecar.request({ path: "/c" });
  sidecar.request({ path: "/d" });
  assert.equal([paths(sidecar, 250, 5), paths(sidecar)], [["/c", "/d"], []]);
  sidecar.settle();
  assert.equal(sidecar.losses, { [CONTROL_MESSAGES_BAD]: 1 });
});

test("the end of the stream ends all taps; the next one begins with none", () => {
  const endings: ((sidecar: Sidecar) => void)[] = [
    (sidecar) => sidecar.host.end(sidecar.stream!),
    (sidecar) => {
      sidecar.host.sabotage = (call) => (call === "grpc_send" ? 10 : undefined);
      sidecar.tick(250);
      sidecar.host.sabotage = undefined;
    },
  ];
  for (const end of endings) {
    const sidecar = connected();
    sidecar.tap({ durationMillis: 600_000 });
    sidecar.request({ path: "/before" });
    end(sidecar);
    sidecar.collect();
    sidecar.tapped.splice(0);
    for (let i = 0; i < 20; i++) {
      sidecar.request({ path: "/between" });
      assert.equal(paths(sidecar, 1000), []);
    }
    assert.ok(sidecar.stream, "the next stream is open for long");
    sidecar.collect();
    sidecar.acknowledge();
    sidecar.tap();
    sidecar.request({ path: "/after" });
    assert.equal(paths(sidecar), ["/after"]);
    sidecar.settle();
    assert.is(totalCount(sidecar.totals), 23);
  }
});

test("another root context does not disturb it", () => {
  const sidecar = connected();
  sidecar.addRoot(2, { exemplars: false });
  sidecar.tap();
  assert.is(sidecar.host.tickPeriods.get(2), 1000);
  sidecar.request({ path: "/a" });
  sidecar.tick(0, [2]);
  assert.equal(paths(sidecar), ["/a"]);
  sidecar.request({ path: "/b" });
  assert.ok(sidecar.host.finish(2));
  assert.equal(paths(sidecar), ["/b"]);
});

test.run();
