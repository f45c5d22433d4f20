/** What many connections cost: memory is that of the tables, which are as large with none. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { DocumentSums } from "../../tap/document.ts";
import type { TapDocument } from "../../tap/document.ts";
import { CHUNK_BYTES, TapModule, compileTap } from "../../tap/module.ts";
import { ACK, SYN, START, ip, pcap, tcp } from "./packets.ts";
import type { Packet } from "./packets.ts";
import { figuresOf, tcpOf } from "./reading.ts";

const compiled = await compileTap();

/** MAX_FLOWS in wasm-filter/packet/limits.ts. */
const MAX_FLOWS = 131_072;

const REQUEST = Buffer.from("GET /orders/17 HTTP/1.1\r\nHost: shop\r\n\r\n");
const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

interface Words {
  readonly number: number;
  readonly flags?: number;
  readonly payload?: Buffer;
  readonly isAnswer?: boolean;
  /** How many clients there are; each has as many ports as it needs. */
  readonly clients: number;
  readonly servers?: number;
}

/** A packet of connection `number`. */
function packetOf({ number, flags = ACK, payload = Buffer.alloc(0), isAnswer = false, clients, servers = 1 }: Words) {
  const client = number % clients;
  const port = 1024 + Math.floor(number / clients);
  const ends = [
    { address: `10.${client >> 16}.${(client >> 8) & 255}.${client & 255}`, port },
    { address: `172.16.0.${number % servers}`, port: 80 },
  ] as const;
  const [from, to] = isAnswer ? [ends[1], ends[0]] : [ends[0], ends[1]];
  const segment = tcp({
    source: from.port,
    destination: to.port,
    sequence: 1000,
    acknowledged: flags & SYN ? 0 : 1000,
    flags,
    payload,
  });
  return ip({ source: from.address, destination: to.address, protocol: 6, payload: segment });
}

/** Reads packets that are made as they are needed, a microsecond apart.. */
function readMany(count: number, packet: (i: number) => Buffer): { document: TapDocument; grown: number } {
  const sums = new DocumentSums();
  const tap = new TapModule(compiled, (batch) => sums.add(batch));
  const before = tap.chunk.buffer.byteLength;
  const feed = (bytes: Buffer) => {
    tap.chunk.set(bytes);
    tap.feed(bytes.length);
  };
  feed(pcap([], { frame: "raw" }));
  let packets: Packet[] = [];
  let bytes = 0;
  const flush = () => {
    feed(pcap(packets, { frame: "raw" }).subarray(24));
    packets = [];
    bytes = 0;
  };
  for (let i = 0; i < count; i++) {
    packets.push({ micros: START + i, bytes: packet(i) });
    bytes += packets.at(-1)!.bytes.length + 16;
    if (bytes > CHUNK_BYTES / 4) flush();
  }
  flush();
  tap.finish();
  return { document: sums.document(), grown: tap.chunk.buffer.byteLength - before };
}

test("100,000 connections at once, each with a request, are counted without a loss", () => {
  const count = 100_000;
  const clients = 1000;
  const { document, grown } = readMany(2 * count, (i) =>
    i < count
      ? packetOf({ number: i, clients, payload: REQUEST })
      : packetOf({ number: i - count, clients, payload: ANSWER, isAnswer: true }),
  );
  const http = figuresOf(document, "http");
  assert.equal([http.requests, http.outcomes.success], [count, count]);
  assert.is(tcpOf(document).joined, count);
  assert.equal(document.losses, {});
  assert.is(grown, 0);
});

test("5,000 edges, as a node with 250 pods has them, are told apart", () => {
  const count = 5_000;
  const words = (number: number) => ({ number, clients: count, servers: 50 });
  const { document } = readMany(2 * count, (i) =>
    i % 2 === 0
      ? packetOf({ ...words(i / 2), payload: REQUEST })
      : packetOf({ ...words((i - 1) / 2), payload: ANSWER, isAnswer: true }),
  );
  assert.is(document.edges.filter(({ protocol }) => protocol === "http").length, count);
  assert.equal(document.losses, {});
});

test("a flood of SYNs is counted, and costs what the table costs", () => {
  const count = 200_000;
  const { document, grown } = readMany(count, (number) => packetOf({ number, flags: SYN, clients: count }));
  const { connections, failed } = tcpOf(document);
  assert.equal([connections, failed], [count, count]);
  assert.is(grown, 0);
});

test("connections of one packet each, more than there is room for, cost what the table costs", () => {
  const count = 300_000;
  const { document, grown } = readMany(count, (number) => packetOf({ number, payload: REQUEST, clients: 20_000 }));
  const http = figuresOf(document, "http");
  assert.equal([http.requests, http.outcomes.noAnswer], [count, count]);
  assert.is(tcpOf(document).joined, count);
  assert.is(document.losses["flowsEvicted"], count - MAX_FLOWS);
  assert.is(grown, 0);
});

test.run();
