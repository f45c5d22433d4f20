/** MySQL's compressed protocol: what is known of it by the beginnings of its pieces. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Connection, pcap } from "../packets.ts";
import { documentOf, figuresOf, read } from "../reading.ts";
import {
  all,
  closeStatement,
  column,
  compressing,
  eof,
  error,
  execute,
  ok,
  packet,
  piece,
  pieces,
  ping,
  prepare,
  prepared,
  query,
  quit,
  result,
} from "../seeds/mysql.ts";

const figures = (connection: Connection) => figuresOf(documentOf(connection), "mysql");
const LONG = "SELECT a, b, c FROM orders WHERE a = 'somebody' AND b = 'something' AND c = 17";
const SHAPE = "SELECT a, b, c FROM orders WHERE a = ? AND b = ? AND c = ?";

/** What is asked, answered, and what is counted of it. */
const EXCHANGES: readonly (readonly [asked: Buffer, answered: Buffer, endpoint: string])[] = [
  [query("SELECT 1"), result({ rows: 1 }), "SELECT ?"],
  [query(LONG), result({ rows: 400 }), SHAPE],
  [query("INSERT INTO orders VALUES (1)"), error(1062, "23000"), "INSERT INTO orders VALUES (?)"],
  [
    prepare("SELECT b FROM t WHERE a = ?"),
    all(prepared(7, 1, 1), column(2), eof(3), column(4), eof(5)),
    "PREPARE SELECT b FROM t WHERE a = ?",
  ],
  [execute(7), result({ isClassic: false }), "SELECT b FROM t WHERE a = ?"],
  [all(closeStatement(7), ping), ok(), "COM_PING"],
];

test("requests are counted by their shape, with what came of them, be they packed or too short for it", () => {
  for (const least of [0, 50, 1_000_000]) {
    for (let size = 1; size < 3000; size *= 3) {
      const connection = compressing();
      const send = (side: "client" | "server", bytes: Buffer) => {
        for (let at = 0; at < bytes.length; at += size) connection[side](bytes.subarray(at, at + size));
      };
      for (const [asked, answered] of EXCHANGES) {
        send("client", piece(0, asked, least));
        send("server", piece(1, answered, least));
      }
      const document = documentOf(connection.client(piece(0, quit)).close());
      const { endpoints, outcomes, statuses } = figuresOf(document, "mysql");
      const what = `packed from ${least} bytes on, in segments of ${size}`;
      assert.equal(endpoints.map(({ endpoint }) => endpoint).sort(), EXCHANGES.map(([, , name]) => name).sort(), what);
      assert.equal([outcomes.success, outcomes.clientError, statuses, document.losses], [5, 1, { 1062: 1 }, {}], what);
    }
  }
});

test("an answer of several pieces ends with the smaller one, or with the last that was there", () => {
  const rows = result({ rows: 9_000 });
  for (const buffer of [16_384, 20_000]) {
    const parts = pieces(rows, buffer);
    const connection = compressing()
      .client(piece(0, query(LONG)))
      .wait(9);
    for (let at = 0; at < parts.length; at += 1400) connection.server(parts.subarray(at, at + 1400)).wait(9);
    const answeredMicros =
      connection.packets.at(-1)!.micros - connection.packets.at(-Math.ceil(parts.length / 1400) - 1)!.micros;
    const { outcomes, latencyMs } = figures(connection.wait(5_000));
    assert.is(outcomes.success, 1);
    assert.ok(Math.abs(latencyMs.p50! - answeredMicros / 1000) <= latencyMs.p50! / 50, `${latencyMs.p50}`);
  }
  // As large as the buffer: more may come.
  const full = compressing()
    .client(piece(0, query(LONG)))
    .wait(98)
    .server(pieces(rows.subarray(0, 32_768), 16_384));
  for (const connection of [full, full.wait(5_000).client(piece(0, ping)).server(piece(1, ok()))]) {
    const { endpoints, outcomes } = figures(connection);
    assert.is(outcomes.noAnswer, 0);
    assert.ok(Math.abs(endpoints.find(({ endpoint }) => endpoint === SHAPE)!.latencyMs.p50! - 99) < 2);
  }
});

test("a statement that is long is read as far as its beginning, and timed to its end", () => {
  const text = Array.from({ length: 9_000 }, (_, i) => String.fromCharCode(97 + ((i * i * 31) % 26))).join("");
  const asked = query(`INSERT INTO notes VALUES ('${text.repeat(4)}')`);
  for (const whole of [piece(0, asked), piece(0, asked, 1_000_000)]) {
    const connection = compressing();
    for (let at = 0; at < whole.length; at += 1400) connection.client(whole.subarray(at, at + 1400)).wait(9);
    const { endpoints, latencyMs } = figures(connection.wait(89).server(piece(1, ok())));
    assert.ok(endpoints[0]?.endpoint.startsWith("INSERT INTO notes VALUES (?"), endpoints[0]?.endpoint);
    assert.ok(Math.abs(latencyMs.p50! - 99) < 2, `${latencyMs.p50}`);
  }
});

test("a file is loaded, and what is answered then is the answer", () => {
  const connection = compressing()
    .client(piece(0, query("LOAD DATA LOCAL INFILE 'x' INTO TABLE t")))
    .server(piece(1, packet(1, Buffer.from([0xfb]), "x")))
    .client(piece(2, all(packet(2, "1,2\n".repeat(99)), packet(3))))
    .server(piece(3, error(1146, "42S02", 4)));
  const { outcomes, statuses } = figures(connection);
  assert.equal([outcomes.success, outcomes.clientError, statuses], [0, 1, { 1146: 1 }]);
});

test("a connection is joined midway, be its commands packed or not, and goes on after a gap", () => {
  const talk = (connection: Connection) =>
    connection
      .client(piece(0, query(LONG)))
      .server(piece(1, result()))
      .client(piece(0, query("SELECT 1")))
      .server(piece(1, error(1317, "70100")))
      .client(piece(0, query(LONG)))
      .server(piece(1, result({ rows: 300 })));
  assert.equal(figures(talk(new Connection({ serverPort: 3306 }))).outcomes.success, 2);
  const short = new Connection({ serverPort: 3306 }).client(piece(0, query("SELECT 1"))).server(piece(1, ok()));
  assert.is(figures(short).outcomes.success, 1);
  const { packets } = talk(compressing());
  const count = packets.length;
  for (const lost of [6, 5, 4, 3]) {
    const document = read(pcap(packets.filter((_packet, i) => i !== count - lost)));
    const { requests, outcomes } = figuresOf(document, "mysql");
    assert.is(outcomes.serverError, lost === 3 || lost === 4 ? 0 : 1, `${lost}`);
    assert.ok(requests >= 2 && outcomes.success <= 2, `${lost}: ${requests}`);
  }
});

test.run();
