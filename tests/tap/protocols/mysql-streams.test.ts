/** MySQL's packets as they come: in pieces, from the middle on, with gaps, cut, wrong. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { mutatedRounds } from "../mutated-rounds.ts";
import { Connection, pcap } from "../packets.ts";
import { documentOf, figuresOf, read } from "../reading.ts";
import {
  all,
  STATUS,
  closeStatement,
  column,
  connected,
  end,
  eof,
  error,
  execute,
  greeting,
  login,
  ok,
  packet,
  ping,
  prepare,
  prepared,
  query,
  quit,
  result,
  row,
  seeds,
} from "../seeds/mysql.ts";

const figures = (connection: Connection) => figuresOf(documentOf(connection), "mysql");
const endpoints = (connection: Connection) =>
  Object.fromEntries(figures(connection).endpoints.map(({ endpoint, requests }) => [endpoint, requests]));
const outcomes = (success: number, clientError = 0, serverError = 0, noAnswer = 0) => {
  return { success, clientError, serverError, notReached: 0, noAnswer };
};

test("it does not matter where packets are cut into segments", () => {
  const asked = all(query("SELECT 'a'"));
  for (let size = 1; size < 40; size++) {
    const connection = new Connection().open();
    const send = (side: "client" | "server", bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += size) connection[side](bytes.subarray(at, at + size));
      return send;
    };
    send("server", greeting())("client", login())("server", ok(2));
    send("client", asked)("server", result())("client", all(closeStatement(3), prepare("SELECT ?")));
    send("server", all(prepared(1, 1, 1), column(2), eof(3), column(4), eof(5)))("client", execute(1));
    send("server", result({ isClassic: false }))("client", ping)("server", error(1317, "70100"));
    const document = documentOf(connection.client(quit).close());
    assert.equal(figuresOf(document, "mysql").outcomes, outcomes(3, 0, 1), `in pieces of ${size}`);
    assert.equal(document.losses, {});
  }
});

test("a connection is joined midway, also where its first commands are too short to tell", () => {
  for (const first of [query("SELECT 1"), query("(select 1)"), prepare("update t set a = ?"), execute(7)]) {
    const connection = new Connection().client(first).server(error(1317, "70100")).client(ping).server(ok());
    assert.equal(figures(connection).outcomes, outcomes(1, 0, 1));
  }
  const pings = new Connection()
    .client(ping)
    .server(ok())
    .client(query("SELECT 1"))
    .server(result({ isClassic: false }));
  assert.equal(figures(pings).outcomes, outcomes(2));
  const late = new Connection()
    .server(all(row(77), eof(78)))
    .client(query("SELECT 1"))
    .server(result());
  assert.equal(figures(late).outcomes, outcomes(1));
});

test("after a gap it goes on with the next command, and no answer goes to the wrong request", () => {
  for (const lost of [0, 1, 2, 3]) {
    const connection = connected();
    const before = connection.packets.length;
    connection.client(query("SELECT 1")).server(result());
    connection.client(query("DELETE FROM t")).server(error(1142, "42000"));
    connection.client(query("SELECT 2 FROM b")).server(result()).client(ping).server(ok());
    connection.packets.splice(before + lost, 1);
    const found = figures(connection.close()).endpoints;
    const outcomesOf = (name: string) => found.find(({ endpoint }) => endpoint === name)?.outcomes;
    assert.equal(outcomesOf("SELECT ? FROM b"), outcomes(1), `without packet ${lost}`);
    assert.equal(outcomesOf("COM_PING"), outcomes(1));
    assert.is(outcomesOf("SELECT ?")?.clientError ?? 0, 0);
  }
});

test("a command that was cut in the capture is a request all the same", () => {
  const connection = connected()
    .client(query(`SELECT ${"1, ".repeat(100)}2`))
    .server(ok())
    .client(ping)
    .server(ok())
    .close();
  const document = read(pcap(connection.packets, { snaplen: 200 }));
  const found = figuresOf(document, "mysql").endpoints.map(({ endpoint }) => endpoint);
  assert.equal(found, ["COM_PING", "~other"]);
});

test("backslashes quote unless the server says that they do not, and nothing is told where it is not known", () => {
  const sql = "SELECT 'a\\' b, c, ' FROM t";
  const plain = connected().client(ping).server(ok(1, STATUS.noBackslash)).client(query(sql)).server(ok());
  assert.is(endpoints(plain)["SELECT ? b, c, ?"], 1);
  assert.is(endpoints(connected().client(query(sql)).server(ok()))["SELECT ? FROM t"], 1);
  assert.is(endpoints(new Connection().client(query(sql)).server(ok()))["SELECT ?"], 1);
});

test("what is no packet is passed over and counted", () => {
  for (const bad of ["\x05\0\0\0\xfeabcd", "\x05\0\0\x07hello", "\0\0\0\0"]) {
    const document = documentOf(connected().client(bad).client(ping).server(ok()));
    assert.equal([figuresOf(document, "mysql").requests, document.losses["unparsed"]], [1, 1], bad);
  }
  const wrong = connected()
    .client(query("SELECT 1"))
    .server(packet(1, Buffer.alloc(99, 7)))
    .client(ping)
    .server(ok());
  assert.equal(figures(wrong).outcomes, outcomes(1, 0, 0, 1));
  assert.is(figures(connected().server(end(1)).client(ping).server(ok())).requests, 1);
});

test("what only resembles it is not taken for it", () => {
  for (const [asked, told] of [
    ["\x05\0\0\0\x03ABCD", "\x01\0\0\x01\x07"],
    ["\x01\0\0\0\x0e", "+PONG\r\n"],
    ["", "\x20\0\0\0\x0ahello, this is no version of it"],
    ["", "220 mail.example.com ESMTP\r\n"],
  ] as const) {
    assert.is(figures(new Connection().open().client(asked).server(told).close()).requests, 0);
  }
});

test("thousands of mutated conversations end, and count no more than was sent", () => {
  const most = Math.max(...seeds.map((packets) => packets.length));
  for (const document of mutatedRounds({ seeds, seed: 3306, count: 200 })) {
    const { requests } = figuresOf(document, "mysql");
    assert.ok(requests > 200 && requests <= 200 * most, `${requests}`);
  }
});

test.run();
