import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Context } from "./host.ts";
import { Sidecar, int64 } from "./sidecar.ts";

const key = "out 10.0.0.5:5432,orders-db tcp   success 0";
const configuration = { kind: "tcp", side: "outbound" };

interface Connection {
  readonly upstream?: boolean;
  readonly flags?: number;
  readonly sent?: number;
  readonly got?: number;
}

function connection({ upstream = true, flags = 0, sent = 0, got = 0 }: Connection = {}): Context {
  const attributes = new Map<string, Uint8Array>([
    ["response.flags", int64(flags)],
    ["request.total_size", int64(sent)],
    ["response.total_size", int64(got)],
    ["plugin_name", Buffer.from("tcp")],
  ]);
  if (upstream) {
    attributes.set("xds.cluster_name", Buffer.from("orders-db"));
    attributes.set("upstream.address", Buffer.from("10.0.0.5:5432"));
  }
  if (upstream && !flags) attributes.set("upstream.local_address", Buffer.from("10.0.0.9:33333"));
  return { attributes };
}

/** What the next batch says of a counter, as [count, active, requestBytes, responseBytes]. */
function next(sidecar: Sidecar, ms = 1000): number[] | undefined {
  sidecar.tick(ms);
  const [counter] = sidecar.collect().flatMap((batch) => batch.counters);
  if (sidecar.stream) sidecar.acknowledge();
  return counter && [counter.count, counter.active, counter.requestBytes, counter.responseBytes];
}

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
  sidecar.host.log(52, connection({ upstream: false }));
  sidecar.settle();
  assert.equal(
    [...sidecar.totals].map(([name, { count, active }]) => [name, count, active]),
    [
      ["out 10.0.0.5:5432,orders-db tcp   notReached 0", 1, 0],
      ["out  tcp   notReached 0", 1, 0],
      ["out  tcp   noAnswer 0", 1, 0],
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
