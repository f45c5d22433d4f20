import { test } from "uvu";
import * as assert from "uvu/assert";

import type { TapDocument } from "../../tap/document.ts";
import { ParserFailedError } from "../../tap/module.ts";
import { compileFailing } from "./failing-module.ts";
import { Connection, pcap, pcapng } from "./packets.ts";
import type { Packet } from "./packets.ts";
import { figuresOf, read, tcpOf } from "./reading.ts";

const failing = await compileFailing();

const REQUEST = "GET /orders/17 HTTP/1.1\r\nHost: shop\r\n\r\n";
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/** Packets of connections one after the other, a minute apart where `isApart`. */
function inTurn(connections: readonly Connection[], isApart = false): Packet[] {
  let micros = 0;
  return connections.flatMap(({ packets }) => {
    const shift = micros;
    micros += isApart ? 60_000_000 : 10_000;
    return packets.map((packet) => ({ ...packet, micros: packet.micros + shift }));
  });
}

const good = (clientPort: number) => new Connection({ clientPort }).open().client(REQUEST).server(ANSWER).close();
const bad = (clientPort: number) => new Connection({ clientPort }).open().client("FAIL");

const readFailing = (capture: Buffer, pieceSize?: number): TapDocument => read(capture, pieceSize, failing);

for (const [format, capture] of [
  ["pcap", (packets: readonly Packet[]) => pcap(packets)],
  ["pcapng", (packets: readonly Packet[]) => pcapng(packets, ["raw", "ethernet"])],
] as const) {
  test(`${format}: where the parsers fail, what was delivered stays and the next packet is read`, () => {
    const packets = inTurn([good(1), good(2), bad(3), good(4), good(5)], true);
    for (const size of [undefined, 100]) {
      const document = readFailing(capture(packets), size);
      const http = figuresOf(document, "http");
      assert.equal([http.requests, http.outcomes.success], [4, 4]);
      // Of the connection that failed only its opening was not yet told.
      assert.equal(document.losses, { parserFailed: 1, requestsLost: 1 });
      assert.is(tcpOf(document).connections, 4);
    }
  });
}

test("what was counted and not delivered, and what had no answer yet, is counted as lost", () => {
  const waiting = new Connection({ clientPort: 3 }).open().client(REQUEST);
  const document = readFailing(pcap(inTurn([good(1), good(2), waiting, bad(4), good(5)])));
  assert.is(figuresOf(document, "http").requests, 1);
  // Four connections, two requests that were answered and one that was not.
  assert.equal(document.losses, { parserFailed: 1, requestsLost: 7 });
});

test("losses that were not told yet are told by the next instance", () => {
  const cut = pcap(inTurn([good(1), bad(2), good(3)]));
  const [link] = [cut.subarray(0, 24)];
  const oneShort = Buffer.from(cut.subarray(24));
  oneShort.writeUInt32LE(oneShort.readUInt32LE(8) + 7, 12);
  assert.equal(readFailing(Buffer.concat([link, oneShort])).losses, {
    parserFailed: 1,
    packetsCut: 1,
    requestsLost: 3,
  });
});

test("a packet that is cut between two pieces is read by the next instance", () => {
  const packets = inTurn([bad(1), good(2)]);
  const whole = pcap(packets);
  const behind = pcap(packets.slice(0, 4)).length;
  for (const size of [behind + 1, behind + 20, behind + 50]) {
    const document = readFailing(whole, size);
    assert.is(figuresOf(document, "http").responses, 1, `cut at ${size}`);
    assert.is(document.losses["parserFailed"], 1);
  }
});

test("a failure at the last packet of a capture is told too", () => {
  assert.equal(readFailing(pcap(bad(1).packets)).losses, { parserFailed: 1, requestsLost: 1 });
});

test("many failures with what can be read in between are no reason to give up, failures alone are", () => {
  const some = Array.from({ length: 10 }, (_, i) => [bad(2 * i + 1), good(2 * i + 2)]).flat();
  const capture = pcap(inTurn(some));
  assert.is(readFailing(capture, 900).losses["parserFailed"], 10);
  const many = Array.from({ length: 40 }, (_, i) => bad(i + 1));
  assert.throws(
    () => readFailing(pcap(inTurn(many))),
    (error: Error) => error instanceof ParserFailedError && /failed more than 16 times in a row/.test(error.message),
  );
});

test.run();
