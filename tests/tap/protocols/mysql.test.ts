/** What MySQL's commands are counted as. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Connection, pcap } from "../packets.ts";
import { documentOf, figuresOf, read } from "../reading.ts";
import {
  all,
  CAPABILITIES,
  STATUS,
  authSwitch,
  changeUser,
  closeStatement,
  column,
  command,
  connected,
  eof,
  error,
  execute,
  fetchRows,
  fieldList,
  greeting,
  initDb,
  login,
  ok,
  packet,
  ping,
  prepare,
  prepared,
  query,
  quit,
  resetStatement,
  result,
  row,
  sslRequest,
  statistics,
} from "../seeds/mysql.ts";

const ANY_PORT = 7002;
const figures = (connection: Connection) => figuresOf(documentOf(connection), "mysql");
const endpoints = (connection: Connection) =>
  Object.fromEntries(figures(connection).endpoints.map(({ endpoint, requests }) => [endpoint, requests]));
const outcomes = (success: number, clientError = 0, serverError = 0, noAnswer = 0) => {
  return { success, clientError, serverError, notReached: 0, noAnswer };
};

test("a command that is answered is a request, named by itself or by the shape of what it asks", () => {
  const connection = connected(ANY_PORT);
  for (const [asked, answered] of [
    [query("SELECT * FROM orders WHERE id = 7"), result()],
    [query("SELECT * FROM orders WHERE id = 'it\\'s'"), result({ isClassic: false })],
    [query("DELETE FROM orders"), ok()],
    [initDb("secret"), ok()],
    [ping, ok()],
    [fieldList("secret"), all(column(1), column(2), eof(3))],
    [statistics, packet(1, "Uptime: 7")],
    [resetStatement(1), ok()],
    [command(27, Buffer.from([0, 0])), eof(1)],
    [command(10), result()],
  ] as const) {
    connection.client(asked).server(answered);
  }
  connection.client(quit).close();
  const document = documentOf(connection);
  assert.equal(figuresOf(document, "mysql").outcomes, outcomes(10));
  assert.equal(document.losses, {});
  assert.equal(endpoints(connection), {
    "SELECT * FROM orders WHERE id = ?": 2,
    "DELETE FROM orders": 1,
    COM_INIT_DB: 1,
    COM_PING: 1,
    COM_FIELD_LIST: 1,
    COM_STATISTICS: 1,
    COM_STMT_RESET: 1,
    COM_SET_OPTION: 1,
    COM_PROCESS_INFO: 1,
  });
});

test("logging in is no request, however many steps it has and however it ends", () => {
  const switched = new Connection().open().server(greeting()).client(login()).server(authSwitch);
  switched
    .client(packet(3, "scrambled"))
    .server(packet(4, Buffer.from([1, 3])))
    .server(ok(5));
  assert.is(figures(switched.client(ping).server(ok())).requests, 1);
  const refused = new Connection()
    .open()
    .server(greeting())
    .client(login())
    .server(error(1045, "28000", 2))
    .close();
  assert.is(figures(refused).requests, 0);
  const full = new Connection()
    .open()
    .server(packet(0, Buffer.from([0xff, 0x10, 0x04]), "Too many connections"))
    .close();
  assert.is(figures(full).requests, 0);
  assert.equal(documentOf(full).losses, {});
});

test("what follows the wish for TLS is told by its content", () => {
  const connection = new Connection().open().server(greeting()).client(sslRequest);
  connection.client("GET / HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  assert.is(figuresOf(documentOf(connection), "http").requests, 1);
});

test("a connection that is compressed by Zstandard is counted as a loss", () => {
  const connection = new Connection().open().server(greeting(CAPABILITIES.plain | 0x4000000));
  connection.client(login(CAPABILITIES.protocol41 | 0x4000000)).server(ok(2));
  connection.client(all(packet(0), query("SELECT 1"))).close();
  const document = documentOf(connection);
  assert.equal([figuresOf(document, "mysql").requests, document.losses["unparsed"]], [0, 1]);
  const refused = new Connection().open().server(greeting(CAPABILITIES.plain & ~CAPABILITIES.compress));
  refused
    .client(login(CAPABILITIES.protocol41 | CAPABILITIES.compress))
    .server(ok(2))
    .client(ping)
    .server(ok());
  assert.is(figures(refused).requests, 1);
});

test("errors have their code as status, and say whose fault they are", () => {
  for (const [code, state, outcome] of [
    [1062, "23000", "clientError"],
    [1064, "42000", "clientError"],
    [1146, "42S02", "clientError"],
    [1045, "28000", "clientError"],
    [1364, "HY000", "clientError"],
    [1205, "HY000", "serverError"],
    [1213, "40001", "serverError"],
    [1040, "08004", "serverError"],
    [1053, "08S01", "serverError"],
  ] as const) {
    const connection = connected().client(query("SELECT 1")).server(error(code, state));
    assert.is(figures(connection).outcomes[outcome], 1, `${code}`);
    assert.equal(figures(connection).statuses, { [code]: 1 });
  }
  const within = connected().client(query("SELECT 1"));
  within.server(all(packet(1, Buffer.from([1])), column(2), eof(3), row(4), error(1317, "70100", 5)));
  assert.equal(figures(within.client(ping).server(ok())).outcomes, outcomes(1, 0, 1));
  const progress = packet(1, Buffer.from([0xff, 0xff, 0xff]), "50%");
  assert.equal(
    figures(
      connected()
        .client(query("ALTER TABLE t"))
        .server(all(progress, ok(2))),
    ).outcomes,
    outcomes(1),
  );
});

test("several results are one answer", () => {
  for (const isClassic of [true, false]) {
    const more = { isClassic, status: STATUS.moreResults };
    const connection = connected().client(query("CALL p()"));
    connection.server(all(result(more), result({ ...more, from: 7, rows: 0 }), ok(12, STATUS.moreResults)));
    assert.is(figures(connection).outcomes.success, 0);
    connection.server(ok(13)).client(ping).server(ok());
    assert.equal(figures(connection).outcomes, outcomes(2));
    assert.equal(documentOf(connection).losses, {});
  }
});

test("a statement is known by its number, and has the shape with which it was prepared", () => {
  for (const isClassic of [true, false]) {
    const definitions = isClassic ? [column(2), eof(3), column(4), eof(5)] : [column(2), column(3)];
    const connection = connected()
      .client(prepare("SELECT a FROM t WHERE b = ?"))
      .server(all(prepared(9, 1, 1), ...definitions))
      .client(execute(9))
      .server(result({ isClassic }))
      .client(all(closeStatement(9), prepare("DELETE FROM t")))
      .server(prepared(10, 0, 0))
      .client(execute(10))
      .server(ok())
      .client(execute(9))
      .server(error(1243, "HY000"));
    assert.equal(endpoints(connection), {
      "PREPARE SELECT a FROM t WHERE b = ?": 1,
      "SELECT a FROM t WHERE b = ?": 1,
      "PREPARE DELETE FROM t": 1,
      "DELETE FROM t": 1,
      "~other": 1,
    });
    assert.equal(figures(connection).outcomes, outcomes(4, 1));
    assert.equal(documentOf(connection).losses, {});
  }
});

test("MariaDB may execute what it prepared last before it knows the number", () => {
  const connection = connected().client(all(prepare("SELECT 1"), execute(0xffffffff)));
  connection.server(all(prepared(1, 1, 0), column(2), eof(3), result()));
  assert.equal(endpoints(connection), { "PREPARE SELECT ?": 1, "SELECT ?": 1 });
  assert.equal(figures(connection).outcomes, outcomes(2));
});

test("rows of a cursor are fetched by requests of their own", () => {
  const connection = connected()
    .client(execute(1, 1))
    .server(all(packet(1, Buffer.from([1])), column(2), eof(3, STATUS.cursor)))
    .client(fetchRows(1))
    .server(all(packet(1, Buffer.from([0, 0, 7])), eof(2, 0x80)));
  assert.equal(figures(connection).outcomes, outcomes(2));
});

test("a file that the client loads is part of its query", () => {
  const connection = connected().client(query("LOAD DATA LOCAL INFILE 'secret' INTO TABLE t"));
  connection.server(packet(1, Buffer.from([0xfb]), "secret"));
  for (let number = 2; number < 300; number++) connection.client(packet(number, "\x03SELECT 1"));
  connection.client(packet(300)).server(ok(301)).client(ping).server(ok());
  assert.equal(endpoints(connection), { "LOAD DATA LOCAL INFILE ? INTO TABLE t": 1, COM_PING: 1 });
});

test("another user logs in within one request", () => {
  const connection = connected().client(changeUser).server(authSwitch).client(packet(3, "scrambled")).server(ok(4));
  connection.client(changeUser).server(error(1045, "28000"));
  assert.equal(endpoints(connection), { COM_CHANGE_USER: 2 });
  assert.equal(figures(connection).outcomes, outcomes(1, 1));
});

test("replication is a request, and what streams from then on is not looked at", () => {
  const connection = connected()
    .client(command(18, Buffer.alloc(10)))
    .server(all(packet(1, Buffer.alloc(20)), packet(2, "\xff")));
  connection.server(packet(3, Buffer.alloc(99)));
  assert.equal(endpoints(connection), { COM_BINLOG_DUMP: 1 });
  assert.equal(documentOf(connection).losses, {});
});

test("attributes of a query are passed over, and where they cannot be read nothing is told", () => {
  const attribute = (type: number, name: string, value: Buffer) =>
    all(Buffer.from([1, 1, 0, 1, type, 0, name.length]), Buffer.from(name), value);
  const sql = Buffer.from("SELECT 1");
  const connection = connected();
  for (const before of [
    Buffer.from([0, 1]),
    attribute(8, "secret", Buffer.alloc(8)),
    attribute(254, "", Buffer.from("\x06secret")),
    attribute(12, "a", Buffer.from([4, 1, 2, 3, 4])),
    all(Buffer.from([1, 1, 1, 1, 8, 0, 1]), Buffer.from("n")),
  ]) {
    connection.client(command(3, before, sql)).server(ok());
  }
  connection.client(command(3, attribute(254, "n", Buffer.from([0xfe])), sql)).server(ok());
  assert.equal(endpoints(connection), { "SELECT ?": 5, "~other": 1 });
});

test("packets of 16 MB go on in the next one", () => {
  const connection = connected();
  const send = (side: "client" | "server", bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += 60_000) connection[side](bytes.subarray(at, at + 60_000));
  };
  const most = 0xffffff;
  send(
    "client",
    all(packet(0, "\x03INSERT INTO t VALUES ('", Buffer.alloc(most - 24, 97)), packet(1, "\x03SELECT 1')")),
  );
  connection.wait(50).server(ok(2)).client(query("SELECT a FROM t"));
  connection.server(all(packet(1, Buffer.from([1])), column(2), eof(3)));
  send("server", all(packet(4, Buffer.alloc(most, 97)), packet(5, Buffer.from([0xfe, 0, 0]))));
  connection.server(eof(6)).client(ping).server(ok());
  const { endpoints: found } = figuresOf(read(pcap(connection.packets), 2 ** 20), "mysql");
  const counts = Object.fromEntries(found.map(({ endpoint, requests }) => [endpoint, requests]));
  assert.equal(counts, { "INSERT INTO t VALUES (?…": 1, "SELECT a FROM t": 1, COM_PING: 1 });
  const insert = found.find(({ endpoint }) => endpoint.startsWith("INSERT"))!;
  assert.ok(Math.abs(insert.latencyMs.p50! - 51) < 1, `${insert.latencyMs.p50}`);
});

test.run();
