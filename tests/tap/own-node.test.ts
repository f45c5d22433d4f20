/** What a Kubernetes node opens itself counts once it carries something that is no probe of its kubelet. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { DocumentSums } from "../../tap/document.ts";
import type { TapDocument } from "../../tap/document.ts";
import { TapModule, compileTap } from "../../tap/module.ts";
import { packedAddresses } from "../../tap/own-addresses.ts";
import * as h2 from "./http2-frames.ts";
import { ACK, Connection, RST, SYN, pcap } from "./packets.ts";
import { figuresOf, tcpOf } from "./reading.ts";
import * as tls from "./seeds/tls.ts";

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

/** As grpc-go sends it: user-agent "kube-probe/1.36 grpc-go/1.72.2", in Huffman's code. */
const HEALTH_CHECK = Buffer.from(
  "830495626b2b22f394742675fb857c651d099d8bd3949d7f418b089d5c0b8170dc65c782df865f8b1d75d0620d263d4c4d65647a96eb6c655abb0f19580aecb8a4d65645a63b015dd12e2f40027465864d833505b11f",
  "hex",
);
const agent = (name: string) => h2.literal(58, name, true);
const call = (stream: number, fields: readonly Buffer[]) =>
  Buffer.concat([h2.headers(stream, fields), h2.frame(h2.DATA, h2.END_STREAM, stream, Buffer.alloc(5))]);
const reply = (stream: number) =>
  Buffer.concat([h2.headers(stream, [h2.OK, h2.grpc()]), h2.headers(stream, [h2.grpcStatus(0)], true)]);
/** A connection of gRPC: settings of both, and then what the client asks first. */
const grpc = (first: Buffer, client = NODE): Connection =>
  opened(client)
    .client(h2.hello())
    .server(h2.settings())
    .client(h2.frame(h2.SETTINGS, 1, 0))
    .client(first);

test("probes over gRPC are not counted, and those who say so from elsewhere are", () => {
  const probes = [
    call(1, [HEALTH_CHECK]),
    call(1, [h2.POST, h2.path("/grpc.health.v1.Health/Check"), h2.grpc(), agent("kube-probe/1.36")]),
    call(1, [h2.POST, h2.path("/grpc.health.v1.Health/Check"), h2.literal("user-agent", "kube-probe/1.36"), h2.grpc()]),
  ];
  for (const probe of probes) {
    const document = heardOnNode(
      grpc(probe)
        .server(reply(1))
        .client(h2.frame(h2.GOAWAY, 0, 0, Buffer.alloc(8)))
        .close(),
    );
    assert.equal([document.edges, document.losses], [[], {}]);
    const other = heardOnNode(grpc(probe, "10.244.1.9").server(reply(1)).close());
    assert.is(figuresOf(other, "grpc").endpoints[0]?.endpoint, "/grpc.health.v1.Health/Check");
    assert.is(tcpOf(other).connections, 1);
  }
  assert.equal(heardOnNode(opened().client(h2.hello()).server(h2.settings()).close()).edges, [], "nothing is asked");
});

test("other calls of a pod in the node's network are counted, also checks of health, from their first byte on", () => {
  const check = [h2.POST, h2.path("/grpc.health.v1.Health/Check"), h2.grpc(), agent("Envoy/HC")];
  const connection = grpc(call(1, check)).server(reply(1));
  const document = heardOnNode(
    connection
      .client(call(3, [h2.POST, h2.path("/shop.Cart/Add"), h2.grpc(), agent("a")]))
      .server(reply(3))
      .close(),
  );
  assert.equal(
    figuresOf(document, "grpc").endpoints.map(({ endpoint, requests }) => [endpoint, requests]),
    [
      ["/grpc.health.v1.Health/Check", 1],
      ["/shop.Cart/Add", 1],
    ],
  );
  const bytes = h2.hello().length + 9 + call(1, check).length;
  assert.ok(tcpOf(document).requestBytes > bytes, `${tcpOf(document).requestBytes}`);
  assert.is(tcpOf(document).connections, 1);
});

const kubeletHello = tls.record(22, tls.clientHello(undefined, tls.WEB));
/** A connection of TLS 1.3 that asks one thing. */
const secured = (hello = kubeletHello, client = NODE): Connection =>
  opened(client)
    .client(hello.subarray(0, 50))
    .client(hello.subarray(50))
    .wait(48)
    .server(Buffer.concat([tls.record(22, tls.serverHello(tls.TLS_1_3)), tls.data(900)]))
    .client(Buffer.concat([tls.data(60), tls.data(150)]))
    .server(tls.data(200));

test("probes over HTTPS are not counted, whatever comes of them", () => {
  const probes = [
    secured().close(),
    secured().client("", RST | ACK),
    opened().client(kubeletHello).server(tls.alert(40)).close(),
    opened().client(kubeletHello).close(),
    opened().client(kubeletHello),
  ];
  for (const probe of probes) {
    const document = heardOnNode(probe);
    assert.equal([document.edges, document.losses], [[], {}]);
  }
});

test("TLS is counted of whom names a host, offers something else, or is no node", () => {
  const others = [
    secured(tls.record(22, tls.clientHello("shop.example", tls.WEB))),
    secured(tls.record(22, tls.clientHello())),
    secured(tls.record(22, tls.clientHello(undefined, Buffer.from("\0\x03\x02h2")))),
    secured(kubeletHello, "10.244.1.9"),
  ];
  for (const connection of others) {
    const document = heardOnNode(connection.close());
    assert.equal([figuresOf(document, "tls").outcomes.success, tcpOf(document).connections], [1, 1]);
  }
});

test("what began like a probe over HTTPS counts once it goes on, with its bytes and the time of its handshake", () => {
  const longer = secured().client(tls.data(4000));
  const later = secured().wait(10_000).client(tls.data(20));
  for (const connection of [longer, later]) {
    const document = heardOnNode(connection.wait(500).client(tls.data(30)).close());
    const { requests, outcomes, latencyMs } = figuresOf(document, "tls");
    assert.equal([requests, outcomes.success, tcpOf(document).connections], [1, 1, 1]);
    assert.ok(Math.abs(latencyMs.p50! - 50) < 1, `${latencyMs.p50}`);
    assert.ok(tcpOf(document).requestBytes > kubeletHello.length + 200);
  }
});

test("addresses are handed over in the form that packets have", () => {
  assert.equal(
    [...packedAddresses(["10.0.0.1", "fd00::a:1"])].map((byte) => byte.toString(16)).join(" "),
    "0 0 0 0 0 0 0 0 0 0 ff ff a 0 0 1 fd 0 0 0 0 0 0 0 0 0 0 0 0 a 0 1",
  );
  assert.is(packedAddresses(["::1"]).length, 16);
});

test.run();
