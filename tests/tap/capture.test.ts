import { test } from "uvu";
import * as assert from "uvu/assert";

import { NotACaptureError } from "../../tap/module.ts";
import { Connection, FRAMES, fragments, ip, pcap, pcapng, udp } from "./packets.ts";
import type { Packet } from "./packets.ts";
import { figuresOf, read, tcpOf } from "./reading.ts";

const REQUEST = "GET /orders/17 HTTP/1.1\r\nHost: shop\r\n\r\n";
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

const conversation = () => new Connection().open().client(REQUEST).wait(9).server(ANSWER).close().packets;

for (const frame of Object.keys(FRAMES)) {
  test(`what is framed as ${frame} is read`, () => {
    const document = read(pcap(conversation(), { frame }));
    assert.is(figuresOf(document, "http").requests, 1);
    assert.is(figuresOf(document, "http").statuses["200"], 1);
    assert.equal(document.losses, {});
  });
}

test("a pcap is read in either byte order, in microseconds and in nanoseconds", () => {
  for (const words of [{}, { bigEndian: true }, { nanos: true }, { bigEndian: true, nanos: true }]) {
    const { latencyMs } = figuresOf(read(pcap(conversation(), words)), "http");
    assert.ok(Math.abs(latencyMs.p50! - 10) < 0.1, `${JSON.stringify(words)}: ${latencyMs.p50}`);
  }
});

test("a pcapng is read with interfaces of several link types and its own resolution of time", () => {
  for (const resolution of [6, 9]) {
    const document = read(pcapng(conversation(), ["ethernet", "raw", "sll2"], resolution));
    const { requests, latencyMs } = figuresOf(document, "http");
    assert.is(requests, 1);
    assert.ok(Math.abs(latencyMs.p50! - 10) < 0.1, `${latencyMs.p50}`);
  }
});

test("it does not matter where a capture is cut into pieces", () => {
  const whole = JSON.stringify(read(pcap(conversation())));
  for (const size of [1, 7, 100]) {
    assert.is(JSON.stringify(read(pcap(conversation()), size)), whole);
    assert.is(figuresOf(read(pcapng(conversation(), ["raw"]), size), "http").requests, 1);
  }
});

test("packets are put together of fragments, in whatever order these come", () => {
  const packets = conversation().flatMap((packet) => fragments(packet, 24));
  assert.is(figuresOf(read(pcap(packets)), "http").responses, 1);
  const swapped = conversation().flatMap((packet) => fragments(packet, 24).reverse());
  assert.is(figuresOf(read(pcap(swapped)), "http").responses, 1);
  const [first] = fragments(conversation()[3]!, 24);
  assert.equal(read(pcap([first!])).losses, { fragmentsDropped: 1 });
});

/** Puts each packet into a datagram between two nodes, behind a header of the tunnel. */
function within(port: number, header: string, isFrame: boolean): Packet[] {
  return conversation().map(({ micros, bytes }) => {
    const inner = isFrame ? FRAMES["ethernet"]!.frame(bytes) : bytes;
    const payload = udp(51_000, port, Buffer.concat([Buffer.from(header, "hex"), inner]));
    return { micros, bytes: ip({ source: "192.168.0.1", destination: "192.168.0.2", protocol: 17, payload }) };
  });
}

const TUNNELS: Readonly<Record<string, readonly [port: number, header: string, isFrame: boolean]>> = {
  VXLAN: [4789, "0800000000002a00", true],
  "VXLAN at the port of Linux": [8472, "0800000000002a00", true],
  "Geneve with an option": [6081, "02006558000007000000000100000000", true],
  "Geneve with an IP packet": [6081, "0000080000000700", false],
  "GTP-U with an extension": [2152, "34ff0064000000010000008501000000", false],
  "Teredo's port, with who is asking": [3544, "000100000102030405060708090000000000000000", false],
};

for (const [name, [port, header, isFrame]] of Object.entries(TUNNELS)) {
  test(`${name}: the connection within is counted, and the datagrams around it are not`, () => {
    const document = read(pcap(within(port, header, isFrame)));
    assert.is(figuresOf(document, "http").responses, 1);
    const edges = document.edges.map(({ client, server, protocol }) => [client, server, protocol]);
    assert.equal(edges.sort(), [
      ["10.0.0.1", "10.0.0.2:8080", "http"],
      ["10.0.0.1", "10.0.0.2:8080", "tcp"],
    ]);
    assert.equal(document.losses, {});
  });
}

test("a datagram that is none of the tunnel of its port is one of its own", () => {
  assert.equal(read(pcap(within(4789, "0000000000000000", true))), { protocols: {}, edges: [], losses: {} });
});

test("packets within packets end somewhere", () => {
  let [packet] = conversation();
  for (let i = 0; i < 6; i++) {
    const bytes = ip({ source: "10.1.0.1", destination: "10.1.0.2", protocol: 4, payload: packet!.bytes });
    packet = { micros: packet!.micros, bytes };
  }
  assert.equal(read(pcap([packet!])), { protocols: {}, edges: [], losses: { packetsBad: 1 } });
});

test("IPv6 is read, and its addresses are written as RFC 5952 has them", () => {
  const connection = new Connection({ client: "fd00::1", server: "2001:db8:0:0:1::2" });
  const document = read(pcap(connection.open().client(REQUEST).server(ANSWER).packets));
  const edge = document.edges.find(({ protocol }) => protocol === "http");
  assert.is(edge?.client, "fd00::1");
  assert.is(edge?.server, "[2001:db8::1:0:0:2]:8080");
});

test("packets that are cut are counted, and what is there of them is read", () => {
  const document = read(pcap(conversation(), { snaplen: 54 + REQUEST.length }));
  assert.is(figuresOf(document, "http").requests, 1);
  assert.is(figuresOf(document, "http").responses, 1);
  assert.equal(document.losses, { packetsCut: 1 });
});

test("a link layer that is not known is counted", () => {
  const capture = pcap(conversation());
  capture.writeUInt32LE(147, 20);
  assert.equal(read(capture).losses, { linkTypeUnknown: conversation().length });
});

test("a capture that breaks off within a record counts what comes before", () => {
  const capture = pcap(conversation());
  const document = read(capture.subarray(0, capture.length - 10));
  assert.is(figuresOf(document, "http").requests, 1);
  assert.equal(document.losses, { packetsBad: 1 });
});

const isNoCapture = (error: Error) => error instanceof NotACaptureError;

test("what is no capture is refused", () => {
  assert.throws(() => read(Buffer.from("This is a text, and no capture of any kind.")), isNoCapture);
  assert.throws(() => read(Buffer.alloc(0), 1), isNoCapture);
  assert.throws(() => read(pcap([]).subarray(0, 20)), isNoCapture);
});

test("an empty capture is an empty document", () => {
  assert.equal(read(pcap([])), { protocols: {}, edges: [], losses: {} });
});

test("headers that contradict themselves are counted as bad packets", () => {
  const [packet] = new Connection().client("x").packets;
  const bad = Buffer.from(packet!.bytes);
  bad[32] = 0x10;
  const short = Buffer.from(packet!.bytes.subarray(0, 19));
  const document = read(
    pcap([
      { ...packet!, bytes: bad },
      { ...packet!, bytes: short },
    ]),
  );
  assert.equal(document.losses, { packetsBad: 2 });
  assert.throws(() => tcpOf(document));
});

test.run();
