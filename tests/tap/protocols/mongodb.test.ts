import { test } from "uvu";
import * as assert from "uvu/assert";

import { randomOf } from "../../control/world/random.ts";
import { mutatedRounds } from "../mutated-rounds.ts";
import { COMPRESSORS, MORE_TO_COME, compressed, int, message, msg, query, reply } from "../mongodb-messages.ts";
import type { Fields } from "../mongodb-messages.ts";
import { Connection, pcap } from "../packets.ts";
import { figuresOf, read } from "../reading.ts";
import { seeds } from "../seeds/mongodb.ts";

const open = () => new Connection({ serverPort: 7000 }).open();
const figures = (connection: Connection) => figuresOf(read(pcap(connection.packets)), "mongodb");
const endpointsOf = ({ endpoints }: ReturnType<typeof figuresOf>) =>
  Object.fromEntries(endpoints.map(({ endpoint, requests }) => [endpoint, requests]));

test("commands are counted with their collection, with what came of them, and no literal", () => {
  const figures = figuresOf(read(pcap(seeds[0]!)), "mongodb");
  assert.equal(endpointsOf(figures), {
    "find orders": 1,
    "getMore orders": 1,
    hello: 1,
    "insert orders": 1,
    isMaster: 1,
    "update orders": 1,
  });
  // The update asked for no answer; the answers of an exhaust cursor that nobody asked for are none.
  assert.equal(figures.outcomes, { success: 4, clientError: 2, serverError: 0, notReached: 0, noAnswer: 0 });
  assert.equal([figures.requests, figures.responses, figures.statuses], [6, 6, { 43: 1, 11000: 1 }]);
});

test("so are the requests of old drivers", () => {
  const document = read(pcap(seeds[1]!));
  const figures = figuresOf(document, "mongodb");
  assert.equal(endpointsOf(figures), {
    "delete orders": 1,
    "find orders": 2,
    "getMore orders": 1,
    "insert orders": 1,
    killCursors: 1,
    "update orders": 1,
    "~other": 1,
  });
  assert.equal([figures.requests, figures.responses, figures.statuses], [8, 8, { 2: 1, 43: 1 }]);
  assert.equal(document.losses, { attributesMissing: 1 }, "the answer that was compressed");
});

test("compressed messages are read like others, in whatever way they are packed", () => {
  const plain: readonly (readonly [Buffer, Buffer?])[] = [
    [
      msg({ insert: "orders", $db: "shop" }, { id: 1, documents: [{ b: "x".repeat(900) }] }),
      msg({ n: 0, writeErrors: [{ index: 0, code: 11000, errmsg: "x".repeat(300) }], ok: 1 }, { id: 90, to: 1 }),
    ],
    [msg({ find: "carts", $db: "shop" }, { id: 2 }), msg({ ok: 0, errmsg: "no", code: 43 }, { id: 91, to: 2 })],
    [
      msg({ getMore: 5n, collection: "carts" }, { id: 3 }),
      msg({ cursor: { nextBatch: [] }, ok: 1 }, { id: 92, to: 3 }),
    ],
    [query("shop.orders", { a: 1 }, { id: 4 }), reply([{ a: 1 }], { id: 93, to: 4 })],
    [query("admin.$cmd", { isMaster: 1 }, { id: 5 }), reply([{ ok: 0, code: 8 }], { id: 94, to: 5 })],
    [msg({ update: "orders", $db: "shop" }, { id: 6, flags: MORE_TO_COME })],
    [message(2007, [int(0, 1, 7, 0)], { id: 7 })],
  ];
  const conversation = (pack: (bytes: Buffer) => Buffer) =>
    plain.reduce((connection, [asked, answered]) => {
      connection.client(pack(asked)).wait(9);
      return answered ? connection.server(pack(answered)) : connection;
    }, open());
  const expected = read(pcap(conversation((bytes) => bytes).packets));
  assert.is(figuresOf(expected, "mongodb").outcomes.clientError, 2);
  for (const compressor of Object.keys(COMPRESSORS).filter((name) => name !== "zstd")) {
    const found = read(pcap(conversation((bytes) => compressed(bytes, compressor)).packets));
    const figures = { ...figuresOf(found, "mongodb"), latencyMs: figuresOf(expected, "mongodb").latencyMs };
    assert.equal(figures, figuresOf(expected, "mongodb"), compressor);
    assert.equal(found.losses, {}, compressor);
  }
});

test("of a compressed message that is long its beginning is read: the command, and that it has a cursor", () => {
  const noise = Array.from({ length: 4_000 }, (_, i) => String.fromCharCode(33 + ((i * i * 7919) % 90))).join("");
  const rows = Array.from({ length: 20 }, (_, i) => ({ i, text: noise.slice(i) }));
  for (const compressor of ["noop", "snappy", "zlib"]) {
    const asked = compressed(
      msg({ insert: "orders", $db: "shop" }, { id: 1, documents: [{ a: noise.repeat(9) }] }),
      compressor,
    );
    const plain = msg({ insert: "carts", documents: rows, $db: "shop" }, { id: 2 });
    const found = compressed(msg({ cursor: { firstBatch: rows }, ok: 1 }, { id: 91, to: 2 }), compressor);
    const other = compressed(msg({ values: rows, ok: 1 }, { id: 92, to: 3 }), compressor);
    const connection = open();
    const send = (side: "client" | "server", bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += 1400) connection[side](bytes.subarray(at, at + 1400));
    };
    send("client", asked);
    connection.server(msg({ ok: 1 }, { id: 90, to: 1 }));
    send("client", compressed(plain, compressor));
    send("server", found);
    connection.client(msg({ distinct: "carts", $db: "shop" }, { id: 3 }));
    send("server", other);
    const document = read(pcap(connection.packets));
    const { outcomes, endpoints, responses } = figuresOf(document, "mongodb");
    assert.equal([outcomes.success, responses], [3, 3], compressor);
    assert.ok(
      endpoints.some(({ endpoint }) => endpoint === "insert carts"),
      compressor,
    );
    assert.equal(document.losses, { attributesMissing: 1 }, `${compressor}: whether the last one failed is not known`);
  }
});

test("what is packed is unpacked to the last byte, whatever it is", () => {
  const random = randomOf(2012);
  const connection = open();
  const expected: Record<string, number> = {};
  for (let id = 1; id <= 400; id++) {
    const letters = 1 + Math.floor(random() ** 3 * 95);
    const size = Math.floor(random() ** 3 * 9_000);
    const text = Array.from({ length: size }, () => String.fromCharCode(32 + Math.floor(random() * letters))).join("");
    const parts = [text, text.slice(size >> 1), text.slice(0, size >> 2)].join("").slice(0, 9_000);
    const compressor = ["snappy", ...Object.keys(COMPRESSORS).filter((name) => name.startsWith("zlib"))][id % 7]!;
    // What comes behind the text has its place only where all of it is right.
    const answer = compressed(msg({ text: parts, ok: 0, code: 1000 + id }, { id: 9000 + id, to: id }), compressor);
    expected[1000 + id] = 1;
    connection.client(msg({ find: "a", $db: "b" }, { id })).server(answer);
  }
  const document = read(pcap(connection.packets));
  assert.equal([figuresOf(document, "mongodb").statuses, document.losses], [expected, {}]);
});

test("what is compressed in another way, or is broken, is counted under ~other", () => {
  const broken = compressed(msg({ find: "a", $db: "b" }, { id: 2 }), "zlib");
  broken.fill(0xff, 27);
  const connection = open()
    .client(compressed(msg({ find: "a", $db: "b" }, { id: 1 }), "zstd"))
    .server(compressed(msg({ ok: 1 }, { id: 90, to: 1 }), "zstd"))
    .client(broken)
    .server(msg({ ok: 0, code: 2 }, { id: 91, to: 2 }));
  const document = read(pcap(connection.packets));
  assert.equal(endpointsOf(figuresOf(document, "mongodb")), { "~other": 2 });
  assert.equal(figuresOf(document, "mongodb").outcomes.clientError, 1);
  assert.equal(document.losses, { attributesMissing: 1 });
});

test("what stands behind a command is shown only where it is a collection", () => {
  const connection = open();
  const commands: Fields[] = [
    { getLog: "secret", $db: "admin" },
    { createUser: "secret", pwd: "secret", $db: "admin" },
    { aggregate: 1, pipeline: [{ secret: 1 }], $db: "shop" },
    { aggregate: "orders", pipeline: [], $db: "shop" },
    { "secret word": 1, $db: "shop" },
    { find: "x".repeat(5000), $db: "shop" },
  ];
  commands.forEach((command, id) =>
    connection.client(msg(command, { id })).server(msg({ ok: 1 }, { id: 900 + id, to: id })),
  );
  connection.client(query("shop.$cmd", { $query: { count: "orders" }, $readPreference: {} }, { id: 50 }));
  connection.server(reply([{ ok: 1 }], { id: 950, to: 50 }));
  const names = ["getLog", "createUser", "aggregate", "aggregate orders", "~other", "find", "count orders"];
  assert.equal(endpointsOf(figures(connection)), Object.fromEntries(names.sort().map((name) => [name, 1])));
});

test("errors are told apart by whose they are", () => {
  const connection = open();
  const results: Fields[] = [
    { ok: 0, code: 13, errmsg: "unauthorized" },
    { ok: 0, code: 10107, errmsg: "not primary" },
    { ok: 0, errmsg: "an old server" },
    { ok: 1, writeConcernError: { code: 64, errmsg: "time" } },
    { ok: 1, code: 59, n: 1 },
  ];
  results.forEach((result, id) => {
    connection.client(msg({ insert: "a", $db: "b" }, { id })).server(msg(result, { id: 900 + id, to: id }));
  });
  const { outcomes, statuses } = figures(connection);
  assert.equal(outcomes, { success: 1, clientError: 1, serverError: 3, notReached: 0, noAnswer: 0 });
  assert.equal(statuses, { 13: 1, 64: 1, 10107: 1 });
});

test("answers find their requests by number, and the latency is from last byte to last byte", () => {
  const [find, count] = [msg({ find: "a", $db: "b" }, { id: 7 }), msg({ count: "a", $db: "b" }, { id: 8 })];
  const connection = open().client(find.subarray(0, 30)).wait(500).client(find.subarray(30)).client(count).wait(98);
  connection
    .server(msg({ ok: 0, code: 1 }, { id: 90, to: 8 }))
    .wait(99)
    .server(msg({ ok: 1 }, { id: 91, to: 7 }));
  const { endpoints } = figures(connection);
  const [first, second] = endpoints;
  assert.equal([first?.endpoint, first?.outcomes.serverError], ["count a", 1]);
  assert.ok(Math.abs(first!.latencyMs.p50! - 99) < 2 && Math.abs(second!.latencyMs.p50! - 200) < 3);
});

test("it does not matter where messages are cut into segments", () => {
  const asked = Buffer.concat([
    query("admin.$cmd", { isMaster: 1 }, { id: 1 }),
    msg({ insert: "orders", $db: "shop" }, { id: 2, documents: [{ a: "x".repeat(300) }] }),
    msg({ getMore: 5n, collection: "orders" }, { id: 3 }),
  ]);
  const answered = Buffer.concat([
    reply([{ a: { b: [1, 2] }, ok: 1 }], { id: 90, to: 1 }),
    msg(
      { n: 1, writeErrors: [{ index: 0, code: 121, errmsg: "y".repeat(300) }, { code: 5 }], ok: 1 },
      { id: 91, to: 2 },
    ),
    msg({ cursor: { nextBatch: [{ a: "z".repeat(500) }] }, ok: 1 }, { id: 92, to: 3 }),
  ]);
  for (let size = 1; size < 90; size++) {
    const connection = open();
    for (let at = 0; at < asked.length; at += size) connection.client(asked.subarray(at, at + size));
    for (let at = 0; at < answered.length; at += size) connection.server(answered.subarray(at, at + size));
    const document = read(pcap(connection.packets));
    const { responses, statuses, endpoints } = figuresOf(document, "mongodb");
    assert.equal([responses, statuses, document.losses], [3, { 121: 1 }, {}], `in pieces of ${size}`);
    assert.is(endpoints[0]?.endpoint, "getMore orders");
  }
});

test("a connection that was joined midway is told by either side, and goes on after a gap", () => {
  const connection = new Connection({ clientPort: 7000, serverPort: 40_000 });
  connection.server(msg({ ok: 1 }, { id: 900, to: 5 })).client(msg({ find: "a", $db: "b" }, { id: 6 }));
  connection.server(msg({ ok: 1, cursor: { firstBatch: [{ a: "x".repeat(1200) }] } }, { id: 901, to: 6 }));
  connection.client(msg({ find: "lost", $db: "b" }, { id: 7 })).server(msg({ ok: 0 }, { id: 902, to: 7 }));
  connection.client(msg({ find: "c", $db: "b" }, { id: 8 })).server(msg({ ok: 0, code: 2 }, { id: 903, to: 8 }));
  const joined = read(pcap(connection.packets));
  assert.equal([figuresOf(joined, "mongodb").requests, figuresOf(joined, "mongodb").responses], [3, 4]);
  const [edge] = joined.edges;
  assert.equal([edge?.client, edge?.server], ["10.0.0.1", "10.0.0.2:40000"]);
  // The answer to "lost", and the request for "c".
  const holed = read(pcap(connection.packets.filter((_, place) => place !== 4)));
  const { requests, outcomes } = figuresOf(holed, "mongodb");
  assert.equal([requests, outcomes.noAnswer, outcomes.clientError], [3, 1, 1]);
  assert.equal(holed.losses, { gaps: 1 });
});

test("packets that were captured only in part are as gaps", () => {
  const connection = open();
  for (let id = 1; id < 5; id++) {
    connection.client(msg({ find: "a", $db: "b", filter: { x: "y".repeat(300) } }, { id }));
    connection.server(msg({ ok: 1, cursor: { firstBatch: ["x".repeat(900)] } }, { id: 90 + id, to: id }));
  }
  const document = read(pcap(connection.packets, { snaplen: 130 }));
  assert.equal([figuresOf(document, "mongodb").requests, figuresOf(document, "mongodb").responses], [4, 4]);
});

test("lengths that are lies cost nothing", () => {
  const long = msg({ find: "a", $db: "b" }, { id: 1 });
  long.writeInt32LE(0x7fffffff, 0);
  assert.is(figures(open().client(long)).requests, 0, "no message is as long");
  for (const length of [-1, 0, 0x7fffffff]) {
    const bad = msg({ find: "a", $db: "b" }, { id: 2 });
    // That of the name of the collection.
    bad.writeInt32LE(length, 31);
    const connection = open()
      .client(bad)
      .client(msg({ ping: 1 }, { id: 3 }))
      .server(msg({ ok: 1 }, { id: 9, to: 3 }));
    assert.equal([figures(connection).requests, figures(connection).responses], [2, 1], `${length}`);
  }
  const endless = message(2013, [int(0), Buffer.from([0]), int(40_000), Buffer.alloc(40_000, 2)], { id: 4 });
  const connection = open();
  for (let at = 0; at < endless.length; at += 1000) connection.client(endless.subarray(at, at + 1000));
  connection.client(msg({ ping: 1 }, { id: 5 })).client("no message at all, and long enough");
  const document = read(pcap(connection.packets));
  assert.equal([figuresOf(document, "mongodb").requests, document.losses], [2, { unparsed: 1 }]);
});

test("thousands of mutated conversations end, and count no more than was sent", () => {
  for (const document of mutatedRounds({ seeds, seed: 27017, count: 100 * seeds.length })) {
    const { requests } = figuresOf(document, "mongodb");
    assert.ok(requests > 300 && requests <= 2800, `${requests}`);
  }
});

test.run();
