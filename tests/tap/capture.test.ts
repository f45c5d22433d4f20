import { test } from "uvu";
import * as assert from "uvu/assert";

import { NotACaptureError } from "../../tap/module.ts";
import { Connection, FRAMES, fragments, pcap, pcapng } from "./packets.ts";
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
