/** Inbound TCP under TLS: Envoy connects to the upstream while the client has not yet shown its certificate. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Context } from "./host.ts";
import { Sidecar, int64 } from "./sidecar.ts";

const plain = (sent: number): [string, Uint8Array][] => [
  ["request.total_size", int64(sent)],
  ["response.total_size", int64(0)],
  ["upstream.local_address", Buffer.from("10.0.0.9:33333")],
];

test("who a client is waits for the end of its TLS handshake", () => {
  const sidecar = new Sidecar({ kind: "tcp", side: "inbound" });
  const tls = (sent: number, principal?: string): Context => {
    const attributes = new Map(plain(sent));
    attributes.set("connection.tls_version", Buffer.from("TLSv1.3")).set("source.address", Buffer.from("10.0.0.1:9"));
    if (principal) attributes.set("connection.uri_san_peer_certificate", Buffer.from(principal));
    return { attributes };
  };
  sidecar.host.connect(50, tls(0));
  sidecar.host.connect(51, tls(0));
  sidecar.tick();
  assert.equal(sidecar.collect(), [], "in their handshakes");
  sidecar.host.contexts.set(50, tls(0, "spiffe://mesh/cart"));
  sidecar.host.contexts.set(51, tls(9));
  sidecar.settle();
  assert.equal([...sidecar.totals].map(([name, { count, active }]) => [name, count, active]).sort(), [
    ["in 10.0.0.1 tcp   success 0", 1, 1],
    ["in 10.0.0.1,spiffe://mesh/cart tcp   success 0", 1, 1],
  ]);
});

test.run();
