/** Shapes of statements, as they come out of the module: of PostgreSQL's dialect and of MySQL's. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { randomOf } from "../../control/world/random.ts";
import { pcap } from "../packets.ts";
import type { Packet } from "../packets.ts";
import { figuresOf, read } from "../reading.ts";
import * as mysql from "../seeds/mysql.ts";
import * as postgresql from "../seeds/postgresql.ts";
import { CANARY, statement } from "../statements.ts";
import type { Dialect } from "../statements.ts";

/** A connection in which statements are sent and answered, one after the other. */
function conversation(dialect: Dialect, statements: readonly string[]): readonly Packet[] {
  const connection = dialect === "mysql" ? mysql.connected() : postgresql.connected();
  for (const sql of statements) {
    if (dialect === "mysql") connection.client(mysql.query(sql)).server(mysql.ok());
    else connection.client(postgresql.query(sql)).server(postgresql.ready());
  }
  return connection.packets;
}

function shapes(dialect: Dialect, statements: readonly string[]): string[] {
  const { endpoints } = figuresOf(read(pcap(conversation(dialect, statements))), dialect);
  return endpoints.map(({ endpoint }) => endpoint);
}

const shape = (sql: string, dialect: Dialect = "postgresql") => shapes(dialect, [sql])[0];

test("literals of all kinds become a question mark", () => {
  for (const literal of [
    "1",
    "-1.5e-10",
    ".5",
    "0xFF",
    "1_000",
    "'it''s'",
    "E'it\\'s'",
    "B'01'",
    "x'ff'",
    "N'a'",
    "U&'\\0041'",
    "$1",
    "$$it's$$",
    "$a$ $b$ ' $a$",
    "'a' 'b'",
    "TRUE",
    "null",
  ]) {
    assert.is(shape(`SELECT a FROM t WHERE b = ${literal} AND c`), "SELECT a FROM t WHERE b = ? AND c", literal);
  }
  for (const literal of [
    "1",
    "'it\\'s'",
    "'it''s'",
    '"it\'s"',
    '"a""b"',
    "0xFF",
    "x'ff'",
    "?",
    "_utf8'a'",
    "'a' 'b'",
  ]) {
    const expected = literal.startsWith("_") ? "b = _utf8 ?" : "b = ?";
    assert.is(
      shape(`SELECT a FROM t WHERE ${"b = "}${literal}`, "mysql"),
      `SELECT a FROM t WHERE ${expected}`,
      literal,
    );
  }
});

test("lists become one of their kind", () => {
  const cases = [
    ["SELECT * FROM t WHERE a IN (1)", "SELECT * FROM t WHERE a IN (?)"],
    ["SELECT * FROM t WHERE a IN (1, 'b',-3 , NULL)", "SELECT * FROM t WHERE a IN (?)"],
    ["SELECT * FROM t WHERE (a, b) IN ((1, 2), (3, 4), (5, 6))", "SELECT * FROM t WHERE (a, b) IN ((?))"],
    ["INSERT INTO t (a,b) VALUES (1,2),(3,4) RETURNING a", "INSERT INTO t(a, b) VALUES (?) RETURNING a"],
    ["INSERT INTO t VALUES (1, now()), (2, f(1, 2)), (3, (SELECT 1))", "INSERT INTO t VALUES (?, now())"],
    [
      "INSERT INTO t VALUES (1, now()), (2, now()) ON CONFLICT (a) DO UPDATE SET b = 1",
      "INSERT INTO t VALUES (?, now()) ON CONFLICT (a) DO UPDATE SET b = ?",
    ],
    ["SELECT f(1, 2, a), ARRAY[1, 2]", "SELECT f(?, a), ARRAY[?]"],
  ] as const;
  for (const [sql, expected] of cases) assert.is(shape(sql), expected);
  assert.is(
    shape("INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a), b = VALUES(b)", "mysql"),
    "INSERT INTO t VALUES (?) ON DUPLICATE KEY UPDATE a = VALUES (a), b = VALUES (b)",
  );
});

test("comments, white space and the case of keywords make no difference", () => {
  const expected = "SELECT a.b, c FROM t WHERE d >= ? ORDER BY e";
  for (const sql of [
    "select a.b,c from t where d>=1 order by e",
    "  SELECT\ta . b ,\n c\r\nFROM t WHERE d >= 1 ORDER BY e ; ",
    "/* secret /* nested */ */ select a.b, c -- secret\nfrom t where d >= 1 order by e -- secret",
    "select a.b, c from t where d>=+1 order by e /* secret",
  ]) {
    assert.is(shape(sql), expected, sql);
  }
  assert.is(
    shape("select a # secret\nfrom t -- secret\nwhere b = 1--1 /* secret */", "mysql"),
    "SELECT a FROM t WHERE b = ? - ?",
  );
  assert.is(shape("/*!40101 SET NAMES utf8 */", "mysql"), "SET NAMES utf8");
  assert.is(shape("/*M!100100 SET a = 1 */;", "mysql"), "SET a = ?");
});

test("operators, casts, variables and names stay as they are", () => {
  assert.is(
    shape(`SELECT a->>'x', b::text, "Order".c || 'd', e @> '{}', -f FROM "t-1" WHERE g <> ALL ($1) AND h IS NOT NULL`),
    `SELECT a ->> ?, b::text, "Order".c || ?, e @> ?, - f FROM "t-1" WHERE g <> ALL (?) AND h IS NOT NULL`,
  );
  assert.is(
    shape("SELECT @@session.x, @y, `a b`.`c` FROM t1 WHERE d := 1 LIMIT 5, 10", "mysql"),
    "SELECT @@session.x, @y, `a b`.`c` FROM t1 WHERE d := ? LIMIT ?",
  );
});

test("what could be a literal is taken for one", () => {
  assert.is(shape("hunter2"), "?");
  assert.is(shape("secret words; SELECT 1"), "?");
  assert.is(shape("SELECT 'it does not end, secret"), "SELECT ?");
  assert.is(shape("SELECT $x$ it does not end $y$ secret"), "SELECT ?");
  assert.is(shape('SELECT a FROM t WHERE b = "secret@example.com"'), "SELECT a FROM t WHERE b = ?");
  assert.is(shape('SELECT a FROM t WHERE b = "secret"', "mysql"), "SELECT a FROM t WHERE b = ?");
  assert.is(shape("SELECT E'a'\n'it\\'secret', b"), "SELECT ?, b");
});

test("a backslash that is half of a letter makes what follows unreadable", () => {
  const shiftJis = Buffer.concat([Buffer.from("SELECT '"), Buffer.from([0x95, 0x5c]), Buffer.from("', 'secret'")]);
  const connection = mysql.connected().client(mysql.command(3, shiftJis)).server(mysql.ok());
  connection.client(mysql.query("SELECT 'é\\'表\\'', a")).server(mysql.ok());
  const found = figuresOf(read(pcap(connection.packets)), "mysql").endpoints.map(({ endpoint }) => endpoint);
  assert.equal(found, ["SELECT ?", "SELECT ?, a"]);
});

test("a shape ends between two words, with a sign for what is missing", () => {
  const [long] = shapes("postgresql", [
    `SELECT ${Array.from({ length: 99 }, (_, i) => `column${i}`).join(", ")} FROM t`,
  ]);
  assert.match(long!, /^SELECT column0, .*, column\d\d?,?…$/);
  assert.ok(Buffer.byteLength(long!) <= 255 && Buffer.byteLength(long!) > 240);
});

for (const dialect of ["postgresql", "mysql"] as const) {
  test(`no literal of thousands of made-up statements leaves the module: ${dialect}`, () => {
    const random = randomOf(dialect.length);
    for (let round = 0; round < 30; round++) {
      const statements = Array.from({ length: 100 }, () => statement(dialect, random));
      const text = JSON.stringify(read(pcap(conversation(dialect, statements))));
      const leaked =
        text.includes(CANARY) && statements.find((sql) => JSON.stringify(shapes(dialect, [sql])).includes(CANARY));
      assert.not(leaked, leaked ? `${leaked}\n becomes ${shape(leaked, dialect)}` : undefined);
    }
  });

  test(`statements that differ in literals, lists, comments and space have one shape: ${dialect}`, () => {
    for (let seed = 0; seed < 500; seed += 50) {
      const [first, second] = [1, 2].map((variant) => {
        const seeds = Array.from({ length: 50 }, (_, i) => seed + i);
        return shapes(
          dialect,
          seeds.map((each) => statement(dialect, randomOf(each), randomOf(each * 2 + variant))),
        ).sort();
      });
      assert.ok(first!.length > 20);
      assert.equal(first, second);
    }
  });
}

test("names of all lengths stay as they are, and keywords of all lengths become capitals", () => {
  for (let size = 1; size <= 40; size++) {
    for (const ending of ["", "_", "$", "9", "é"]) {
      const name = `t${"aZ_9".repeat(10)}`.slice(0, size) + ending;
      assert.is(
        shape(`select ${name} from ${name},b where ${name}=1`),
        `SELECT ${name} FROM ${name}, b WHERE ${name} = ?`,
      );
    }
  }
  assert.is(shape("select sql_calc_Found_rows a FROM t", "mysql"), "SELECT SQL_CALC_FOUND_ROWS a FROM t");
  assert.is(shape("create_Replication_slot s"), "CREATE_REPLICATION_SLOT s");
});

test.run();
