import { test } from "uvu";
import * as assert from "uvu/assert";

import type { SharedData } from "./host.ts";
import { Sidecar, countsOf, totalCount } from "./sidecar.ts";

const both = [1, 2];

test("root contexts of one VM share counters, sequence and stream", () => {
  const sidecar = new Sidecar({ side: "inbound" });
  sidecar.addRoot(2, { side: "inbound" });
  for (let i = 0; i < 5; i++) {
    sidecar.request();
    sidecar.tick(1000, both);
    sidecar.collect();
    sidecar.acknowledge();
  }
  sidecar.settle(both);
  assert.is(sidecar.host.streams.length, 1);
  assert.equal([...sidecar.received.keys()], [1, 2, 3, 4, 5]);
  assert.is(totalCount(sidecar.totals), 5);
});

test("plugins that are configured differently are told apart by their names", () => {
  const sidecar = new Sidecar({ side: "inbound" });
  sidecar.addRoot(2, { side: "outbound", external_clusters: ["internet"] }, "out");
  sidecar.request({ plugin: "sidelight", direction: 0 });
  sidecar.request({ plugin: "out", cluster: "internet", authority: "example.org", direction: 0 });
  sidecar.settle(both);
  assert.equal(countsOf(sidecar.totals), {
    "in 10.0.0.1 http GET / success 200": 1,
    "out internet,example.org http GET / success 200": 1,
  });
});

test("a plugin's name is not asked for while all are configured alike", () => {
  const sidecar = new Sidecar({ side: "inbound", exemplars: false });
  const before = sidecar.host.calls.get("get_property")!;
  sidecar.request();
  const alone = sidecar.host.calls.get("get_property")! - before;
  sidecar.addRoot(2, { side: "inbound", exemplars: false });
  const then = sidecar.host.calls.get("get_property")!;
  sidecar.request();
  assert.is(sidecar.host.calls.get("get_property")! - then, alone);
});

test("the owner of the stream stays until all is acknowledged; then another takes over", () => {
  const sidecar = new Sidecar();
  sidecar.request();
  sidecar.tick();
  assert.is(sidecar.stream!.root, 1);
  sidecar.addRoot(2);
  sidecar.request();
  assert.not.ok(sidecar.host.finish(1));
  assert.equal(sidecar.collect().length, 2);
  sidecar.request();
  sidecar.tick(100, both);
  assert.equal(sidecar.host.done, []);
  assert.is(sidecar.host.streams.length, 1, "the other one waits");
  sidecar.acknowledge();
  sidecar.tick(100, both);
  assert.equal(sidecar.host.done, [1]);
  sidecar.host.remove(1);
  sidecar.request();
  sidecar.settle([2]);
  assert.equal(
    sidecar.host.streams.map((stream) => [stream.root, stream.isOpen]),
    [
      [1, false],
      [2, true],
    ],
  );
  assert.equal([...sidecar.received.keys()], [1, 2, 3, 4]);
  assert.is(totalCount(sidecar.totals), 4);
});

test("an owner that gets no acknowledgement hands over after a few seconds what is not acknowledged", () => {
  const sidecar = new Sidecar();
  sidecar.addRoot(2);
  sidecar.request();
  sidecar.tick(1000, both);
  sidecar.request();
  assert.not.ok(sidecar.host.finish(1));
  for (let i = 0; i < 40; i++) {
    sidecar.tick(100, both);
    if (sidecar.host.done.length > 0) sidecar.host.remove(1);
  }
  assert.equal(sidecar.host.done, [1]);
  sidecar.request();
  sidecar.settle([2]);
  assert.is(sidecar.stream!.root, 2);
  assert.is(totalCount(sidecar.totals), 3);
});

test("at a shutdown, when nobody ticks again, all is sent in one message with a last word", () => {
  const orders = [
    [1, 2, 3],
    [3, 2, 1],
    [2, 1, 3],
  ];
  for (const order of orders) {
    const sidecar = new Sidecar();
    for (const id of [2, 3]) sidecar.addRoot(id);
    sidecar.request();
    sidecar.tick(1000, [1, 2, 3]);
    sidecar.collect();
    sidecar.acknowledge();
    const before = sidecar.stream!.sent.length;
    sidecar.request();
    for (const id of order) sidecar.host.finish(id);
    assert.is(sidecar.host.streams.length, 1);
    assert.is(sidecar.stream!.sent.length, before + 1);
    sidecar.collect();
    assert.is(totalCount(sidecar.totals), 2);
    assert.equal(sidecar.farewells, [2]);
  }
});

test("what is counted between two root contexts that go is sent over the stream of the one that waits", () => {
  const sidecar = new Sidecar();
  sidecar.addRoot(2);
  sidecar.request();
  sidecar.tick(1000, both);
  sidecar.host.finish(1);
  sidecar.request();
  assert.ok(sidecar.host.finish(2), "the owner keeps what is not acknowledged");
  sidecar.collect();
  assert.is(totalCount(sidecar.totals), 2);
  assert.equal(sidecar.farewells, [1, 2]);
});

test("a last word is said where everything is acknowledged, and where there is no stream any more", () => {
  const sidecar = new Sidecar();
  sidecar.request();
  sidecar.tick();
  sidecar.collect();
  sidecar.acknowledge();
  const { sent } = sidecar.stream!;
  assert.ok(sidecar.host.finish(1));
  sidecar.collect();
  assert.equal(sidecar.farewells, [1]);
  assert.is(sent.length, 3);

  const alone = new Sidecar();
  alone.request();
  alone.tick();
  alone.collect();
  alone.acknowledge();
  alone.host.end(alone.stream!);
  assert.ok(alone.host.finish(1));
  const { sent: last } = alone.host.streams.at(-1)!;
  assert.is(last.length, 1, "Hello and Farewell in one message");
  alone.collect();
  assert.equal(alone.farewells, [1]);
  assert.is(alone.hellos.length, 2);
});

test("a VM that goes on after a last word says Hello on its next stream", () => {
  const sidecar = new Sidecar();
  sidecar.addRoot(2);
  sidecar.request();
  sidecar.tick(1000, both);
  sidecar.collect();
  sidecar.acknowledge();
  assert.ok(sidecar.host.finish(1));
  sidecar.host.remove(1);
  sidecar.tick(1000, [2]);
  sidecar.collect();
  assert.equal(sidecar.farewells, [1]);
  assert.is(sidecar.hellos.length, 2);
  assert.is(sidecar.stream!.root, 2);
});

test("a VM whose last root context went and that gets another goes on counting", () => {
  const sidecar = new Sidecar();
  sidecar.request();
  sidecar.tick();
  sidecar.collect();
  sidecar.acknowledge();
  assert.ok(sidecar.host.finish(1));
  sidecar.host.remove(1);
  sidecar.addRoot(2);
  sidecar.request();
  sidecar.settle([2]);
  assert.is(totalCount(sidecar.totals), 2);
  assert.is(sidecar.stream!.root, 2);
});

test("VMs of one process share its digits, which a host that refuses leaves out", () => {
  const shared: SharedData = new Map();
  const processOf = (sidecar: Sidecar) => {
    sidecar.request();
    sidecar.settle();
    return sidecar.hellos[0]!.process;
  };
  const first = processOf(new Sidecar({}, shared));
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.is(processOf(new Sidecar({}, shared)), first);
  assert.is.not(processOf(new Sidecar()), first);
  for (const bad of ["get_shared_data", "set_shared_data"]) {
    const sidecar = new Sidecar({}, undefined, (call) => (call === bad ? 10 : undefined));
    assert.is(processOf(sidecar), "", bad);
  }
  for (const value of ["", "short", "Z".repeat(32), "0".repeat(33)]) {
    const sidecar = new Sidecar({}, new Map([["sidelight.process", { value: Buffer.from(value), version: 1 }]]));
    assert.is(processOf(sidecar), "", value);
  }
});

test("an owner that is deleted without a word is noticed", () => {
  const sidecar = new Sidecar();
  sidecar.request();
  sidecar.tick();
  sidecar.addRoot(2);
  sidecar.host.remove(1);
  for (let i = 0; i < 3; i++) sidecar.request();
  sidecar.settle([2]);
  assert.is(sidecar.stream!.root, 2);
  assert.is(totalCount(sidecar.totals), 4);
});

test("the last root context stays until its last batch is acknowledged", () => {
  const sidecar = new Sidecar();
  for (let i = 0; i < 3; i++) sidecar.request();
  assert.not.ok(sidecar.host.finish(1));
  assert.is(sidecar.collect().length, 1, "the last batch went at once");
  sidecar.tick(100);
  assert.equal(sidecar.host.done, []);
  sidecar.acknowledge();
  sidecar.tick(100);
  assert.equal(sidecar.host.done, [1]);
  assert.not.ok(sidecar.stream);
  assert.is(totalCount(sidecar.totals), 3);
});

test("without control the last root context goes after a few seconds, and only once", () => {
  const sidecar = new Sidecar();
  sidecar.host.isControlUp = false;
  sidecar.request();
  assert.not.ok(sidecar.host.finish(1));
  for (let i = 0; i < 100; i++) sidecar.tick(100);
  assert.equal(sidecar.host.done, [1]);
});

test("a root context that has nothing to tell goes at once", () => {
  const sidecar = new Sidecar();
  assert.ok(sidecar.host.finish(1));
});

test("the end of a stream's context is none of a root's", () => {
  const sidecar = new Sidecar();
  for (let i = 0; i < 5; i++) sidecar.request();
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 5);
});

test("more root contexts than there is room for do no harm", () => {
  const sidecar = new Sidecar({ side: "inbound" });
  const ids = Array.from({ length: 40 }, (_, i) => i + 2);
  for (const id of ids) assert.is(sidecar.addRoot(id, { side: "inbound" }), 1);
  sidecar.request();
  sidecar.settle([1, ...ids]);
  assert.is(totalCount(sidecar.totals), 1);
});

test.run();
