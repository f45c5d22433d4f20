/** HTTP/1 clients that wait for 100 Continue before they send a body, and what they send when they were answered otherwise. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ACK, Connection, pcap } from "../packets.ts";
import { figuresOf, read } from "../reading.ts";

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`;
const answer = (status: number, body = "") => `HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const http = (connection: Connection) => figuresOf(read(pcap(connection.packets)), "http");
const expecting = (body: string) => `PUT /a HTTP/1.1\r\nHost: shop\r\n${body}\r\nExpect: 100-Continue\r\n\r\n`;
/** Bodies that are announced, and as they are sent. */
const BODIES = [
  ["Content-Length: 30", "x".repeat(30)],
  ["Content-Length: 3", "abc"],
  ["Content-Length: 100", "GET is what a text may begin with".padEnd(100, "\n")],
  ["Transfer-Encoding: chunked", "4\r\nabcd\r\n0\r\n\r\n"],
] as const;

/** Each body, as it may be sent, or left out, behind each status. */
const CASES = BODIES.flatMap(([announced, body]) =>
  [200, 417].flatMap((status) => ["", body].map((sent) => ({ announced, status, sent }))),
);

test("a client that has a final answer instead of 100 Continue may leave its body out, or send it", () => {
  for (const { announced, status, sent } of CASES) {
    for (const size of [1, 3, 7, 200]) {
      const connection = new Connection().open().client(expecting(announced)).server(answer(status, "no"));
      const rest = `${sent}${get("/b")}`;
      for (let at = 0; at < rest.length; at += size) connection.client(rest.slice(at, at + size));
      const document = read(pcap(connection.server(answer(503)).client(get("/c")).server(answer(202)).packets));
      const { statuses, endpoints } = figuresOf(document, "http");
      const found = [statuses, endpoints.map(({ endpoint }) => endpoint), document.losses];
      const what = `${announced}, ${sent ? "sent" : "left out"}, in pieces of ${size}`;
      assert.equal(found, [{ [status]: 1, 202: 1, 503: 1 }, ["GET /b", "GET /c", "PUT /a"], {}], what);
    }
  }
});

test("without a final answer it is the body that comes, whatever it looks like", () => {
  const body = get("/part-of-the-body");
  for (const isTold of [true, false]) {
    const connection = new Connection()
      .open()
      .client(expecting(`Content-Length: ${body.length}`))
      .wait(500);
    if (isTold) connection.server("HTTP/1.1 100 Continue\r\n\r\n");
    connection.client(body.slice(0, 9)).client(body.slice(9)).wait(99).server(answer(201));
    const { endpoints, latencyMs } = http(connection.client(get("/b")).server(answer(200)));
    assert.equal(
      endpoints.map(({ endpoint, requests }) => [endpoint, requests]),
      [
        ["GET /b", 1],
        ["PUT /a", 1],
      ],
    );
    assert.ok(Math.abs(latencyMs.p99! - 100) < 2, `${latencyMs.p99}`);
  }
});

test("a body that was waited for may be missed in part", () => {
  for (const isTold of [true, false]) {
    const connection = new Connection().open().client(expecting("Content-Length: 30"));
    connection.server(isTold ? "HTTP/1.1 100 Continue\r\n\r\n" : "", ACK);
    const missed = connection.client("x".repeat(20)).packets.at(-1);
    connection.client("x".repeat(10)).server(answer(201)).client(get("/b")).server(answer(404)).close();
    const document = read(pcap(connection.packets.filter((packet) => packet !== missed)));
    assert.equal([figuresOf(document, "http").statuses, document.losses], [{ 201: 1, 404: 1 }, { gaps: 1 }]);
  }
});

test.run();
