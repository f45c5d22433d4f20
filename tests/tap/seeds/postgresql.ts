/** Messages of PostgreSQL's protocol 3, and conversations of them whose mutations the parser must stand. */
import { Connection } from "../packets.ts";
import type { Packet } from "../packets.ts";

/** A message: a letter, a length, and parts of which texts end with a 0. */
export function message(letter: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)));
  return Buffer.concat([Buffer.from(letter), int32(body.length + 4), body]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);

const withLength = (body: Buffer) => Buffer.concat([int32(body.length + 4), body]);

export const sslRequest = withLength(int32(80877103));
export const gssRequest = withLength(int32(80877104));
export const cancelRequest = withLength(Buffer.concat([int32(80877102), int32(1), int32(2)]));
export const startup = withLength(Buffer.concat([int32(196608), Buffer.from("user\0shop\0database\0orders\0\0")]));

export const query = (sql: string) => message("Q", sql);
export const parse = (sql: string, name = "") => message("P", name, sql, int16(0));
export const bind = (statement = "", portal = "", value = "7") =>
  message(
    "B",
    portal,
    statement,
    int16(0),
    int16(1),
    Buffer.concat([int32(value.length), Buffer.from(value)]),
    int16(0),
  );
export const execute = (portal = "", rows = 0) => message("E", portal, int32(rows));
export const closeStatement = (name: string) => message("C", Buffer.from("S"), name);
export const sync = message("S");
export const flush = message("H");
export const terminate = message("X");

export const ready = (state = "I") => message("Z", Buffer.from(state));
export const complete = (tag = "SELECT 1") => message("C", tag);
export const parsed = message("1");
export const bound = message("2");
export const suspended = message("s");
export const row = message("D", int16(1), int32(3), Buffer.from("abc"));
export const columns = message("T", int16(1), "name", Buffer.alloc(18));
export const notice = message("N", Buffer.from("SNOTICE\0C00000\0Mbe careful\0\0"));
export const error = (state: string, severity = "ERROR") =>
  message("E", Buffer.from(`S${severity}\0V${severity}\0C${state}\0Mwrong\0\0`));
export const parameter = (name: string, value: string) => message("S", name, value);

/** What a server says when a client logs in. */
export const loggedIn = Buffer.concat([
  message("R", int32(0)),
  parameter("standard_conforming_strings", "on"),
  message("K", int32(1), int32(2)),
  ready(),
]);

/** A connection of a client that is logged in. */
export function connected(port = 5432): Connection {
  return new Connection({ serverPort: port }).open().client(startup).server(loggedIn);
}

const simple = () =>
  new Connection({ serverPort: 5432 })
    .open()
    .client(sslRequest)
    .server("N")
    .client(startup)
    .server(loggedIn)
    .client(query("SELECT * FROM orders WHERE id = 7; SELECT 'x'"))
    .server(Buffer.concat([columns, row, complete(), columns, row, complete(), ready()]))
    .client(query("INSERT INTO orders VALUES (1, 'a'), (2, 'b')"))
    .server(Buffer.concat([notice, error("23505"), ready()]))
    .client(terminate)
    .close();

const extended = () =>
  connected()
    .client(Buffer.concat([parse("SELECT $1::int", "one"), bind("one", "p"), execute("p", 10), sync]))
    .server(Buffer.concat([parsed, bound, row, suspended, ready("T")]))
    .client(Buffer.concat([execute("p", 10), closeStatement("one"), sync, parse("SELEC"), bind(), execute(), sync]))
    .server(Buffer.concat([row, complete(), message("3"), ready(), error("42601"), ready()]))
    .close();

const copy = () =>
  connected()
    .client(query("COPY orders FROM STDIN"))
    .server(message("G", Buffer.from([0]), int16(0)))
    .client(Buffer.concat([message("d", Buffer.from("1\tx\n")), message("c")]))
    .server(Buffer.concat([complete("COPY 1"), ready()]))
    .close();

const joined = () =>
  new Connection({ serverPort: 5432 })
    .client(query("UPDATE t SET a = E'it\\'s' WHERE b IN (1, 2)"))
    .server(Buffer.concat([complete("UPDATE 1"), ready()]));

export const seeds: readonly (readonly Packet[])[] = [
  simple().packets,
  extended().packets,
  copy().packets,
  joined().packets,
];
