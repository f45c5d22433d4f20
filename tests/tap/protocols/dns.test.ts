import { test } from "uvu";
import * as assert from "uvu/assert";

import { mutatedRounds } from "../mutated-rounds.ts";
import { Connection, pcap } from "../packets.ts";
import type { Packet } from "../packets.ts";
import { figuresOf, read } from "../reading.ts";
import { AAAA, Datagrams, framed, message, option, record, seeds } from "../seeds/dns.ts";

const dns = ({ packets }: { readonly packets: readonly Packet[] }) => figuresOf(read(pcap(packets)), "dns");
const open = () => new Connection({ serverPort: 7000 }).open();

test("queries are counted by type, answers by rcode", () => {
  const talk = new Datagrams();
  const rcodes = [0, 3, 1, 2, 5, 4];
  rcodes.forEach((rcode, id) => talk.client(message(id)).server(message(id, { rcode })));
  talk.client(message(90, { type: AAAA })).server(message(90, { type: AAAA, rcode: 0 }));
  talk.client(message(91, { type: 65_280 })).server(message(91, { type: 65_280, rcode: 0 }));
  talk.client(message(92, { opcode: 4, type: 6 })).server(message(92, { opcode: 4, type: 6, rcode: 0 }));
  const figures = dns(talk);
  assert.equal(figures.outcomes, { success: 4, clientError: 2, serverError: 3, notReached: 0, noAnswer: 0 });
  assert.equal(figures.statuses, { 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 });
  assert.equal(Object.fromEntries(figures.endpoints.map(({ endpoint, requests }) => [endpoint, requests])), {
    A: 6,
    AAAA: 1,
    "~other": 1,
    "NOTIFY SOA": 1,
  });
});

test("answers are found by id, in whatever order they come", () => {
  const talk = new Datagrams()
    .client(message(1))
    .client(message(2, { type: AAAA }))
    .wait(98);
  talk
    .server(message(2, { type: AAAA, rcode: 3 }))
    .wait(99)
    .server(message(1, { rcode: 0 }));
  const [a, aaaa] = dns(talk).endpoints;
  assert.equal([a!.outcomes.success, aaaa!.outcomes.clientError], [1, 1]);
  assert.ok(Math.abs(a!.latencyMs.p50! - 201) < 3 && Math.abs(aaaa!.latencyMs.p50! - 99) < 2);
});

test("a query that is sent again is one more; the first answer is that to the first", () => {
  const talk = new Datagrams()
    .client(message(1))
    .wait(999)
    .client(message(1))
    .wait(98)
    .server(message(1, { rcode: 0 }));
  const again = dns(talk);
  assert.equal([again.requests, again.responses, again.outcomes.success, again.outcomes.noAnswer], [2, 1, 1, 1]);
  assert.ok(Math.abs(again.latencyMs.p50! - 1099) < 12, `${again.latencyMs.p50}`);
  const both = dns(talk.server(message(1, { rcode: 0 })));
  assert.equal([both.requests, both.responses, both.outcomes.success], [2, 2, 2]);
});

test("an id that is taken for another question is that of the other question", () => {
  const other = new Datagrams()
    .client(message(1))
    .client(message(1))
    .client(message(1, { type: AAAA }));
  const figures = dns(other.server(message(1, { type: AAAA, rcode: 0 })));
  assert.equal([figures.requests, figures.outcomes.noAnswer, figures.outcomes.success], [3, 2, 1]);
});

test("a query without an answer is that after ten seconds, also where its port goes on asking", () => {
  const talk = new Datagrams().client(message(1));
  for (let id = 2; id < 8; id++)
    talk
      .wait(2000)
      .client(message(id))
      .server(message(id, { rcode: 0 }));
  const figures = dns(talk.server(message(1, { rcode: 0 })));
  assert.equal([figures.requests, figures.outcomes.noAnswer, figures.responses], [7, 1, 7]);
});

test("an answer that nobody was seen to ask for is no request; the second of two is none either", () => {
  const alone = dns(new Datagrams().server(message(1, { rcode: 2 })));
  assert.equal([alone.requests, alone.responses, alone.statuses], [0, 1, { 2: 1 }]);
  const twice = dns(
    new Datagrams()
      .client(message(1))
      .server(message(1, { rcode: 0 }))
      .server(message(1, { rcode: 0 })),
  );
  assert.equal([twice.requests, twice.responses], [1, 2]);
});

test("a query may ask by its answer (IQUERY), over UDP and TCP", () => {
  const query = Buffer.concat([
    Buffer.from("87ee09000000000100000000", "hex"),
    Buffer.from([0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 4, 3, 2, 1]),
  ]);
  const told = message(0x87ee, { opcode: 1, rcode: 0 });
  for (const talk of [new Datagrams().client(query).server(told), open().client(framed(query)).server(framed(told))]) {
    const figures = dns(talk);
    assert.equal([figures.outcomes.success, figures.endpoints[0]!.endpoint], [1, "IQUERY"]);
  }
});

test("an answer without its question is found by its id", () => {
  const bare = Buffer.concat([message(7, { rcode: 1 }).subarray(0, 4), Buffer.alloc(8)]);
  assert.is(dns(new Datagrams().client(message(7)).server(bare)).outcomes.clientError, 1);
});

test("EDNS has eight bits more of the rcode, behind whatever records come before", () => {
  const address = record(1, 60, Buffer.from([10, 0, 0, 7]));
  const records = Buffer.concat([address, address, option(1)]);
  const figures = dns(new Datagrams().client(message(1)).server(message(1, { rcode: 0, records, counts: [2, 0, 1] })));
  assert.equal([figures.statuses, figures.outcomes.clientError], [{ 16: 1 }, 1]);
});

test("servers that ask each other from one port are each the client of what they ask", () => {
  const talk = new Datagrams({ clientPort: 53, serverPort: 53 });
  talk
    .client(message(1))
    .server(message(1, { rcode: 0 }))
    .server(message(2))
    .client(message(2, { rcode: 0 }));
  const edges = read(pcap(talk.packets)).edges.map(({ client, server, requests }) => [client, server, requests]);
  assert.equal(edges, [
    ["10.0.0.1", "10.0.0.53:53", 1],
    ["10.0.0.53", "10.0.0.1:53", 1],
  ]);
});

test("multicast DNS, NetBIOS and datagrams of anything else are not counted", () => {
  const groups = [new Datagrams({ server: "224.0.0.251" }), new Datagrams({ client: "fe80::1", server: "ff02::fb" })];
  for (const talk of groups) assert.is(dns(talk.client(message(0))).requests, 0);
  const netbios = message(1, { name: "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", type: 33 });
  // Of NTP (mode 7), which has the form of a query with more records than any has.
  const ntp = message(0x9700, { counts: [36, 80, 24_682] });
  const others = [
    netbios,
    ntp,
    Buffer.alloc(40),
    Buffer.alloc(60, 1),
    Buffer.from("hello, this is some text of no protocol"),
  ];
  for (const bytes of others) assert.is(dns(new Datagrams().client(bytes)).requests, 0);
});

test("over TCP, wherever the bytes are cut, the same is counted", () => {
  const asked = Buffer.concat([framed(message(1)), framed(message(2, { type: AAAA })), framed(message(3))]);
  const answers = [message(2, { type: AAAA, rcode: 0 }), message(1, { rcode: 3 }), message(3, { rcode: 2 })];
  const told = Buffer.concat(answers.map(framed));
  for (let size = 1; size <= asked.length; size++) {
    const connection = open();
    for (let at = 0; at < asked.length; at += size) connection.client(asked.subarray(at, at + size));
    for (let at = 0; at < told.length; at += size) connection.server(told.subarray(at, at + size));
    const document = read(pcap(connection.packets));
    const { success, clientError, serverError } = figuresOf(document, "dns").outcomes;
    assert.equal([success, clientError, serverError], [1, 1, 1], `in pieces of ${size}`);
    assert.equal(document.losses, {});
  }
});

test("the latency over TCP is to the answer's last byte; the further messages of a transfer are no answers", () => {
  const big = Buffer.concat([message(1, { type: 252, rcode: 0 }), Buffer.alloc(3000)]);
  const connection = open()
    .client(framed(message(1, { type: 252 })))
    .wait(99);
  connection.server(framed(big).subarray(0, 1400)).wait(99).server(framed(big).subarray(1400));
  const figures = dns(connection.server(framed(big)).server(framed(big)));
  assert.equal([figures.requests, figures.responses], [1, 1]);
  assert.ok(Math.abs(figures.latencyMs.p50! - 200) < 3, `${figures.latencyMs.p50}`);
});

test("over TCP, after a gap the next message is counted", () => {
  for (const lost of [4, 5]) {
    const connection = open();
    for (let id = 0; id < 5; id++)
      connection
        .client(framed(message(id)))
        .server(framed(message(id, { rcode: 0 })))
        .wait(300);
    connection.packets.splice(lost, 1);
    const figures = dns(connection.close());
    assert.is(figures.outcomes.success, 4, `without packet ${lost}`);
  }
});

test("a connection that is joined midway is counted from there on", () => {
  const connection = open()
    .client(framed(message(1)))
    .server(framed(message(1, { rcode: 0 })));
  connection
    .client(framed(message(2)))
    .server(framed(message(2, { rcode: 3 })))
    .close();
  const figures = figuresOf(read(pcap(connection.packets.slice(4))), "dns");
  assert.equal([figures.requests, figures.responses, figures.outcomes.clientError], [1, 2, 1]);
});

test("what is cut behind the question does not matter", () => {
  const records = Buffer.alloc(400);
  const talk = new Datagrams().client(message(1)).server(message(1, { rcode: 3, records, counts: [9, 0, 0] }));
  assert.is(figuresOf(read(pcap(talk.packets, { snaplen: 96 })), "dns").outcomes.clientError, 1);
});

test("lengths that cannot be are no messages", () => {
  for (const length of [0, 5, 11, 65_535]) {
    const bad = Buffer.concat([Buffer.from([length >> 8, length & 255]), Buffer.alloc(40)]);
    const connection = open()
      .client(framed(message(1)))
      .server(framed(message(1, { rcode: 0 })))
      .client(bad);
    assert.is(dns(connection.close()).outcomes.success, 1, `${length}`);
    assert.is(dns(open().client(bad).server(bad).close()).requests, 0, `${length}`);
  }
});

test("thousands of mutated conversations end, and count no more than was sent", () => {
  for (const document of mutatedRounds({ seeds, seed: 53, count: 200, header: 28 })) {
    const { requests } = figuresOf(document, "dns");
    assert.ok(requests > 200 && requests <= 1400, `${requests}`);
  }
});

test.run();
