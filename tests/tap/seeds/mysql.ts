/** Packets of MySQL's protocol, and conversations of them whose mutations the parser must stand. */
import { deflateSync } from "node:zlib";

import { Connection } from "../packets.ts";
import type { Packet } from "../packets.ts";

const bytes = (...values: readonly number[]) => Buffer.from(values);
/** Pieces one after the other. */
export const all = (...parts: readonly (string | Buffer)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
const int16 = (value: number) => bytes(value & 255, value >> 8);
const int32 = (value: number) => Buffer.concat([int16(value & 0xffff), int16(value >>> 16)]);

/** A packet: a length, its number, and what it holds. */
export function packet(number: number, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = all(...parts);
  return Buffer.concat([bytes(body.length & 255, (body.length >> 8) & 255, body.length >> 16, number & 255), body]);
}

export const CAPABILITIES = { compress: 0x20, localFiles: 0x80, protocol41: 0x200, ssl: 0x800, plain: 0x0fffa68d };

export function greeting(capabilities = CAPABILITIES.plain, version = "8.0.36"): Buffer {
  const lower = int16(capabilities & 0xffff);
  const upper = int16(capabilities >>> 16);
  const salt = "12345678";
  return packet(
    0,
    bytes(10),
    `${version}\0`,
    int32(7),
    salt,
    bytes(0),
    lower,
    bytes(255),
    int16(2),
    upper,
    bytes(21),
    Buffer.alloc(10),
    "123456789012\0",
  );
}

export function login(capabilities = CAPABILITIES.protocol41): Buffer {
  return packet(1, int32(capabilities), int32(1 << 24), bytes(255), Buffer.alloc(23), "shop\0", bytes(0));
}

export const sslRequest = packet(
  1,
  int32(CAPABILITIES.protocol41 | CAPABILITIES.ssl),
  int32(1 << 24),
  bytes(255),
  Buffer.alloc(23),
);

export const command = (number: number, ...parts: readonly (string | Buffer)[]) => packet(0, bytes(number), ...parts);
export const quit = command(1);
export const initDb = (name: string) => command(2, name);
export const query = (sql: string) => command(3, sql);
export const fieldList = (table: string) => command(4, `${table}\0`);
export const statistics = command(9);
export const ping = command(14);
export const changeUser = command(17, "shop\0", bytes(0));
export const prepare = (sql: string) => command(22, sql);
export const execute = (id: number, flags = 0) => command(23, int32(id), bytes(flags), int32(1));
export const closeStatement = (id: number) => command(25, int32(id));
export const resetStatement = (id: number) => command(26, int32(id));
export const fetchRows = (id: number) => command(28, int32(id), int32(10));

export const STATUS = { autocommit: 2, moreResults: 8, cursor: 0x40, noBackslash: 0x200 };

export const ok = (number = 1, status = STATUS.autocommit) => packet(number, bytes(0, 1, 0), int16(status), int16(0));
export const eof = (number: number, status = STATUS.autocommit) => packet(number, bytes(0xfe), int16(0), int16(status));
/** The OK that ends rows since MySQL 5.7, in the place of an EOF. */
export const end = (number: number, status = STATUS.autocommit) =>
  packet(number, bytes(0xfe, 0, 0), int16(status), int16(0));
export const error = (code: number, state: string, number = 1) =>
  packet(number, bytes(0xff), int16(code), `#${state}`, "wrong");
export const authSwitch = packet(2, bytes(0xfe), "mysql_native_password\0", "12345678901234567890\0");
export const prepared = (id: number, columns: number, parameters: number) =>
  packet(1, bytes(0), int32(id), int16(columns), int16(parameters), bytes(0), int16(0));
export const column = (number: number) =>
  packet(number, "\x03def\x04shop\x06orders\x06orders\x02id\x02id\x0c", Buffer.alloc(12));
export const row = (number: number, text = "abc") => packet(number, bytes(text.length), text);

/** A result of one column and some rows. */
export function result({ rows = 2, from = 1, isClassic = true, status = STATUS.autocommit } = {}): Buffer {
  let number = from;
  const packets = [packet(number++, bytes(1)), column(number++)];
  if (isClassic) packets.push(eof(number++));
  for (let i = 0; i < rows; i++) packets.push(row(number++));
  packets.push(isClassic ? eof(number, status) : end(number, status));
  return Buffer.concat(packets);
}

/** A connection of a client that is logged in. */
export function connected(port = 3306): Connection {
  return new Connection({ serverPort: port }).open().server(greeting()).client(login()).server(ok(2));
}

/** A piece of the compressed protocol, packed where it is worth it, as both sides do. */
export function piece(number: number, content: Buffer, least = 50): Buffer {
  const isPacked = content.length >= least;
  const body = isPacked ? deflateSync(content) : content;
  const head = Buffer.alloc(7);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = number;
  head.writeUIntLE(isPacked ? content.length : 0, 4, 3);
  return Buffer.concat([head, body]);
}

/** Content in pieces of a server's buffer. */
export function pieces(content: Buffer, buffer: number): Buffer {
  const count = Math.ceil(content.length / buffer);
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => piece(i + 1, content.subarray(i * buffer, (i + 1) * buffer))),
  );
}

/** A client that is logged in, and has agreed to compress. */
export function compressing(): Connection {
  const capabilities = CAPABILITIES.plain | CAPABILITIES.compress;
  const connection = new Connection({ serverPort: 3306 }).open().server(greeting(capabilities));
  return connection.client(login(CAPABILITIES.protocol41 | CAPABILITIES.compress)).server(ok(2));
}

const compressed = () =>
  compressing()
    .client(piece(0, query("SELECT * FROM orders WHERE name = 'somebody with a long name'")))
    .server(pieces(result({ rows: 900 }), 2000))
    .client(piece(0, prepare("SELECT a FROM t WHERE b = ?")))
    .server(piece(1, Buffer.concat([prepared(1, 1, 1), column(2), eof(3), column(4), eof(5)])))
    .client(piece(0, execute(1)))
    .server(piece(1, error(1062, "23000")))
    .client(piece(0, ping))
    .server(piece(1, ok()))
    .client(piece(0, quit))
    .close();

const plain = () =>
  connected()
    .client(initDb("shop"))
    .server(ok())
    .client(query("SELECT * FROM orders WHERE name = 'it\\'s'"))
    .server(result())
    .client(query("CALL p(1); SELECT 2"))
    .server(Buffer.concat([result({ status: STATUS.moreResults }), result({ from: 6, isClassic: false })]))
    .client(query("INSERT INTO orders VALUES (1)"))
    .server(error(1062, "23000"))
    .client(quit)
    .close();

const statements = () =>
  connected()
    .client(prepare("SELECT a FROM t WHERE b = ?"))
    .server(Buffer.concat([prepared(1, 1, 1), column(2), eof(3), column(4), eof(5)]))
    .client(execute(1, 1))
    .server(Buffer.concat([packet(1, bytes(1)), column(2), eof(3, STATUS.cursor)]))
    .client(fetchRows(1))
    .server(Buffer.concat([row(1), row(2), eof(3)]))
    .client(Buffer.concat([closeStatement(1), ping]))
    .server(ok())
    .close();

const files = () =>
  connected()
    .client(query("LOAD DATA LOCAL INFILE 'x' INTO TABLE t"))
    .server(packet(1, bytes(0xfb), "x"))
    .client(Buffer.concat([packet(2, "1,2\n"), packet(3)]))
    .server(ok(4))
    .client(changeUser)
    .server(authSwitch)
    .client(packet(3, "12345678901234567890"))
    .server(ok(4))
    .client(Buffer.concat([fieldList("t"), statistics]))
    .server(Buffer.concat([column(1), eof(2), packet(1, "Uptime: 7")]))
    .close();

const joined = () =>
  new Connection({ serverPort: 3306 }).client(query("SELECT 1")).server(result({ isClassic: false }));

export const seeds: readonly (readonly Packet[])[] = [
  plain().packets,
  statements().packets,
  files().packets,
  joined().packets,
  compressed().packets,
];
