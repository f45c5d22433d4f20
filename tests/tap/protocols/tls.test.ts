import { test } from "uvu";
import * as assert from "uvu/assert";

import { mutatedRounds } from "../mutated-rounds.ts";
import { Connection, pcap } from "../packets.ts";
import { figuresOf, read } from "../reading.ts";
import * as tls from "../seeds/tls.ts";

const open = () => new Connection({ serverPort: 7000 }).open();
const figures = (connection: Connection) => figuresOf(read(pcap(connection.packets)), "tls");
const names = (connection: Connection) => figures(connection).endpoints.map(({ endpoint }) => endpoint);
const hello = (host?: string) => tls.record(22, tls.clientHello(host));
const answer = (version: number) => tls.record(22, tls.serverHello(version));
const both = (...bytes: readonly Buffer[]) => Buffer.concat(bytes);

/** A whole handshake up to TLS 1.2. */
const usual = (version = tls.TLS_1_2) =>
  open()
    .client(hello("Shop.Example"))
    .server(both(answer(version), tls.record(22, Buffer.alloc(500))))
    .client(both(tls.record(22, Buffer.alloc(70)), tls.CHANGE_CIPHER, tls.FINISHED))
    .server(both(tls.CHANGE_CIPHER, tls.FINISHED));

test("a handshake is counted by its version and the host that is asked for", () => {
  assert.equal(names(usual()), ["TLS 1.2 shop.example"]);
  assert.equal(names(usual(0x0300)), ["SSL 3.0 shop.example"]);
  assert.equal(names(usual(0x0301)), ["TLS 1.0 shop.example"]);
  const latest = open()
    .client(hello())
    .server(both(answer(tls.TLS_1_3), tls.data()))
    .client(tls.data());
  assert.equal(names(latest), ["TLS 1.3"]);
  assert.equal(names(open().client(hello("no host\u0001")).server(tls.alert(40))), ["TLS ~other"]);
  assert.is(figures(usual()).outcomes.success, 1);
});

test("up to TLS 1.2 the time is to the second Finished", () => {
  const connection = open().client(hello().subarray(0, 20)).wait(500).client(hello().subarray(20)).wait(49);
  connection.server(answer(tls.TLS_1_2)).wait(49).client(both(tls.CHANGE_CIPHER, tls.FINISHED)).wait(49);
  connection
    .server(both(tls.CHANGE_CIPHER, tls.FINISHED.subarray(0, 10)))
    .wait(49)
    .server(tls.FINISHED.subarray(10));
  const { latencyMs } = figures(connection.wait(500).client(tls.data()));
  assert.ok(Math.abs(latencyMs.p50! - 200) < 3, `${latencyMs.p50}`);
});

test("in TLS 1.3 the time is to the client's first ciphered record; early data and second hellos begin nothing", () => {
  const connection = open()
    .client(both(hello(), tls.CHANGE_CIPHER, tls.data(60), tls.data(60)))
    .wait(49);
  connection
    .server(tls.record(22, tls.serverHello(tls.TLS_1_3, true)))
    .client(both(tls.CHANGE_CIPHER, hello()))
    .wait(48);
  connection.server(both(answer(tls.TLS_1_3), tls.CHANGE_CIPHER, tls.data(), tls.data())).wait(99);
  const counted = figures(connection.client(both(tls.CHANGE_CIPHER, tls.data())).wait(900).client(tls.data()));
  assert.equal([counted.requests, counted.outcomes.success], [1, 1]);
  assert.ok(Math.abs(counted.latencyMs.p50! - 200) < 3, `${counted.latencyMs.p50}`);
});

test("an alert fails the handshake, by the fault of who is told", () => {
  const cases: readonly (readonly [Connection, Record<string, number>, Record<number, number>])[] = [
    [open().client(hello()).server(tls.alert(40)), { clientError: 1 }, { 40: 1 }],
    [open().client(hello()).server(tls.alert(80)), { serverError: 1 }, { 80: 1 }],
    [open().client(hello()).server(answer(tls.TLS_1_2)).client(tls.alert(48)), { serverError: 1 }, { 48: 1 }],
    [open().client(hello()).server(answer(tls.TLS_1_2)).client(tls.alert(90)), { clientError: 1 }, { 90: 1 }],
    [
      open()
        .client(hello())
        .server(both(answer(tls.TLS_1_3), tls.data()))
        .client(tls.data(19)),
      { serverError: 1 },
      {},
    ],
    [open().client(hello()).server(tls.alert(112, 1)).close(), { noAnswer: 1 }, {}],
    [open().client(hello()).close(), { noAnswer: 1 }, {}],
  ];
  for (const [connection, outcomes, statuses] of cases) {
    const none = { success: 0, clientError: 0, serverError: 0, notReached: 0, noAnswer: 0 };
    const counted = figures(connection);
    assert.equal([counted.outcomes, counted.statuses], [{ ...none, ...outcomes }, statuses]);
  }
});

test("hellos of several records and messages behind them are read, wherever the bytes are cut", () => {
  const message = tls.clientHello("shop.example");
  const asked = both(...[0, 1, 3, 40, 41].map((at, i, all) => tls.record(22, message.subarray(at, all[i + 1]))));
  const hellos = tls.serverHello(tls.TLS_1_2);
  const told = both(tls.record(22, hellos.subarray(0, 9)), tls.record(22, both(hellos.subarray(9), Buffer.alloc(30))));
  for (let size = 1; size <= asked.length; size += size < 60 ? 1 : 7) {
    const connection = open();
    for (let at = 0; at < asked.length; at += size) connection.client(asked.subarray(at, at + size));
    for (let at = 0; at < told.length; at += size) connection.server(told.subarray(at, at + size));
    connection.client(both(tls.CHANGE_CIPHER, tls.FINISHED)).server(both(tls.CHANGE_CIPHER, tls.FINISHED));
    const document = read(pcap(connection.packets));
    const { endpoints, outcomes } = figuresOf(document, "tls");
    assert.equal([endpoints[0]?.endpoint, outcomes.success], ["TLS 1.2 shop.example", 1], `in pieces of ${size}`);
    assert.equal(document.losses, {});
  }
});

test("hellos in the form of SSL 2.0 are hellos", () => {
  const old = (version: string) => Buffer.from(`802e01${version}001500000010${"01".repeat(21 + 16)}`, "hex");
  const server = both(Buffer.from("8013040001000200000003", "hex"), Buffer.alloc(10));
  assert.equal(names(open().client(old("0002")).server(server)), ["SSL 2.0"]);
  const later = open().client(old("0301")).server(answer(0x0301)).client(both(tls.CHANGE_CIPHER, tls.FINISHED));
  const counted = figures(later.server(both(tls.CHANGE_CIPHER, tls.FINISHED)));
  assert.equal([counted.endpoints[0]!.endpoint, counted.outcomes.success], ["TLS 1.0", 1]);
});

test("a handshake of which bytes are missing is counted by what is left of it", () => {
  const whole = usual().client(tls.data()).server(tls.data()).client(tls.data()).close();
  for (const [lost, endpoint] of [
    [4, "TLS shop.example"],
    [5, "TLS 1.2 shop.example"],
    [6, "TLS 1.2 shop.example"],
  ] as const) {
    const packets = whole.packets.filter((_, i) => i !== lost);
    const counted = figuresOf(read(pcap(packets)), "tls");
    assert.equal([counted.endpoints[0]?.endpoint, counted.outcomes.success], [endpoint, 1], `without packet ${lost}`);
  }
  const cut = figuresOf(read(pcap(usual().packets, { snaplen: 80 })), "tls");
  assert.is(cut.requests, 1);
});

test("a connection that is joined midway has no handshake, an answer alone is no request", () => {
  const whole = usual().client(tls.data()).server(tls.data()).close();
  assert.is(figuresOf(read(pcap(whole.packets.slice(7))), "tls").requests, 0);
  const late = figuresOf(read(pcap(whole.packets.slice(4))), "tls");
  assert.equal([late.requests, late.responses], [0, 1]);
});

test("what is no TLS, and lengths that cannot be", () => {
  const odd = [
    Buffer.from("16030100050200000100", "hex"),
    Buffer.from("1603ff00050100000100", "hex"),
    Buffer.alloc(50, 0x80),
  ];
  for (const bytes of odd) assert.is(figures(open().client(bytes).server("x").close()).requests, 0);
  const long = handshakeOf(0xffffff);
  for (const bytes of [long, both(hello().subarray(0, 43), Buffer.alloc(60, 255))]) {
    const counted = figures(
      open().client(bytes).client(Buffer.alloc(1000, 1)).server("HTTP/1.1 400 Bad\r\n\r\n").close(),
    );
    assert.ok(counted.requests <= 1);
  }
});

/** The beginning of a ClientHello that says it is that long. */
function handshakeOf(size: number): Buffer {
  const message = Buffer.from([1, size >> 16, (size >> 8) & 255, size & 255, 3, 3]);
  return tls.record(22, both(message, Buffer.alloc(200)));
}

test("thousands of mutated handshakes end, and count no more than was sent", () => {
  for (const document of mutatedRounds({ seeds: tls.seeds, seed: 443, count: 200 })) {
    const { requests } = figuresOf(document, "tls");
    assert.ok(requests > 50 && requests <= 800, `${requests}`);
  }
});

test.run();
