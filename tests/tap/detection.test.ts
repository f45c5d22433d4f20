/** Connections that begin as something else than what is counted of them. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Connection, FIN, ACK, pcap } from "./packets.ts";
import { figuresOf, read, tcpOf } from "./reading.ts";
import { clientHello, record } from "./seeds/tls.ts";

const REQUEST = "GET /orders/17 HTTP/1.1\r\nHost: shop\r\n\r\n";
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

const readOf = ({ packets }: Connection) => read(pcap(packets));
const bytes = (hex: string) => Buffer.from(hex, "hex");

test("TLS that is agreed on in another protocol is found, whichever it is", () => {
  const hello = record(22, clientHello("mail.example"));
  const dialogues = [
    ["220 mail\r\n", "EHLO me\r\n", "250-mail\r\n250 STARTTLS\r\n", "STARTTLS\r\n", "220 go on\r\n"],
    ["+OK ready\r\n", "CAPA\r\n", "+OK\r\nSTLS\r\n.\r\n", "STLS\r\n", "+OK\r\n"],
    ["* OK ready\r\n", "1 STARTTLS\r\n", "1 OK\r\n"],
    ["220 ftp\r\n", "AUTH TLS\r\n", "234 go on\r\n"],
  ];
  for (const lines of dialogues) {
    const connection = new Connection({ serverPort: 2525 }).open();
    lines.forEach((line, i) => (i % 2 ? connection.client(line) : connection.server(line)));
    const document = readOf(connection.client(hello.subarray(0, 20)).client(hello.subarray(20)));
    assert.is(figuresOf(document, "tls").requests, 1, lines[0]);
    assert.equal(document.losses, {});
  }
});

test("what goes through SOCKS is told by its content", () => {
  const tunnels = {
    "4": ["0401005001020304 00", "005a005001020304"],
    "4a, with a name": ["0401005000000001 00 777777 2e6578616d706c652e636f6d 00", "005a005000000000"],
    "5": ["050100", "0500", "05010001 01020304 0050", "05000001 0a000001 8000"],
    "5, with a password": [
      "050102",
      "0502",
      "01027573 027077",
      "0100",
      "05010001 01020304 0050",
      "05000001 0a000001 8000",
    ],
  };
  for (const [version, words] of Object.entries(tunnels)) {
    const connection = new Connection({ serverPort: 1080 }).open();
    words
      .map((word) => bytes(word.replaceAll(" ", "")))
      .forEach((word, i) => (i % 2 ? connection.server(word) : connection.client(word)));
    const document = readOf(connection.client(REQUEST).server(ANSWER).close());
    assert.equal(figuresOf(document, "http").statuses, { 200: 1 }, version);
  }
});

test("a load balancer may say before anything else who the client is", () => {
  const second = Buffer.concat([bytes("0d0a0d0a000d0a515549540a2111000c"), bytes("0a0000070a000008c8000050")]);
  for (const preface of [Buffer.from("PROXY TCP4 10.0.0.7 10.0.0.8 51200 80\r\n"), second]) {
    const together = new Connection()
      .open()
      .client(Buffer.concat([preface, Buffer.from(REQUEST)]))
      .server(ANSWER);
    assert.is(figuresOf(readOf(together.close()), "http").responses, 1);
    const apart = new Connection().open().client(preface).client(REQUEST).server(ANSWER);
    assert.is(figuresOf(readOf(apart.close()), "http").responses, 1);
  }
  const cut = readOf(new Connection().open().client(second.subarray(0, 20)).close());
  assert.equal([Object.keys(cut.protocols), cut.losses], [["tcp"], {}]);
});

test("an answer of HTTP to what is none is an answer that nobody asked for", () => {
  const connection = new Connection().open().client(Buffer.alloc(90, 0xc3));
  connection.server("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", FIN | ACK);
  const figures = figuresOf(readOf(connection), "http");
  assert.equal([figures.requests, figures.responses, figures.statuses], [0, 1, { 400: 1 }]);
});

test("POP3, whose lines are like those of Redis, is none", () => {
  const connection = new Connection({ serverPort: 110 }).open().server("+OK ready\r\n");
  for (const line of ["AUTH", "CAPA", "LIST", "TYPE 1", "QUIT"]) connection.client(`${line}\r\n`).server("+OK\r\n");
  const document = readOf(connection.close());
  assert.equal([Object.keys(document.protocols), document.losses], [["tcp"], {}]);
});

test("a connection that nobody knows is asked about by turns, and not for ever", () => {
  const connection = new Connection().open();
  for (let i = 0; i < 30; i++) connection.client(Buffer.alloc(50, 0xb0 + (i % 8))).server(Buffer.alloc(50, 0xa0));
  const document = readOf(connection.client(REQUEST).server(ANSWER).close());
  assert.equal(Object.keys(document.protocols), ["tcp"]);
  assert.is(tcpOf(document).responseBytes, 30 * 50 + ANSWER.length);
});

test("what lies within a stretch of one side is not the beginning of anything", () => {
  const connection = new Connection().open().client(Buffer.alloc(50, 0xb0)).client(REQUEST).client(REQUEST);
  assert.equal(Object.keys(readOf(connection.close()).protocols), ["tcp"]);
});

test("a connection that is joined with a keep-alive, which sends a byte again, is understood", () => {
  const keepAlive = new Connection({ clientSequence: 999 }).client("\0", ACK);
  const connection = new Connection();
  connection.micros = keepAlive.micros;
  connection.client(REQUEST).server(ANSWER);
  const document = read(pcap([...keepAlive.packets, ...connection.packets]));
  assert.equal(figuresOf(document, "http").statuses, { 200: 1 });
});

test.run();
