import { test } from "uvu";
import * as assert from "uvu/assert";

import { bucketIndex } from "../../control/world/histogram.ts";
import { configuration, connection, key, next, startMs, withCluster } from "./connection.ts";
import { Sidecar, bucketPairs, int64, sumUp } from "./sidecar.ts";

test("a connection is counted when it is open, and its bytes when it closes", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection({ upstream: false }));
  assert.is(next(sidecar), undefined, "no upstream yet");
  sidecar.host.contexts.set(50, connection());
  assert.equal(next(sidecar), [1, 1, 0, 0]);
  assert.is(next(sidecar), undefined, "nothing new");
  sidecar.host.log(50, connection({ sent: 100, got: 2000 }));
  assert.equal(next(sidecar), [0, 0, 100, 2000]);
  assert.equal([...sidecar.totals.keys()], [key]);
});

test("bytes are counted while a connection is open, each once, and the rest when it closes", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection());
  assert.equal(next(sidecar), [1, 1, 0, 0]);
  const moved = (sent: number, got: number) => sidecar.host.contexts.set(50, connection({ sent, got }));
  moved(1000, 0);
  assert.equal(next(sidecar), [0, 1, 1000, 0]);
  assert.is(next(sidecar), undefined, "nothing moved");
  moved(1001, 70_000);
  assert.equal(next(sidecar), [0, 1, 1, 70_000]);
  moved(1001, 90_000);
  sidecar.host.log(50, connection({ sent: 1007, got: 90_002 }));
  assert.equal(next(sidecar), [0, 0, 6, 20_002]);
  assert.equal(sidecar.losses, {});
});

test("sums are exact to the byte past 2^32 and 2^40, however often a tick looks", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection());
  let [sent, got] = [0, 0];
  for (let i = 0; i < 60; i++) {
    sent += 2 ** 36 + 12_345 * i + 1;
    got += 2 ** 31 + i;
    sidecar.host.contexts.set(50, connection({ sent, got }));
    sidecar.tick(1000);
    sidecar.collect();
    if (sidecar.stream) sidecar.acknowledge();
  }
  sidecar.host.log(50, connection({ sent: sent + 7, got }));
  sidecar.settle();
  const sum = sidecar.totals.get(key)!;
  assert.equal([sum.requestBytes, sum.responseBytes], [sent + 7, got]);
});

test("a host that does not tell, or tells less than before or what cannot be, costs no byte that it tells later", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection({ sent: 500, got: 500 }));
  next(sidecar);
  for (const wrong of [-1n, 499n, 2n ** 62n, -(2n ** 63n)]) {
    sidecar.host.contexts.set(50, connection({ sent: wrong, got: 500 }));
    sidecar.tick();
  }
  sidecar.host.contexts.set(50, { attributes: new Map() });
  sidecar.tick();
  sidecar.host.log(50, connection({ sent: 600, got: 600 }));
  sidecar.settle();
  const now = () => {
    const { count, active, requestBytes, responseBytes } = sidecar.totals.get(key)!;
    return [count, active, requestBytes, responseBytes];
  };
  assert.equal(now(), [1, 0, 600, 600]);
  assert.equal(sidecar.losses, {});

  sidecar.host.connect(51, connection({ sent: 20 }));
  next(sidecar);
  sidecar.host.log(51, connection({ sent: 19, got: 3 }));
  sidecar.settle();
  assert.equal(now(), [2, 0, 620, 603]);
  assert.equal(sidecar.losses, { 4: 1 }, "what is still missing in the end is told, once");
});

test("how long a connection lived is told when it closes, also of one that was counted hours ago", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection());
  next(sidecar);
  sidecar.host.nowMs += 5 * 3_600_000;
  sidecar.host.log(50, connection());
  sidecar.host.connect(51, connection({ upstream: false }));
  sidecar.host.log(51, connection({ beganMs: sidecar.host.nowMs - 40 }));
  sidecar.tick();
  const [counter] = sidecar.collect().flatMap((batch) => batch.counters);
  assert.ok(counter);
  assert.is(counter.count, 1, "only the second was opened in this window");
  assert.equal(bucketPairs(counter.buckets), [
    [bucketIndex(40_000), 1],
    [bucketIndex((5 * 3_600_000 + 1000) * 1000), 1],
  ]);
});

test("a clock that was set back costs the duration and says so", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection());
  sidecar.host.log(50, connection({ beganMs: startMs + 60_000 }));
  sidecar.settle();
  assert.equal([...sidecar.totals.get(key)!.buckets], []);
  assert.equal(sidecar.losses, { 4: 1 });
});

test("a tick looks at a bounded number of connections, and comes round to all of them", () => {
  const sidecar = new Sidecar(configuration);
  for (let id = 100; id < 1100; id++) sidecar.host.connect(id, connection());
  for (let i = 0; i < 5; i++) next(sidecar);
  for (let id = 100; id < 1100; id++) sidecar.host.contexts.set(id, connection({ sent: 3, got: 1 }));
  for (const bytes of [256, 256, 256, 232]) {
    const before = sidecar.host.calls.get("set_effective_context")!;
    assert.equal(next(sidecar), [0, 1000, bytes * 3, bytes]);
    assert.is(sidecar.host.calls.get("set_effective_context")! - before, 257, "and back to the root context");
  }
  assert.is(next(sidecar), undefined);
});

test("open connections keep their counters and bytes when tables are compacted", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection({ sent: 10, got: 10 }));
  const peers = (round: number) => {
    for (let i = 0; i < 450; i++) {
      const attributes = new Map(connection().attributes);
      attributes.set("upstream.address", Buffer.from(`10.${round}.0.${i}:1`));
      sidecar.host.connect(1000 + i, { attributes });
      sidecar.host.log(1000 + i, { attributes });
    }
  };
  for (let round = 0; round < 4; round++) {
    peers(round);
    for (let i = 0; i < 130; i++) next(sidecar);
  }
  sidecar.host.contexts.set(50, connection({ sent: 25, got: 10 }));
  next(sidecar);
  sidecar.host.log(50, connection({ sent: 26, got: 11 }));
  sidecar.settle();
  const sum = sidecar.totals.get(key)!;
  assert.equal([sum.count, sum.active, sum.requestBytes, sum.responseBytes], [1, 0, 26, 11]);
  assert.equal(sidecar.losses, {}, "there was room for every peer, since the old ones went");
});

test("whatever is told of TCP, all that is open is told with it: control adds it up", () => {
  const sidecar = new Sidecar(configuration);
  const replica = new Map(connection().attributes).set("upstream.address", Buffer.from("10.0.0.6:5432"));
  sidecar.host.connect(50, connection());
  sidecar.host.connect(51, { attributes: replica });
  sidecar.tick();
  sidecar.collect();
  sidecar.acknowledge();
  const active = () => {
    sidecar.tick();
    const batches = sidecar.collect();
    sidecar.acknowledge();
    return [...sumUp(batches)].map(([name, sum]) => `${name.split(" ")[1]!.split(",")[0]} ${sum.active}`).sort();
  };
  assert.equal(active(), []);
  sidecar.host.contexts.set(51, { attributes: new Map(replica).set("request.total_size", int64(9)) });
  assert.equal(active(), ["10.0.0.5:5432 1", "10.0.0.6:5432 1"]);
  sidecar.host.connect(52, connection({ upstream: false }));
  sidecar.host.log(52, connection({ upstream: false, flags: 2 ** 1 }));
  assert.equal(active(), [" 0", "10.0.0.5:5432 1", "10.0.0.6:5432 1"].sort());
  sidecar.host.log(50, connection());
  assert.equal(active(), ["10.0.0.5:5432 0", "10.0.0.6:5432 1"]);
});

test("a connection that its host forgot is no longer open", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection({ sent: 10 }));
  sidecar.host.connect(51, connection({ sent: 10 }));
  assert.equal(next(sidecar), [2, 2, 20, 0]);
  sidecar.host.contexts.delete(50);
  assert.equal(next(sidecar), [0, 1, 0, 0]);
});

test("connections that stay open are told again every ten seconds", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.tick();
  sidecar.host.connect(50, connection());
  const told = Array.from({ length: 31 }, () => next(sidecar));
  const active = told.flatMap((counter, second) => (counter ? [[second, counter[0], counter[1]]] : []));
  assert.equal(
    active.map(([, count, open]) => [count, open]),
    [
      [1, 1],
      [0, 1],
      [0, 1],
      [0, 1],
    ],
  );
});

test("a connection shorter than a tick is counted once, with its bytes", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection({ upstream: false }));
  sidecar.host.log(50, connection({ sent: 5, got: 6 }));
  assert.equal(next(sidecar), [1, 0, 5, 6]);
});

test("a connection that never reached its host is a failure", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection({ upstream: false }));
  sidecar.host.log(50, connection({ flags: 2 ** 5 + 2 ** 15 }));
  sidecar.host.connect(51, connection({ upstream: false }));
  sidecar.host.log(51, connection({ upstream: false, flags: 2 ** 1 }));
  sidecar.host.connect(52, connection({ upstream: false }));
  sidecar.host.log(52, withCluster(connection({ upstream: false })));
  // The first attempt was refused, the second one taken: the flag stays.
  sidecar.host.connect(53, connection({ upstream: false }));
  const retried = new Map(connection({ flags: 2 ** 5 }).attributes).set("upstream.local_address", Buffer.from("::1"));
  sidecar.host.log(53, { attributes: retried });
  sidecar.settle();
  assert.equal(
    [...sidecar.totals].map(([name, { count, active }]) => [name, count, active]),
    [
      ["out 10.0.0.5:5432,orders-db tcp   notReached 0", 1, 0],
      ["out  tcp   notReached 0", 1, 0],
      ["out orders-db tcp   noAnswer 0", 1, 0],
      [key, 1, 0],
    ],
  );
});

test("thousands of connections, some past the table: every one is counted, none is left open", () => {
  const sidecar = new Sidecar(configuration);
  for (let id = 100; id < 5100; id++) sidecar.host.connect(id, connection({ upstream: id % 2 === 0 }));
  for (let i = 0; i < 4; i++) next(sidecar);
  for (let id = 100; id < 5100; id++) sidecar.host.log(id, connection({ sent: 1, got: 2 }));
  sidecar.settle();
  const sum = sidecar.totals.get(key)!;
  assert.equal([sum.count, sum.active, sum.requestBytes, sum.responseBytes], [5000, 0, 5000, 10_000]);
  assert.equal(sidecar.losses, {});
});

test("HTTP and TCP filters of one VM are told apart", () => {
  const sidecar = new Sidecar({ side: "inbound" });
  sidecar.addRoot(2, configuration, "tcp");
  sidecar.host.connect(50, connection());
  sidecar.request();
  sidecar.tick();
  sidecar.host.log(50, connection({ sent: 3 }));
  sidecar.request();
  sidecar.settle();
  assert.equal(
    [...sidecar.totals].map(([name, { count }]) => [name, count]),
    [
      ["in 10.0.0.1 http GET / success 200", 2],
      [key, 1],
    ],
  );
});

test("TCP to the outside is named by its SNI, never by the Host of an HTTP request before it", () => {
  const sidecar = new Sidecar({ side: "outbound", external_clusters: ["orders-db"] });
  sidecar.request({ cluster: "orders-db", authority: "http.example", upstream: "10.0.0.5:5432" });
  sidecar.host.connect(50, connection());
  sidecar.host.log(50, connection());
  const { attributes } = connection();
  const named = new Map(attributes).set("connection.requested_server_name", Buffer.from("DB.example"));
  sidecar.host.connect(51, { attributes: named });
  sidecar.host.log(51, { attributes: named });
  sidecar.settle();
  assert.equal(
    [...sidecar.totals.keys()],
    [
      "out 10.0.0.5:5432,orders-db,http.example http GET / success 200",
      key,
      "out 10.0.0.5:5432,orders-db,db.example tcp   success 0",
    ],
  );
});

test("as an access logger, with a root context's id, a connection is counted when it ends", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.contexts.set(1, connection({ sent: 10, got: 20 }));
  sidecar.host.exports.proxy_on_log(1);
  sidecar.settle();
  const sum = sidecar.totals.get(key);
  assert.ok(sum);
  assert.equal([sum.count, sum.active, sum.requestBytes], [1, 0, 10]);
});

test.run();
