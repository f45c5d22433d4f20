import { test } from "uvu";
import * as assert from "uvu/assert";

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

test("when the owner of the stream goes, the other takes over what is not acknowledged", () => {
  const sidecar = new Sidecar();
  sidecar.request();
  sidecar.tick();
  assert.is(sidecar.stream!.root, 1);
  sidecar.addRoot(2);
  sidecar.request();
  assert.ok(sidecar.host.finish(1), "another root context is left, so this one need not wait");
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
  assert.is(totalCount(sidecar.totals), 3);
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
