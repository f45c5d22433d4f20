import { test } from "uvu";
import * as assert from "uvu/assert";

import { Connection, FIN, ACK, RST, pcap } from "../packets.ts";
import { figuresOf, read, tcpOf } from "../reading.ts";

const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: shop\r\n${more}\r\n`;
const answer = (status: number, body = "", more = "") =>
  `HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

const http = (connection: Connection) => figuresOf(read(pcap(connection.packets)), "http");

test("requests are counted by endpoint, outcome and status", () => {
  const connection = new Connection().open();
  for (const [path, status] of [
    ["/orders/1", 200],
    ["/orders/2?secret=1", 404],
    ["/orders/3", 503],
    ["/cart", 301],
  ] as const) {
    connection.client(get(path)).server(answer(status, "body"));
  }
  const figures = http(connection.close());
  assert.equal(figures.outcomes, { success: 2, clientError: 1, serverError: 1, notReached: 0, noAnswer: 0 });
  assert.equal(figures.statuses, { 200: 1, 301: 1, 404: 1, 503: 1 });
  assert.equal(
    figures.endpoints.map(({ endpoint, requests }) => [endpoint, requests]),
    [
      ["GET /orders/{id}", 3],
      ["GET /cart", 1],
    ],
  );
});

test("the latency is from the last byte of the request to the last of the answer", () => {
  const connection = new Connection().open();
  connection.client("POST /a HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc").wait(500).client("def");
  connection.wait(99).server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab").wait(99).server("cd");
  const { latencyMs } = http(connection);
  assert.ok(Math.abs(latencyMs.p50! - 200) < 2, `${latencyMs.p50}`);
});

test("a pipeline is answered in its order", () => {
  const connection = new Connection().open().client(get("/a") + get("/b") + get("/c"));
  connection.server(answer(200, "a") + answer(404, "b")).server(answer(500, "c"));
  const figures = http(connection);
  const outcomes = Object.fromEntries(figures.endpoints.map((each) => [each.endpoint, each.outcomes]));
  assert.is(outcomes["GET /a"]?.success, 1);
  assert.is(outcomes["GET /b"]?.clientError, 1);
  assert.is(outcomes["GET /c"]?.serverError, 1);
});

test("chunked bodies end where they end, with extensions and trailers", () => {
  const chunked =
    "Transfer-Encoding: gzip, chunked\r\n\r\n4;x=1\r\nHTTP\r\nA\r\n/1.1 200 X\r\n0\r\nChecksum: 1\r\n\r\n";
  const connection = new Connection().open();
  connection.client(`POST /a HTTP/1.1\r\n${chunked}`).server(`HTTP/1.1 200 OK\r\n${chunked}`);
  connection.client(get("/b")).server(answer(201));
  const figures = http(connection);
  assert.equal([figures.requests, figures.responses], [2, 2]);
  assert.equal(figures.statuses, { 200: 1, 201: 1 });
});

test("it does not matter where messages are cut into segments", () => {
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  const requests = `POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc${get("/b")}`;
  const answers = chunked + answer(404, "nothing");
  for (let size = 1; size < 60; size++) {
    const connection = new Connection().open();
    for (let at = 0; at < requests.length; at += size) connection.client(requests.slice(at, at + size));
    for (let at = 0; at < answers.length; at += size) connection.server(answers.slice(at, at + size));
    const document = read(pcap(connection.packets));
    assert.equal(figuresOf(document, "http").statuses, { 200: 1, 404: 1 }, `in pieces of ${size}`);
    assert.equal(document.losses, {});
  }
});

test("100 Continue is no answer", () => {
  const connection = new Connection()
    .open()
    .client("PUT /a HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  connection.server("HTTP/1.1 100 Continue\r\n\r\n").client("abc").server(answer(200));
  const figures = http(connection);
  assert.equal([figures.requests, figures.responses, figures.statuses], [1, 1, { 200: 1 }]);
});

test("answers to HEAD, 204 and 304 have no body, whatever their head says", () => {
  const connection = new Connection().open();
  connection.client("HEAD /a HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  connection.client(get("/b")).server("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n");
  connection.client(get("/c")).server("HTTP/1.1 204 No Content\r\n\r\n").client(get("/d")).server(answer(200));
  assert.equal(http(connection).statuses, { 200: 2, 204: 1, 304: 1 });
});

test("a body without a length ends with its connection", () => {
  const connection = new Connection().open().client("GET /a HTTP/1.0\r\n\r\n");
  connection
    .server("HTTP/1.0 200 OK\r\n\r\nsome")
    .wait(100)
    .server("HTTP/1.0 500 is part of the body", FIN | ACK);
  const figures = http(connection);
  assert.equal([figures.responses, figures.statuses], [1, { 200: 1 }]);
  assert.ok(figures.latencyMs.p50! > 100, `${figures.latencyMs.p50}`);
});

test("what follows an upgrade is no HTTP", () => {
  const connection = new Connection().open().client(get("/chat", "Upgrade: websocket\r\nConnection: Upgrade\r\n"));
  connection
    .server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello")
    .client("\x81\x85abcdefghi");
  const document = read(pcap(connection.packets));
  assert.equal(figuresOf(document, "http").statuses, { 101: 1 });
  assert.equal(document.losses, {});
});

test("what goes through a tunnel is told by its content", () => {
  const connection = new Connection().open().client("CONNECT shop:80 HTTP/1.1\r\nHost: shop:80\r\n\r\n");
  connection.server("HTTP/1.1 200 Connection established\r\n\r\n").client(get("/inner")).server(answer(200));
  const figures = http(connection);
  assert.equal(figures.endpoints.map(({ endpoint }) => endpoint).sort(), ["CONNECT", "GET /inner"]);
});

test("lines may end with a bare LF, and empty lines may stand before a message", () => {
  const connection = new Connection().open().client("\r\nGET /a HTTP/1.1\nHost: shop\n\n");
  connection
    .server("HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
    .client(`\r\n${get("/b")}`)
    .server(answer(200));
  assert.is(http(connection).responses, 2);
});

test("a head that is longer than what is kept is read all the same", () => {
  const long = `Cookie: ${"x".repeat(40_000)}\r\n`;
  const head = `GET /a HTTP/1.1\r\nHost: shop\r\n${long}\r\n`;
  const connection = new Connection().open();
  for (let at = 0; at < head.length; at += 1000) connection.client(head.slice(at, at + 1000));
  connection
    .server(answer(200, "ok"))
    .client(get("/b"))
    .server(answer(200, "ok", long))
    .client(get("/c"))
    .server(answer(404));
  assert.equal(http(connection).statuses, { 200: 2, 404: 1 });
});

test("a request without an answer is counted as that: at a reset, at the end, when the server closes", () => {
  for (const connection of [
    new Connection()
      .open()
      .client(get("/a"))
      .server("", RST | ACK),
    new Connection().open().client(get("/a")),
    new Connection()
      .open()
      .client(get("/a"))
      .server("", FIN | ACK),
  ]) {
    const figures = http(connection);
    assert.equal([figures.requests, figures.responses, figures.outcomes.noAnswer], [1, 0, 1]);
  }
});

test("an answer whose connection breaks within its body was an answer", () => {
  const connection = new Connection().open().client(get("/a"));
  connection.server("HTTP/1.1 502 X\r\nContent-Length: 100\r\n\r\nhalf").server("", RST | ACK);
  assert.equal(http(connection).statuses, { 502: 1 });
});

test("a gap within a body does not matter to what is counted", () => {
  const connection = new Connection().open().client(get("/a"));
  connection.server("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n").server("x".repeat(10)).server("x".repeat(10));
  connection.server("x".repeat(10)).client(get("/b")).server(answer(404)).close();
  const document = read(pcap(connection.packets.filter((_packet, i) => i !== 5)));
  assert.equal(figuresOf(document, "http").statuses, { 200: 1, 404: 1 });
  assert.equal(document.losses, { gaps: 1 });
});

test("what is no HTTP is not taken for it", () => {
  for (const text of [
    "GET key\r\n",
    "*1\r\n$4\r\nPING\r\n",
    "EHLO shop\r\n",
    "\x16\x03\x01\x02\x00",
    "PRI * HTTP/2.0\r\n\r\n",
  ]) {
    const document = read(pcap(new Connection().open().client(text).close().packets));
    assert.is(document.protocols["http"], undefined, text);
    assert.is(tcpOf(document).connections, 1);
  }
});

test("a connection that stops to be HTTP is counted as unparsed, and read on where it is HTTP again", () => {
  const connection = new Connection().open().client(get("/a")).server(answer(200, "ok"));
  connection.client("\x00\x01\x02 garbage\n\n").client(get("/b")).server(answer(200));
  const document = read(pcap(connection.packets));
  assert.is(figuresOf(document, "http").responses, 2);
  assert.equal(document.losses, { unparsed: 1 });
});

test("more endpoints than a server may have are counted together", () => {
  const connection = new Connection().open();
  for (let i = 0; i < 300; i++)
    connection.client(get(`/${String.fromCharCode(97 + (i % 26), 97 + i / 26)}x`)).server(answer(200));
  const document = read(pcap(connection.packets));
  const figures = figuresOf(document, "http");
  assert.is(figures.requests, 300);
  assert.is(figures.endpoints.length, 201);
  assert.is(document.losses["endpointsFull"], 100);
});

test("more requests than may wait for an answer are given up, and those after them are matched again", () => {
  const connection = new Connection().open();
  for (let i = 0; i < 90; i++) connection.client(get("/a").repeat(100));
  for (let i = 0; i < 90; i++) connection.server(answer(200).repeat(100));
  connection.client(get("/b")).server(answer(500));
  const document = read(pcap(connection.packets));
  const figures = figuresOf(document, "http");
  assert.is(document.losses["exchangesCut"], 9000 - 8192);
  assert.equal(figures.statuses, { 200: 8192, 500: 1 });
  assert.is(figures.endpoints.find(({ endpoint }) => endpoint === "GET /b")?.outcomes.serverError, 1);
});

test("an answer whose status is none is one of a server that fails", () => {
  const connection = new Connection().open();
  for (const line of ["HTTP/1.1 2XX OK", "HTTP/1.1 20 OK", "HTTP/1.0 0200 OK"]) {
    connection.client(get("/a")).server(`${line}\r\nContent-Length: 2\r\n\r\nok`);
  }
  const document = read(pcap(connection.packets));
  const { responses, outcomes, statuses } = figuresOf(document, "http");
  assert.equal([responses, outcomes.serverError, statuses, document.losses], [3, 3, {}, {}]);
});

test("a version may have more behind it", () => {
  const connection = new Connection().open().client("GET /a HTTP/1.0.8\r\n\r\n").server(answer(200));
  assert.equal(
    http(connection).endpoints.map(({ endpoint }) => endpoint),
    ["GET /a"],
  );
});

test("of packets that were captured in part as much is counted as their start lines tell", () => {
  const connection = new Connection().open();
  for (let i = 0; i < 3; i++)
    connection.client(get("/some/orders", "Cookie: x\r\n")).wait(9).server(answer(404, "nothing"));
  for (const [snaplen, endpoint] of [
    [66, "GET ~other"],
    [75, "GET ~other"],
    [54 + 30, "GET /some/orders"],
  ] as const) {
    const document = read(pcap(connection.close().packets, { snaplen }));
    const { requests, statuses, latencyMs, endpoints } = figuresOf(document, "http");
    assert.equal(
      [requests, statuses, endpoints.map((each) => each.endpoint)],
      [3, { 404: 3 }, [endpoint]],
      `${snaplen}`,
    );
    assert.ok(Math.abs(latencyMs.p50! - 10) < 0.2, `${latencyMs.p50}`);
    assert.equal(document.losses["attributesMissing"], endpoint === "GET ~other" ? 3 : undefined);
  }
});

test("a request of whose head the end was not seen is one once the server, who saw it, answers", () => {
  const { packets } = new Connection()
    .client("GET /a HTTP/1.1\r\nHost: sh")
    .client("op\r\n\r\n")
    .wait(5)
    .server(answer(200, "ok"));
  const figures = figuresOf(read(pcap([packets[0]!, packets[2]!])), "http");
  assert.equal([figures.requests, figures.outcomes.success, figures.endpoints[0]!.endpoint], [1, 1, "GET /a"]);
  assert.ok(Math.abs(figures.latencyMs.p50! - 7) < 0.1, `${figures.latencyMs.p50}`);
  assert.is(figuresOf(read(pcap([packets[0]!])), "http").requests, 0);
});

test("a status is read of an answer of whatever version, and a target may be missing", () => {
  const connection = new Connection().open().client(get("/a")).server("HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n");
  connection.client("GET HTTP/1.1\r\n\r\n").server("HTTP/1.00 404 no\r\nContent-Length: 0\r\n\r\n");
  const figures = http(connection);
  assert.equal([figures.requests, figures.statuses], [2, { 200: 1, 404: 1 }]);
});

test("a length that no body has is none, leading zeros are nothing", () => {
  const connection = new Connection().open();
  connection.client("POST /a HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n").server(answer(400));
  connection.client("POST /b HTTP/1.1\r\nContent-Length: 0000000000000000000000003\r\n\r\nabc").server(answer(200));
  connection.client(get("/c")).server(answer(200));
  const figures = http(connection);
  assert.equal([figures.requests, figures.responses], [3, 3]);
});

test("a message is counted whose head was captured only in part", () => {
  const long = `Cookie: ${"x".repeat(100)}\r\n`;
  const connection = new Connection().open();
  for (const path of ["/a", "/b"]) connection.client(get(path, long)).server(answer(200, "body", long));
  const figures = figuresOf(read(pcap(connection.packets, { snaplen: 96 })), "http");
  assert.equal([figures.requests, figures.responses, figures.outcomes.success], [2, 2, 2]);
});

test.run();
