/** What a Kubernetes node opens itself counts once it carries something that is no probe of its kubelet. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { DocumentSums } from "../../tap/document.ts";
import type { TapDocument } from "../../tap/document.ts";
import { TapModule, compileTap } from "../../tap/module.ts";
import { packedAddresses } from "../../tap/own-addresses.ts";
import { ACK, Connection, RST, SYN, pcap } from "./packets.ts";
import { figuresOf, tcpOf } from "./reading.ts";

const NODE = "10.244.1.1";
const PROBE =
  "GET /ready HTTP/1.1\r\nHost: pod\r\nUser-Agent: kube-probe/1.36\r\nAccept: */*\r\nConnection: close\r\n\r\n";
const REQUEST = "GET /a HTTP/1.1\r\nHost: pod\r\nUser-Agent: curl/8\r\n\r\n";
const answer = (status: string): string => `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`;
const compiled = await compileTap();

function heardOnNode(connection: Connection): TapDocument {
  const sums = new DocumentSums();
  const tap = new TapModule(compiled, (batch) => sums.add(batch));
  tap.knowNode(["fd00::1", NODE]);
  tap.take(pcap(connection.packets));
  tap.finish();
  return sums.document();
}

const opened = (client = NODE): Connection => new Connection({ client }).open();

test("probes over HTTP are not counted, whatever their answer", () => {
  for (const status of ["200 OK", "503 Service Unavailable"]) {
    const document = heardOnNode(opened().client(PROBE).server(answer(status)).close());
    assert.equal([document.edges, document.losses], [[], {}]);
  }
});

test("who says so from elsewhere is counted: nobody can hide behind a header", () => {
  const document = heardOnNode(opened("10.244.1.9").client(PROBE).server(answer("200 OK")).close());
  assert.is(figuresOf(document, "http").requests, 1);
  assert.is(tcpOf(document).connections, 1);
});

test("probes of a port carry nothing and are not counted, also where it is closed or the server greets first", () => {
  const probes = [
    opened().close(),
    opened().client("", RST | ACK),
    new Connection({ client: NODE }).client("", SYN).server("", RST | ACK),
    new Connection({ client: NODE }).client("", SYN),
    opened().server("220 ready\r\n").close(),
  ];
  for (const probe of probes) assert.equal(heardOnNode(probe).edges, []);
});

test("a pod in the node's network is counted as any other, from its first byte on", () => {
  const document = heardOnNode(opened().client(REQUEST).server(answer("200 OK")).close());
  const { connections, failed, requestBytes } = tcpOf(document);
  assert.equal([connections, failed, requestBytes], [1, 0, REQUEST.length]);
  assert.is(figuresOf(document, "http").outcomes.success, 1);
  const opaque = heardOnNode(
    opened()
      .client("\0\0\0\x01")
      .client("", RST | ACK),
  );
  assert.equal([tcpOf(opaque).connections, tcpOf(opaque).reset], [1, 1]);
});

test("addresses are handed over in the form that packets have", () => {
  assert.equal(
    [...packedAddresses(["10.0.0.1", "fd00::a:1"])].map((byte) => byte.toString(16)).join(" "),
    "0 0 0 0 0 0 0 0 0 0 ff ff a 0 0 1 fd 0 0 0 0 0 0 0 0 0 0 0 0 a 0 1",
  );
  assert.is(packedAddresses(["::1"]).length, 16);
});

test.run();
