import { test } from "uvu";
import * as assert from "uvu/assert";

import { mutatedRounds } from "../mutated-rounds.ts";
import { Connection, pcap } from "../packets.ts";
import { documentOf, figuresOf, read, tcpOf } from "../reading.ts";
import {
  bind,
  bound,
  cancelRequest,
  closeStatement,
  columns,
  complete,
  connected,
  error,
  execute,
  flush,
  gssRequest,
  int16,
  int32,
  loggedIn,
  message,
  notice,
  parameter,
  parse,
  parsed,
  query,
  ready,
  row,
  seeds,
  sslRequest,
  startup,
  suspended,
  sync,
  terminate,
} from "../seeds/postgresql.ts";

const ANY_PORT = 7001;
const all = (...messages: readonly Buffer[]) => Buffer.concat(messages);
const figures = (connection: Connection) => figuresOf(documentOf(connection), "postgresql");
const endpoints = (connection: Connection) =>
  Object.fromEntries(figures(connection).endpoints.map(({ endpoint, requests }) => [endpoint, requests]));
const outcomes = (success: number, clientError = 0, serverError = 0, noAnswer = 0) => {
  return { success, clientError, serverError, notReached: 0, noAnswer };
};

test("a query is a request, whatever it returns and whatever comes in between", () => {
  const connection = connected(ANY_PORT)
    .client(query("SELECT * FROM orders WHERE id = 7"))
    .server(all(columns, row, notice, row, message("A", int32(1), "channel", "payload"), complete(), ready()))
    .client(query(""))
    .server(all(message("I"), ready()))
    .client(query("BEGIN; SELECT 1"))
    .server(all(complete("BEGIN"), columns, row, complete(), ready("T")))
    .client(terminate)
    .close();
  const document = documentOf(connection);
  assert.equal(figuresOf(document, "postgresql").outcomes, outcomes(3));
  assert.equal(document.losses, {});
  assert.equal(endpoints(connection), {
    "SELECT * FROM orders WHERE id = ?": 1,
    "(empty)": 1,
    "BEGIN; SELECT ?": 1,
  });
});

test("logging in is no request, also where it is refused", () => {
  for (const answer of [error("28P01", "FATAL"), all(message("R", int32(10), "SCRAM-SHA-256"), error("53300"))]) {
    const connection = new Connection().open().client(startup).server(answer).close();
    assert.is(figures(connection).requests, 0);
  }
  assert.is(figures(connected().client(message("p", "secret")).client(terminate).close()).requests, 0);
});

test("what follows a yes to encryption is told by its content, and a no is not the end", () => {
  for (const ask of [sslRequest, gssRequest]) {
    const refused = new Connection().open().client(ask).server("N").client(startup).server(loggedIn);
    assert.is(figures(refused.client(query("SELECT 1")).server(all(complete(), ready()))).requests, 1);
  }
  const upgraded = new Connection().open().client(sslRequest).server("S");
  upgraded.client("GET / HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  assert.is(figuresOf(documentOf(upgraded), "http").requests, 1);
  const encrypted = new Connection().open().client(gssRequest).server("G").client(query("SELECT 1"));
  assert.is(figures(encrypted).requests, 0);
  assert.equal(documentOf(encrypted).losses, {});
  const old = new Connection().open().client(sslRequest).server(error("08P01", "FATAL")).close();
  assert.equal(documentOf(old).losses, {});
});

test("a cancel request is none", () => {
  const connection = new Connection().open().client(cancelRequest).close();
  assert.is(figures(connection).requests, 0);
  assert.is(tcpOf(documentOf(connection)).connections, 1);
});

test("errors say whose fault they are by the class of their SQLSTATE, which is the status where digits allow", () => {
  const cases = [
    ["23505", "clientError", { 23505: 1 }],
    ["42P01", "clientError", { 42000: 1 }],
    ["22012", "clientError", { 22012: 1 }],
    ["0A000", "clientError", {}],
    ["P0001", "clientError", {}],
    ["40001", "serverError", { 40001: 1 }],
    ["53300", "serverError", { 53300: 1 }],
    ["57014", "serverError", { 57014: 1 }],
    ["08006", "serverError", { 8006: 1 }],
    ["72000", "serverError", {}],
    ["XX000", "serverError", {}],
    ["\xff!?%a", "serverError", {}],
  ] as const;
  for (const [state, outcome, statuses] of cases) {
    const connection = connected()
      .client(query("SELECT 1"))
      .server(all(error(state), ready()));
    assert.is(figures(connection).outcomes[outcome], 1, state);
    assert.equal(figures(connection).statuses, statuses, state);
  }
});

test("each Execute is a request: of a pipeline, of a portal with a limit of rows", () => {
  const connection = connected()
    .client(all(parse("SELECT $1", "s1"), bind("s1"), execute(), bind("s1"), execute(), flush))
    .server(all(parsed, bound, row, complete(), bound, row, complete()))
    .client(sync)
    .server(ready())
    .client(all(parse("SELECT * FROM big"), bind("", "p"), execute("p", 2), sync))
    .server(all(parsed, bound, row, row, suspended, ready("T")))
    .client(all(execute("p", 2), sync))
    .server(all(row, complete(), ready("T")));
  assert.equal(figures(connection).outcomes, outcomes(4));
  assert.equal(endpoints(connection), { "SELECT ?": 2, "SELECT * FROM big": 2 });
  assert.equal(documentOf(connection).losses, {});
});

test("batches that were sent before the answers came are answered in their order", () => {
  const connection = connected()
    .client(all(query("SELECT 1"), parse("UPDATE t SET a = $1"), bind(), execute(), sync, query("DELETE FROM t")))
    .server(all(columns, row, complete(), ready(), parsed, bound, complete("UPDATE 1"), ready()))
    .server(all(error("55P03"), ready()));
  const { endpoints: found } = figures(connection);
  assert.is(found.find(({ endpoint }) => endpoint === "DELETE FROM t")?.outcomes.serverError, 1);
  assert.equal(figures(connection).outcomes, outcomes(2, 0, 1));
});

test("what is passed over after an error comes to that error, up to the Sync", () => {
  const connection = connected()
    .client(
      all(parse("INSERT INTO t VALUES ($1)", "i"), bind("i"), execute(), bind("i"), execute(), bind("i"), execute()),
    )
    .client(all(sync, bind("i"), execute(), sync))
    .server(all(parsed, bound, complete("INSERT 0 1"), bound, error("23505"), ready(), bound, complete(), ready()));
  assert.equal(figures(connection).outcomes, outcomes(2, 2));
  assert.equal(figures(connection).statuses, { 23505: 2 });
});

test("a statement that is refused when it is prepared counts, though it was never executed", () => {
  const connection = connected()
    .client(all(parse("SELEC 1", "s"), message("D", Buffer.from("S"), "s"), sync))
    .server(all(error("42601"), ready()))
    .client(all(parse("SELECT nope"), bind(), execute(), sync))
    .server(all(error("42703"), ready()))
    .client(all(parse("SELECT 1", "good"), message("D", Buffer.from("S"), "good"), sync))
    .server(all(parsed, message("t", int16(0)), columns, ready()));
  assert.equal(figures(connection).outcomes, outcomes(0, 2));
  assert.equal(endpoints(connection), { "?": 1, "SELECT nope": 1 });
});

test("COPY is one request in either direction, and a function call is one", () => {
  const data = message("d", Buffer.from("1\tsecret\n"));
  const connection = connected()
    .client(query("COPY t FROM STDIN"))
    .server(message("G", Buffer.from([0]), int16(0)))
    .client(all(data, data, message("c")))
    .server(all(complete("COPY 2"), ready()))
    .client(query("COPY t TO STDOUT"))
    .server(all(message("H", Buffer.from([0]), int16(0)), data, data, message("c"), complete("COPY 2"), ready()))
    .client(message("F", int32(1), int16(0), int16(0), int16(0)))
    .server(all(message("V", int32(-1 >>> 0)), ready()))
    .client(query("START_REPLICATION SLOT s LOGICAL 0/0"))
    .server(all(message("W", Buffer.from([0]), int16(0)), data));
  assert.equal(figures(connection).outcomes, outcomes(4));
  assert.is(endpoints(connection)["FUNCTION CALL"], 1);
});

test("the latency of a query is up to ReadyForQuery, that of an Execute up to its completion", () => {
  const simple = connected().client(query("SELECT 1").subarray(0, 8)).wait(500).client(query("SELECT 1").subarray(8));
  simple.wait(99).server(complete()).wait(99).server(ready());
  assert.ok(Math.abs(figures(simple).latencyMs.p50! - 201) < 3, `${figures(simple).latencyMs.p50}`);
  const extended = connected().client(all(parse("SELECT 1"), bind(), execute(), sync));
  extended
    .wait(99)
    .server(all(parsed, bound, complete()))
    .wait(99)
    .server(ready());
  assert.ok(Math.abs(figures(extended).latencyMs.p50! - 100) < 2, `${figures(extended).latencyMs.p50}`);
});

test("a long query is known by its beginning, and its time begins with its last byte", () => {
  const long = query(`INSERT INTO t VALUES (${"'secret', ".repeat(20_000)}1)`);
  const connection = connected();
  for (let at = 0; at < long.length; at += 1400) connection.client(long.subarray(at, at + 1400));
  connection.wait(9).server(all(complete("INSERT 0 1"), ready()));
  const { endpoints: found, latencyMs } = figures(connection);
  assert.equal(found[0]?.endpoint, "INSERT INTO t VALUES (?…");
  assert.ok(Math.abs(latencyMs.p50! - 10) < 1, `${latencyMs.p50}`);
});

test("statements are known by name until they are closed, as many as there is room for", () => {
  const connection = connected();
  for (let i = 0; i < 1000; i++)
    connection.client(all(parse(`SELECT ${i} FROM t${i % 50}`, `s${i}`), sync)).server(all(parsed, ready()));
  connection.client(all(bind("s999"), execute(), sync)).server(all(bound, complete(), ready()));
  connection.client(all(closeStatement("s999"), sync)).server(all(message("3"), ready()));
  connection.client(all(bind("s999"), execute(), sync)).server(all(bound, complete(), ready()));
  assert.equal(endpoints(connection), { "SELECT ? FROM t49": 1, "~other": 1 });
});

test("it does not matter where messages are cut into segments", () => {
  const asked = all(query("SELECT 'a'"), parse("SELECT $1", "s"), bind("s"), execute(), sync);
  const answered = all(columns, row, complete(), ready(), parsed, bound, row, error("22012"), ready());
  for (let size = 1; size < 40; size++) {
    const connection = new Connection().open();
    const send = (side: "client" | "server", bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += size) connection[side](bytes.subarray(at, at + size));
    };
    send("client", startup);
    send("server", loggedIn);
    send("client", asked);
    send("server", answered);
    const document = documentOf(connection.close());
    assert.equal(figuresOf(document, "postgresql").outcomes, outcomes(1, 1), `in pieces of ${size}`);
    assert.equal(document.losses, {});
  }
});

test("a connection is joined midway, by what the client or the server sends first", () => {
  for (const first of [
    query("SELECT * FROM t WHERE a = 'x'"),
    all(parse("SELECT * FROM t WHERE a = $1"), bind(), message("D", Buffer.from("P"), ""), execute(), sync),
  ]) {
    const connection = new Connection().client(first).server(all(parsed, bound, columns, row, complete(), ready()));
    assert.equal(endpoints(connection), { "SELECT * FROM t WHERE a = ?": 1 });
    assert.is(figures(connection).responses, 1);
  }
  const answer = new Connection().server(all(columns, row, complete(), ready())).client(query("SELECT 1"));
  answer.server(all(columns, row, complete(), ready()));
  assert.equal([figures(answer).requests, figures(answer).responses], [1, 2]);
  const named = new Connection().client(all(bind("s"), execute(), sync)).server(all(bound, complete(), ready()));
  assert.equal(endpoints(named), { "~other": 1 });
});

test("after a gap it goes on with the next message, and no answer goes to the wrong request", () => {
  for (const lost of [1, 2]) {
    const connection = connected();
    const before = connection.packets.length;
    connection.client(query("SELECT 1")).server(all(complete(), ready()));
    connection.client(query("DELETE FROM t")).server(all(error("42501"), ready()));
    connection.client(query("SELECT 2 FROM b")).server(all(complete(), ready()));
    connection.packets.splice(before + lost, 1);
    const found = figures(connection.close()).endpoints;
    const last = found.find(({ endpoint }) => endpoint === "SELECT ? FROM b");
    assert.equal(last?.outcomes, outcomes(1), `without packet ${lost}`);
    assert.is(found.find(({ endpoint }) => endpoint === "SELECT ?")?.outcomes.clientError, 0);
  }
});

test("a query that was cut in the capture is a request all the same", () => {
  const connection = connected()
    .client(query(`SELECT ${"1, ".repeat(100)}2`))
    .server(all(complete(), ready()));
  connection.client(query("SELECT 1")).server(all(complete(), ready())).close();
  const document = read(pcap(connection.packets, { snaplen: 200 }));
  const found = figuresOf(document, "postgresql").endpoints.map(({ endpoint, requests }) => [endpoint, requests]);
  assert.equal(found, [
    ["SELECT ?", 1],
    ["~other", 1],
  ]);
});

test("backslashes quote where the server says so, and nothing is told where it is not known", () => {
  const sql = "SELECT 'a\\' b, c, ' FROM t";
  const off = new Connection().open().client(startup);
  off.server(all(parameter("standard_conforming_strings", "off"), loggedIn.subarray(0, 9), ready()));
  assert.equal(endpoints(off.client(query(sql)).server(ready())), { "SELECT ? FROM t": 1 });
  assert.equal(endpoints(new Connection().client(query(sql)).server(ready())), { "SELECT ?": 1 });
});

test("an answer that was complete when the capture ended is one", () => {
  assert.equal(figures(connected().client(query("SELECT 1")).server(error("42703"))).outcomes, outcomes(0, 1));
  assert.equal(figures(connected().client(query("SELECT 1")).server(columns)).outcomes, outcomes(0, 0, 0, 1));
});

test("what is no message, or has a length that cannot be, is passed over and counted", () => {
  for (const bad of ["Q\xff\xff\xff\xff", "Q\0\0\0\x03", "~hello", "Z\0\0\0\x07abc"]) {
    const connection = connected().client(query("SELECT 1")).client(bad).server(bad).server(all(complete(), ready()));
    const document = documentOf(connection);
    assert.is(figuresOf(document, "postgresql").requests, 1, bad);
    assert.ok(document.losses["unparsed"], bad);
  }
});

test("what only resembles it is not taken for it", () => {
  for (const [asked, told] of [
    ["\0\0\0\x03\0\x03\0\0user\0x\0\0", error("08P01")],
    ["Q\0\0\0\x09\x01\x02\x03\x04\0", "Z\0\0\0\x05?"],
  ] as const) {
    assert.is(figures(new Connection().open().client(asked).server(told).close()).requests, 0);
  }
});

test("thousands of mutated conversations end, and count no more than was sent", () => {
  const most = Math.max(...seeds.map((packets) => packets.length));
  for (const document of mutatedRounds({ seeds, seed: 5432, count: 200 })) {
    const { requests } = figuresOf(document, "postgresql");
    assert.ok(requests > 200 && requests <= 200 * most, `${requests}`);
  }
});

test.run();
