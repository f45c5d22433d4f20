/** Connections that no tcp_proxy takes up, or not at once. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { configuration, connection, key, next } from "./connection.ts";
import { Sidecar } from "./sidecar.ts";

test("what no tcp_proxy takes up is HTTP's: it is not counted, and takes no place while it is open", () => {
  const sidecar = new Sidecar(configuration);
  for (let id = 100; id < 3172; id++) sidecar.host.connect(id, connection({ upstream: false }));
  for (let i = 0; i < 40; i++) next(sidecar);
  sidecar.host.connect(50, connection());
  assert.equal(next(sidecar), [1, 1, 0, 0], "there is a place");
  for (let id = 100; id < 3172; id++) sidecar.host.log(id, connection({ upstream: false, sent: 9, got: 9 }));
  sidecar.host.log(50, connection({ sent: 1, got: 2 }));
  sidecar.settle();
  assert.equal([...sidecar.totals.keys()], [key]);
  const sum = sidecar.totals.get(key)!;
  assert.equal([sum.count, sum.active, sum.requestBytes, sum.responseBytes], [1, 0, 1, 2]);
  assert.equal(sidecar.losses, {});
});

test("requests cost the same while there are connections that are not noted", () => {
  const sidecar = new Sidecar({ side: "outbound" });
  sidecar.addRoot(2, configuration, "tcp");
  // The first of a window is named, which costs more.
  const cost = (): number => {
    sidecar.request();
    const before = sidecar.host.calls.get("get_property") ?? 0;
    sidecar.request();
    return (sidecar.host.calls.get("get_property") ?? 0) - before;
  };
  const alone = cost();
  sidecar.host.connect(50, connection({ upstream: false }));
  for (let i = 0; i < 5; i++) next(sidecar);
  assert.is(cost(), alone);
  sidecar.host.log(50, connection({ upstream: false }));
  sidecar.settle();
  assert.equal(
    [...sidecar.totals].map(([, { count }]) => count),
    [4],
    "the connection was none of TCP's",
  );
});

test("a connection that was held up for long is counted when it closes, with all its bytes", () => {
  const sidecar = new Sidecar(configuration);
  sidecar.host.connect(50, connection({ upstream: false }));
  for (let i = 0; i < 5; i++) assert.is(next(sidecar), undefined);
  sidecar.host.contexts.set(50, connection({ sent: 5, got: 6 }));
  assert.is(next(sidecar), undefined);
  sidecar.host.log(50, connection({ sent: 7, got: 8 }));
  assert.equal(next(sidecar), [1, 0, 7, 8]);
});

test.run();
