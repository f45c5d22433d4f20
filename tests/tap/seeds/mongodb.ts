/** Conversations of MongoDB whose mutations the parser must stand. */
import {
  CHECKSUM,
  MORE_TO_COME,
  bson,
  compressed,
  cstring,
  int,
  message,
  msg,
  query,
  reply,
} from "../mongodb-messages.ts";
import { Connection } from "../packets.ts";
import type { Packet } from "../packets.ts";

const modern = new Connection({ serverPort: 7000 })
  .open()
  .client(query("admin.$cmd", { isMaster: 1, client: { driver: { name: "any" } } }, { id: 1 }))
  .server(reply([{ ismaster: true, ok: 1 }], { id: 900, to: 1 }))
  .client(
    msg({ insert: "orders", ordered: true, $db: "shop" }, { id: 2, documents: [{ a: 1 }, { b: "x".repeat(200) }] }),
  )
  .server(msg({ n: 1, writeErrors: [{ index: 1, code: 11000, errmsg: "twice" }], ok: 1.5 }, { id: 901, to: 2 }))
  .client(msg({ find: "orders", filter: { a: 1, ok: 0 }, $db: "shop" }, { id: 3, flags: CHECKSUM }))
  .server(msg({ cursor: { firstBatch: [{ ok: 0, code: 7 }], id: 5n }, ok: 1 }, { id: 902, to: 3, flags: CHECKSUM }))
  .client(msg({ getMore: 5n, collection: "orders", $db: "shop" }, { id: 4 }))
  .server(msg({ ok: 0, errmsg: "no such cursor", code: 43 }, { id: 903, to: 4 }))
  .client(msg({ update: "orders", updates: [{ q: {}, u: {} }], $db: "shop" }, { id: 5, flags: MORE_TO_COME }))
  .client(msg({ hello: 1, $db: "admin" }, { id: 6, flags: 1 << 16 }))
  .server(msg({ ok: 1 }, { id: 904, to: 6, flags: MORE_TO_COME }))
  .server(msg({ ok: 1 }, { id: 905, to: 904, flags: MORE_TO_COME }))
  .server(msg({ ok: 1 }, { id: 906, to: 905 }))
  .close();

const old = new Connection({ serverPort: 7000 })
  .open()
  .client(query("shop.orders", { a: 1 }, { id: 1 }))
  .server(reply([{ a: 1, ok: 0 }], { id: 900, to: 1 }))
  .client(message(2005, [int(0), cstring("shop.orders"), int(0, 1, 0)], { id: 2 }))
  .server(reply([], { id: 901, to: 2, flags: 1 }))
  .client(message(2002, [int(0), cstring("shop.orders"), bson({ a: 1 })], { id: 3 }))
  .client(message(2001, [int(0), cstring("shop.orders"), int(0), bson({}), bson({ a: 2 })], { id: 4 }))
  .client(message(2006, [int(0), cstring("shop.orders"), int(0), bson({ a: 1 })], { id: 5 }))
  .client(message(2007, [int(0, 1, 7, 0)], { id: 6 }))
  .client(query("shop.orders", { $where: "bad" }, { id: 7 }))
  .server(reply([{ $err: "bad", code: 2 }], { id: 902, to: 7, flags: 2 }))
  .client(message(2012, [int(2013, 100), Buffer.from([1]), Buffer.alloc(40, 7)], { id: 8 }))
  .server(message(2012, [int(2013, 100), Buffer.from([1]), Buffer.alloc(30, 7)], { id: 903, to: 8 }))
  .close();

const packed = ["snappy", "zlib", "zlib, fixed codes"].reduce(
  (connection, compressor, i) =>
    connection
      .client(
        compressed(msg({ insert: "orders", $db: "shop" }, { id: i, documents: [{ b: "x".repeat(200) }] }), compressor),
      )
      .server(
        compressed(msg({ n: 1, writeErrors: [{ index: 1, code: 11000 }], ok: 1 }, { id: 901, to: i }), compressor),
      )
      .client(compressed(query("shop.orders", { a: 1 }, { id: 10 + i }), compressor))
      .server(compressed(reply([{ a: 1, ok: 0 }], { id: 900, to: 10 + i }), compressor)),
  new Connection({ serverPort: 7000 }).open(),
);

export const seeds: readonly (readonly Packet[])[] = [modern, old, packed].map(({ packets }) => packets);
