import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ClientHttp2Session, OutgoingHttpHeaders } from "node:http2";

import { CONTINUATION, DATA, END_HEADERS, END_STREAM, GET, HEADERS, OK, POST, RST_STREAM } from "../http2-frames.ts";
import { frame, grpc, grpcStatus, headers, hello, indexed, literal } from "../http2-frames.ts";
import { number, path, settings, status } from "../http2-frames.ts";
import { recorded } from "../http2-recorded.ts";
import { mutatedRounds } from "../mutated-rounds.ts";
import type { TapDocument } from "../../../tap/document.ts";
import { Connection, RST, pcap } from "../packets.ts";
import { figuresOf, read } from "../reading.ts";
import { seeds } from "../seeds/http2.ts";

const begun = () => new Connection().open().client(hello()).server(settings());
const figures = (connection: Connection, protocol = "http2") => figuresOf(read(pcap(connection.packets)), protocol);
const endpoints = (connection: Connection, protocol = "http2") =>
  Object.fromEntries(figures(connection, protocol).endpoints.map(({ endpoint, requests }) => [endpoint, requests]));
const unknown = "~other";

test("streams are counted by endpoint, outcome and status, in whatever order they are answered", () => {
  const connection = begun();
  connection.client(headers(1, [GET, path("/orders/1?token=x")], true)).client(headers(3, [POST, path("/orders")]));
  connection.server(headers(1, [status(404)])).client(frame(DATA, END_STREAM, 3, "{}"));
  connection.server(headers(3, [OK], true)).server(frame(DATA, END_STREAM, 1, "none"));
  connection.client(headers(5, [GET, path("/cart")], true)).server(headers(5, [status(500)], true));
  const { outcomes, statuses } = figures(connection);
  assert.equal(outcomes, { success: 1, clientError: 1, serverError: 1, notReached: 0, noAnswer: 0 });
  assert.equal(statuses, { 200: 1, 404: 1, 500: 1 });
  assert.equal(endpoints(connection), { "GET /cart": 1, "GET /orders/{id}": 1, "POST /orders": 1 });
});

test("the latency is from the end of the request to the end of the answer", () => {
  const connection = begun()
    .client(headers(1, [POST, path("/")]))
    .wait(500)
    .client(frame(DATA, END_STREAM, 1, "ab"));
  connection
    .wait(99)
    .server(headers(1, [OK]))
    .wait(99)
    .server(frame(DATA, END_STREAM, 1, "ab"));
  assert.ok(Math.abs(figures(connection).latencyMs.p50! - 200) < 2);
});

test("1xx is no answer, and trailers end one", () => {
  const connection = begun()
    .client(headers(1, [GET, path("/a")], true))
    .server(headers(1, [indexed(14)].slice(1)));
  connection
    .server(headers(1, [status(103)]))
    .server(headers(1, [OK]))
    .server(frame(DATA, 0, 1, "ab"));
  connection.server(headers(1, [literal("checksum", "1")], true));
  assert.equal(figures(connection).statuses, { 200: 1 });
});

test("a call is answered by its grpc-status, in trailers or in the head, and has its path for an endpoint", () => {
  const connection = begun();
  for (const [stream, code] of [
    [1, 0],
    [3, 5],
    [5, 14],
  ] as const) {
    connection.client(headers(stream, [POST, path("/shop.Cart/Add"), grpc()])).client(frame(DATA, END_STREAM, stream));
    connection.server(headers(stream, [OK, grpc()])).server(headers(stream, [grpcStatus(code)], true));
  }
  connection.client(headers(7, [POST, path("/shop.Cart/Add"), grpc()], true));
  connection.server(headers(7, [OK, grpc(), grpcStatus(16)], true));
  // Not from a server of gRPC: its status is made of that of HTTP.
  connection.client(headers(9, [POST, path("/shop.Cart/Get"), grpc()], true)).server(headers(9, [status(503)], true));
  const { outcomes, statuses, responses } = figures(connection, "grpc");
  assert.equal(outcomes, { success: 1, clientError: 2, serverError: 2, notReached: 0, noAnswer: 0 });
  assert.equal([responses, statuses], [5, { 5: 1, 14: 2, 16: 1 }]);
  assert.equal(endpoints(connection, "grpc"), { "/shop.Cart/Add": 4, "/shop.Cart/Get": 1 });
  assert.is(figures(connection).requests, 0);
});

test("gRPC for browsers has its status in its body, and is HTTP/2", () => {
  const connection = begun().client(
    headers(1, [POST, path("/a.B/C"), literal(31, "application/grpc-web+proto")], true),
  );
  assert.equal(endpoints(connection.server(headers(1, [OK], true))), { "POST /a.B/C": 1 });
});

test("a stream that is broken off has no answer, unless its status came before", () => {
  const connection = begun();
  const cancelled = (stream: number) => frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8]));
  connection.client(headers(1, [GET, path("/a")], true)).client(cancelled(1));
  // An answer that crossed the cancellation is none.
  connection.server(headers(1, [OK], true));
  connection
    .client(headers(3, [GET, path("/b")], true))
    .server(headers(3, [OK]))
    .client(cancelled(3));
  connection.client(headers(5, [POST, path("/c.D/E"), grpc()], true)).server(headers(5, [OK, grpc()]));
  const document = read(pcap(connection.server(cancelled(5)).packets));
  assert.equal([figuresOf(document, "http2").responses, figuresOf(document, "http2").outcomes.noAnswer], [1, 1]);
  assert.is(figuresOf(document, "grpc").outcomes.noAnswer, 1);
});

test("a call that is under way is answered where the capture ends, and broken off where the connection does", () => {
  const call = () => {
    const fields = [POST, path("/shop.Cart/Watch"), grpc()];
    return begun()
      .client(headers(1, fields, true))
      .server(headers(1, [OK, grpc()]));
  };
  const open = read(pcap(call().packets));
  assert.equal([figuresOf(open, "grpc").responses, open.losses], [1, { attributesMissing: 1 }]);
  assert.is(figures(call().server("", RST), "grpc").outcomes.noAnswer, 1);
  assert.is(figures(call().close(), "grpc").outcomes.noAnswer, 1);
});

test("header blocks are read by the table of their side, over frames, padding and priorities", () => {
  const [requests, calls, upgrade] = seeds.map((packets) => read(pcap(packets)));
  const named = (document: TapDocument, protocol = "http2") =>
    figuresOf(document, protocol).endpoints.map(({ endpoint }) => endpoint);
  assert.equal(named(requests!), ["GET /cart", "GET /orders/{id}", "POST /orders/{id}"]);
  assert.is(figuresOf(requests!, "http2").responses, 3, "with the one that was pushed");
  assert.equal(named(calls!, "grpc"), ["/shop.Cart/Add"]);
  assert.equal(figuresOf(calls!, "grpc").statuses, { 5: 1, 14: 1 });
  assert.equal(figuresOf(upgrade!, "http2").statuses, { 200: 1, 404: 1 });
  assert.equal(named(upgrade!), ["GET /new", "GET /old/{id}"]);
  assert.is(figuresOf(upgrade!, "http").requests, 0, "the upgraded request is counted once");
  for (const document of [requests, calls, upgrade]) assert.equal(document!.losses, {});
});

test("it does not matter where frames are cut into segments", () => {
  const asked = [hello(), headers(1, [POST, path("/shop.Cart/Add", true), grpc(true)])];
  asked.push(
    frame(DATA, END_STREAM, 1, "\0\0\0\0\x02ok"),
    frame(HEADERS, END_STREAM, 3, Buffer.concat([POST, indexed(63)])),
  );
  asked.push(frame(CONTINUATION, END_HEADERS, 3, indexed(62)));
  const answered = [settings(), headers(1, [OK, grpc(true)]), frame(DATA, 0, 1, "\0\0\0\0\x02ok")];
  answered.push(headers(1, [grpcStatus(0, true)], true), headers(3, [OK, indexed(63), grpcStatus(7)], true));
  const [client, server] = [Buffer.concat(asked), Buffer.concat(answered)];
  for (let size = 1; size < 70; size++) {
    const connection = new Connection().open();
    for (let at = 0; at < client.length; at += size) connection.client(client.subarray(at, at + size));
    for (let at = 0; at < server.length; at += size) connection.server(server.subarray(at, at + size));
    const document = read(pcap(connection.packets));
    assert.equal(figuresOf(document, "grpc").statuses, { 7: 1 }, `in pieces of ${size}`);
    assert.equal([figuresOf(document, "grpc").responses, document.losses], [2, {}], `in pieces of ${size}`);
  }
});

test("Huffman codes and tables are those of a real client and a real server", async () => {
  const paths = Array.from({ length: 150 }, (_, i) => `/shelves/${String.fromCharCode(97 + (i % 26))}~!$'{|}/${i}`);
  const connection = await recorded(
    (stream, { ":path": target }) => {
      const last = Number(/\d+$/.exec(String(target))![0]);
      stream.respond({ ":status": last % 3 === 0 ? 418 : 201, "x-request": `${last}`.repeat(20) });
      stream.end("x".repeat(last * 200));
    },
    async (session) => {
      for (const each of paths) await answered(session, { ":path": each, "user-agent": "a", cookie: each.repeat(3) });
    },
  );
  const { responses, statuses } = figures(connection);
  assert.equal([responses, statuses], [150, { 201: 100, 418: 50 }]);
  assert.is(Object.keys(endpoints(connection)).length, 26, "one a letter");
});

function answered(session: ClientHttp2Session, fields: OutgoingHttpHeaders): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = session.request(fields);
    request.on("error", reject).on("end", resolve).resume();
  });
}

test("what was added to a table before the connection was joined is unknown, and not something else", () => {
  const connection = new Connection();
  connection.client(headers(5, [POST, indexed(63), indexed(62)], true)).server(headers(5, [indexed(62)], true));
  connection.client(headers(7, [POST, path("/new.Shop/Get", true), grpc(true)], true));
  connection.server(headers(7, [OK, grpc(), grpcStatus(0, true)], true));
  connection.client(headers(9, [POST, indexed(63), indexed(62)], true)).server(headers(9, [OK, indexed(62)], true));
  connection.client(headers(11, [POST, indexed(64)], true)).server(headers(11, [OK, indexed(63)], true));
  const document = read(pcap(connection.packets));
  assert.equal([figuresOf(document, "grpc").responses, figuresOf(document, "http2").responses], [2, 2]);
  assert.equal(endpoints(connection, "grpc"), { "/new.Shop/Get": 2 });
  assert.equal(endpoints(connection), { [`POST ${unknown}`]: 2 });
});

test("where the content type is not known a call is told by how its message begins", () => {
  const connection = new Connection().client(headers(5, [GET, indexed(63)], true));
  for (const [stream, body] of [
    [7, "\0\0\0\0\x02ok"],
    [9, "\0\0\0\0\x03ok"],
  ] as const) {
    connection.client(headers(stream, [POST, indexed(63), indexed(62)])).client(frame(DATA, END_STREAM, stream, body));
    connection.server(headers(stream, [OK, indexed(63)])).server(headers(stream, [indexed(62)], true));
  }
  const document = read(pcap(connection.packets));
  assert.equal(endpoints(connection), { [`GET ${unknown}`]: 1, [`POST ${unknown}`]: 1 });
  assert.equal([endpoints(connection, "grpc"), figuresOf(document, "grpc").responses], [{ [unknown]: 1 }, 1]);
});

test("after a gap it goes on with the next frame, and knows nothing of the table any more", () => {
  const connection = begun()
    .client(headers(1, [GET, path("/a", true)], true))
    .server(headers(1, [OK], true));
  connection.client(headers(3, [GET, path("/lost", true)], true)).server(headers(3, [OK], true));
  connection.client(headers(5, [GET, indexed(62)], true)).server(headers(5, [OK], true));
  connection.client(headers(7, [GET, path("/b")], true)).server(headers(7, [status(404)], true));
  const packets = connection.packets.filter((_, place) => place !== 7);
  const document = read(pcap(packets));
  const { requests, responses, statuses } = figuresOf(document, "http2");
  assert.equal([requests, responses, statuses], [3, 4, { 200: 3, 404: 1 }]);
  assert.equal(document.losses, { gaps: 1, attributesMissing: 1 });
  const named = figuresOf(document, "http2").endpoints.map(({ endpoint }) => endpoint);
  assert.equal(named.sort(), ["GET /a", "GET /b", `GET ${unknown}`]);
});

test("packets that were captured only in part are as gaps", () => {
  const connection = begun();
  for (let stream = 1; stream < 9; stream += 2) {
    connection.client(headers(stream, [GET, path("/a")], true)).server(headers(stream, [OK]));
    connection.server(frame(DATA, END_STREAM, stream, "x".repeat(900)));
  }
  const document = read(pcap(connection.packets, { snaplen: 120 }));
  assert.equal([figuresOf(document, "http2").requests, figuresOf(document, "http2").responses], [4, 4]);
});

test("what is no HTTP/2 behind a preface is given up and counted", () => {
  for (const server of ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\x05\x04\0\0\0\0\0hello"]) {
    const document = read(pcap(new Connection().open().client(hello()).server(server).packets));
    assert.equal(document.losses, { unparsed: 1 });
  }
  const bad = (block: Buffer) => read(pcap(begun().client(headers(1, [block], true)).packets)).losses;
  assert.equal(bad(Buffer.from([0x80])), { unparsed: 1 }, "an index of nothing");
  assert.equal(bad(Buffer.from([0x7f, 255, 255, 255, 255, 255, 1])), { unparsed: 1 }, "a number without end");
  assert.equal(bad(Buffer.from([0x44, 0x84, 255, 255, 255, 255])), { unparsed: 1 }, "the code that ends a string");
  assert.equal(bad(Buffer.from([0x44, 5, 1])), { unparsed: 1 }, "a string that is longer than its block");
});

test("lengths that are lies cost nothing", () => {
  const long = frame(HEADERS, END_HEADERS, 1, "");
  long.writeUIntBE(0xffffff, 0, 3);
  const connection = begun().client(Buffer.concat([long, GET, Buffer.from([0x04]), number(2 ** 27, 7)]));
  for (let i = 0; i < 200; i++) connection.client(Buffer.alloc(1400, 97));
  assert.equal(read(pcap(connection.packets)).protocols["http2"], undefined);
  const short = begun().client(frame(HEADERS, 0x28, 1, "\xff\0\0"));
  assert.equal(read(pcap(short.packets)).losses, { unparsed: 1 });
});

test("thousands of mutated conversations end, and count no more than was sent", () => {
  for (const document of mutatedRounds({ seeds, seed: 9113, count: 100 * seeds.length })) {
    const requests = figuresOf(document, "http2").requests + figuresOf(document, "grpc").requests;
    assert.ok(requests > 500 && requests <= 1800, `${requests}`);
  }
});

test.run();
