import { test } from "uvu";
import * as assert from "uvu/assert";

import { ACK, Connection, FIN, RST, SYN, pcap } from "./packets.ts";
import type { Packet } from "./packets.ts";
import { figuresOf, read, tcpOf } from "./reading.ts";

const REQUEST = "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n";
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/** The packets in another order, but with times that rise as they do in a capture. */
function reordered(packets: readonly Packet[], order: readonly number[]): Packet[] {
  return order.map((from, to) => ({ micros: packets[to]!.micros, bytes: packets[from]!.bytes }));
}

test("a connection is counted with its handshake, its bytes and its ends", () => {
  const document = read(pcap(new Connection().open().client("hello").server("hi").close().packets));
  const { handshakeMs, ...tcp } = tcpOf(document);
  assert.equal(tcp, {
    connections: 1,
    joined: 0,
    refused: 0,
    failed: 0,
    reset: 0,
    retransmissions: 0,
    requestBytes: 5,
    responseBytes: 2,
  });
  assert.ok(Math.abs(handshakeMs.p50! - 2) < 0.02, `${handshakeMs.p50}`);
  assert.equal(
    document.edges.map(({ client, server, protocol }) => [client, server, protocol]),
    [["10.0.0.1", "10.0.0.2:8080", "tcp"]],
  );
});

test("a connection is refused by a RST, failed without an answer, reset when it was open", () => {
  const refused = tcpOf(read(pcap(new Connection().client("", SYN).server("", RST | ACK).packets)));
  assert.equal([refused.connections, refused.refused, refused.failed, refused.reset], [1, 1, 0, 0]);
  const failed = tcpOf(read(pcap(new Connection().client("", SYN).packets)));
  assert.equal([failed.connections, failed.refused, failed.failed], [1, 0, 1]);
  const reset = tcpOf(
    read(
      pcap(
        new Connection()
          .open()
          .client("x")
          .server("", RST | ACK).packets,
      ),
    ),
  );
  assert.equal([reset.connections, reset.refused, reset.failed, reset.reset], [1, 0, 0, 1]);
});

test("a half-open connection whose client never confirms has failed", () => {
  const tcp = tcpOf(read(pcap(new Connection().client("", SYN).server("", SYN | ACK).packets)));
  assert.equal([tcp.connections, tcp.failed], [1, 1]);
});

test("a SYN that is sent again is no second connection, and times no handshake", () => {
  const { packets } = new Connection().open();
  const tcp = tcpOf(read(pcap([packets[0]!, ...packets])));
  assert.equal([tcp.connections, tcp.retransmissions, tcp.handshakeMs.p50], [1, 1, null]);
});

test("a SYN that is sent again at ever longer intervals is one connection that failed", () => {
  const connection = new Connection();
  const [syn] = new Connection().client("", SYN).packets;
  const tries = [0, 1, 3, 7, 15, 31, 63].map((second) => ({ ...syn!, micros: syn!.micros + second * 1_000_000 }));
  connection.wait(70_000);
  const tcp = tcpOf(read(pcap([...tries, ...other(connection.micros)])));
  assert.equal([tcp.connections, tcp.failed, tcp.retransmissions], [2, 1, 6]);
});

/** Packets of other connections, so that time goes on. */
function other(micros: number): Packet[] {
  const connection = new Connection({ clientPort: 40_001 });
  connection.micros = micros;
  return connection.open().close().packets;
}

test("a RST alone is the end of a connection that was open before; one that answers a SYN refuses it", () => {
  const reset = tcpOf(read(pcap(new Connection().server("", RST | ACK).packets)));
  assert.equal([reset.connections, reset.joined, reset.reset, reset.refused], [1, 1, 1, 0]);
  const refused = tcpOf(read(pcap(new Connection({ serverSequence: 0 }).server("", RST | ACK).packets)));
  assert.equal([refused.connections, refused.joined, refused.reset, refused.refused], [1, 0, 0, 1]);
});

test("what comes late of a connection that is over, seconds or minutes, is no other one", () => {
  const first = new Connection().open().client(REQUEST).server(ANSWER).close();
  const late = first.packets.slice(3).map(({ micros, bytes }) => ({ micros: micros + 100_000_000, bytes }));
  const document = read(pcap([...first.packets, ...other(first.micros + 50_000_000), ...late]));
  assert.equal([tcpOf(document).connections, figuresOf(document, "http").responses], [2, 1]);
});

test("data with other numbers is another connection, though its SYN was not seen", () => {
  const first = new Connection().open().client(REQUEST).server(ANSWER).close();
  const second = new Connection({ clientSequence: 2 ** 30, serverSequence: 2 ** 31 });
  second.micros = first.micros;
  const document = read(pcap([...first.packets, ...second.client(REQUEST).server(ANSWER).packets]));
  assert.equal([tcpOf(document).connections, tcpOf(document).joined], [2, 1]);
  assert.is(figuresOf(document, "http").responses, 2);
});

test("a server that accepts with two numbers is one connection, by the number that the client took up", () => {
  const [syn, accepted] = new Connection().client("", SYN).server("", SYN | ACK).packets;
  const rest = new Connection({ serverSequence: 7_000 }).open().client(REQUEST).server(ANSWER).close().packets;
  const document = read(pcap([syn!, accepted!, ...rest.slice(1)]));
  assert.equal([tcpOf(document).connections, tcpOf(document).joined, figuresOf(document, "http").responses], [1, 0, 1]);
  const again = new Connection().open().client(REQUEST).server(ANSWER).close().packets;
  const ignored = new Connection({ serverSequence: 7_000 }).client("", SYN).server("", SYN | ACK).packets[1]!;
  const taken = read(pcap([...again.slice(0, 3), ignored, ...again.slice(3)]));
  assert.equal([tcpOf(taken).connections, figuresOf(taken, "http").responses, taken.losses], [1, 1, {}]);
});

test("a connection may be silent for an hour; what it asked then has no answer", () => {
  const connection = new Connection().open().client(REQUEST).server(ANSWER).client(REQUEST).wait(3_600_000);
  const between = [600, 1_200, 1_800].flatMap((second) => other(connection.packets[0]!.micros + second * 1_000_000));
  const until = connection.packets.length;
  connection.client(REQUEST).server(ANSWER).close();
  const packets = [...connection.packets.slice(0, until), ...between, ...connection.packets.slice(until)];
  const document = read(pcap(packets));
  assert.equal([tcpOf(document).connections, tcpOf(document).joined], [2, 0]);
  assert.equal([figuresOf(document, "http").requests, figuresOf(document, "http").outcomes.noAnswer], [3, 1]);
});

test("the same ports are used again for another connection", () => {
  const first = new Connection().open().client(REQUEST).server(ANSWER).close();
  const second = new Connection({ clientSequence: 90_000, serverSequence: 70_000 });
  second.micros = first.micros;
  second.open().client(REQUEST).server(ANSWER).close();
  const document = read(pcap([...first.packets, ...second.packets]));
  assert.is(tcpOf(document).connections, 2);
  assert.is(figuresOf(document, "http").responses, 2);
});

test("segments out of order are put into order", () => {
  const { packets } = new Connection()
    .open()
    .client("GET /a HTT")
    .client("P/1.1\r\nHost: ")
    .client("shop\r\n\r\n")
    .server(ANSWER);
  for (const order of [
    [0, 1, 2, 5, 4, 3, 6],
    [0, 1, 2, 4, 5, 3, 6],
    [0, 1, 2, 4, 3, 5, 6],
  ]) {
    const document = read(pcap(reordered(packets, order)));
    assert.is(figuresOf(document, "http").responses, 1, `${order.join(" ")}`);
    assert.equal(document.losses, {});
    assert.is(tcpOf(document).retransmissions, 0);
  }
});

test("what is sent again, or overlaps, is taken once", () => {
  const whole = new Connection().open().client(REQUEST).server(ANSWER);
  const [request, answer] = [whole.packets[3]!, whole.packets[4]!];
  const twice = read(pcap([...whole.packets, request, answer]));
  assert.is(figuresOf(twice, "http").requests, 1);
  assert.is(tcpOf(twice).retransmissions, 2);
  // Twenty bytes alone, then all of them from the beginning.
  const part = new Connection().open().client(REQUEST.slice(0, 20));
  const overlap = read(pcap([...part.packets, request, answer]));
  assert.is(figuresOf(overlap, "http").responses, 1);
  assert.is(tcpOf(overlap).requestBytes, REQUEST.length);
});

test("sequence numbers wrap around", () => {
  const ends = { clientSequence: 2 ** 32 - 10, serverSequence: 2 ** 32 - 3 };
  const connection = new Connection(ends).open();
  for (let i = 0; i < 3; i++) connection.client(REQUEST).server(ANSWER);
  const document = read(pcap(connection.close().packets));
  assert.is(figuresOf(document, "http").responses, 3);
  assert.equal(document.losses, {});
});

test("a keep-alive is no retransmission", () => {
  const { packets } = new Connection().open().client(REQUEST).server(ANSWER);
  const keepAlive = new Connection({ clientSequence: 1_000 + REQUEST.length, serverSequence: 5_001 + ANSWER.length });
  keepAlive.client("", ACK);
  assert.is(tcpOf(read(pcap([...packets, ...keepAlive.packets]))).retransmissions, 0);
});

test("a gap is counted, and the next message is read", () => {
  const connection = new Connection().open().client(REQUEST).server(ANSWER).client(REQUEST).server(ANSWER);
  connection.client(REQUEST).server(ANSWER).close();
  // The second request is missing: its answer is one that nobody was seen to ask for.
  const document = read(pcap(connection.packets.filter((_packet, i) => i !== 5)));
  const http = figuresOf(document, "http");
  assert.equal([http.requests, http.responses, http.outcomes.success], [2, 3, 2]);
  assert.equal(document.losses, { gaps: 1 });
});

test("a lost answer is not taken for that of the next request", () => {
  const connection = new Connection().open();
  for (let i = 0; i < 3; i++)
    connection
      .client(REQUEST)
      .wait(50 * i)
      .server(ANSWER);
  const document = read(pcap(connection.packets.filter((_packet, i) => i !== 4)));
  const http = figuresOf(document, "http");
  assert.equal([http.requests, http.outcomes.success, http.outcomes.noAnswer], [3, 2, 1]);
  assert.ok(Math.abs(http.latencyMs.p50! - 51) < 0.5, `${http.latencyMs.p50}`);
  assert.equal(document.losses, { gaps: 1 });
});

test("a connection is joined midway, whichever side is heard first", () => {
  const { packets } = new Connection().open().client(REQUEST).server(ANSWER).client(REQUEST).server(ANSWER);
  const fromRequest = read(pcap(packets.slice(3)));
  assert.is(figuresOf(fromRequest, "http").responses, 2);
  assert.is(tcpOf(fromRequest).joined, 1);
  const fromAnswer = read(pcap(packets.slice(4)));
  assert.equal([figuresOf(fromAnswer, "http").requests, figuresOf(fromAnswer, "http").responses], [1, 2]);
  assert.is(fromAnswer.edges[0]?.server, "10.0.0.2:8080");
});

test("a connection that is joined within a body is understood from the next message on", () => {
  const { packets } = new Connection({ serverPort: 50_000 })
    .client("of the body of an earlier request")
    .server("the rest of another answer")
    .client(REQUEST)
    .server(ANSWER);
  const document = read(pcap(packets));
  assert.is(figuresOf(document, "http").responses, 1);
  assert.is(document.edges.find(({ protocol }) => protocol === "http")?.server, "10.0.0.2:50000");
});

test("a FIN before the last data does not end the connection", () => {
  const { packets } = new Connection()
    .open()
    .client(REQUEST)
    .server("HTTP/1.0 200 OK\r\n\r\nhel")
    .server("lo", FIN | ACK);
  const document = read(pcap(reordered(packets, [0, 1, 2, 3, 5, 4])));
  assert.is(figuresOf(document, "http").responses, 1);
  assert.is(tcpOf(document).responseBytes, 24);
});

test.run();
