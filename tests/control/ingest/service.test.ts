import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, Switch } from "#proto/ingest.ts";
import type { Hello } from "#proto/ingest.ts";
import { decodeReceived } from "../../../control/ingest/envelope.ts";
import { batchOf } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";
import { until } from "../until.ts";
import { Served } from "./served.ts";

let served: Served;

test.after.each(() => served.stop());

test("settings come first, then acks for what is durable; batches are kept byte for byte", async () => {
  served = await Served.start();
  const stream = served.raw();
  const batch = batchOf([{ count: 3, buckets: [1, 2, 9, 1] }]);
  stream.send({ $case: "hello", value: helloOf() });
  // A field that this version does not know must survive, for the version that does.
  const bytes = Batch.encode(batch)
    .uint32((99 << 3) | 2)
    .string("later")
    .finish();
  stream.sendBatchBytes(bytes);
  await until(() => stream.acked === 1);
  assert.equal(stream.responses[0]?.message, {
    $case: "settings",
    value: {
      intervalMillis: 1000,
      routes: ["/a/{id}"],
      maxEndpoints: 7,
      serviceRoutes: [],
      exemplars: Switch.SWITCH_UNSPECIFIED,
    },
  });
  const [entry] = served.inbox.read(0, 10);
  assert.equal(Buffer.from(decodeReceived(entry?.value ?? Buffer.alloc(0)).batch), Buffer.from(bytes));
});

test("a reporter that states neither workload nor address is known by where its stream comes from", async () => {
  served = await Served.start();
  const told = async (words: Partial<Hello>): Promise<readonly string[]> => {
    const hello = helloOf(words);
    const stream = served.raw();
    stream.send({ $case: "hello", value: hello });
    stream.send({ $case: "batch", value: batchOf([{ count: 1 }]) });
    await until(() => stream.acked === 1);
    const kept = served.inbox.read(0, 10).map(({ value }) => decodeReceived(value).hello);
    return kept.find(({ instance }) => instance === hello.instance)?.addresses ?? ["not kept"];
  };
  assert.equal(await told({}), ["127.0.0.1"]);
  assert.equal(await told({ namespace: "shop" }), ["127.0.0.1"], "half a name is none");
  assert.equal(await told({ namespace: "shop", workload: "user" }), []);
  assert.equal(await told({ addresses: ["10.0.0.1"] }), ["10.0.0.1"]);
});

test("batches of a reporter are kept once and in order over cut streams", async () => {
  served = await Served.start();
  const client = served.reporter();
  for (let i = 1; i <= 300; i += 1) {
    client.send(batchOf([{ count: i }]));
    if (i % 60 === 0) client.cut();
    // Half of what comes between two cuts is sent before the reporter has its next stream.
    if (i % 60 === 30) await until(() => client.stats.streams > i / 60);
    if (i % 10 === 0) await sleep(1);
  }
  await client.flushed();
  assert.equal(
    served.stored().map((batch) => batch.counters[0]?.count),
    Array.from({ length: 300 }, (_, i) => i + 1),
  );
  assert.ok(client.stats.streams >= 5, `${client.stats.streams} streams`);
  assert.is(await served.metric("sidelight_ingest_missing_batches_total"), 0);
});

test("duplicates are acknowledged, not kept, and counted", async () => {
  served = await Served.start();
  const hello = helloOf();
  for (let round = 1; round <= 2; round += 1) {
    const stream = served.raw();
    stream.send({ $case: "hello", value: hello });
    for (let sequence = 1; sequence <= 5; sequence += 1)
      stream.send({ $case: "batch", value: batchOf([{}], { sequence }) });
    await until(() => stream.acked === 5);
    stream.close();
  }
  assert.is(served.stored().length, 5);
  await until(async () => (await served.metric("sidelight_ingest_batches_total", { result: "duplicate" })) === 5);
});

test("a reporter whose acks were lost hears its mark with the settings", async () => {
  served = await Served.start();
  const hello = helloOf();
  const before = served.raw();
  before.send({ $case: "hello", value: hello });
  before.send({ $case: "batch", value: batchOf([{}], { sequence: 41 }) });
  await until(() => before.acked === 41);
  const after = served.raw();
  after.send({ $case: "hello", value: hello });
  await until(() => after.acked === 41);
  assert.is((await before.ended).code, status.ABORTED, "the older stream of the same reporter is ended");
});

test("a full inbox refuses without loss: the reporter keeps its batches until there is room", async () => {
  served = await Served.start({ maxBytes: 40_000 });
  const client = served.reporter();
  for (let i = 0; i < 60; i += 1) client.send(batchOf([{ route: `/${"x".repeat(1900)}` }]));
  await until(() => client.endings.some(({ code }) => code === Number(status.RESOURCE_EXHAUSTED)));
  assert.ok(client.pending > 0);
  assert.ok((await served.metric("sidelight_ingest_batches_total", { result: "refused" })) > 0);
  const kept: number[] = [];
  const drain = setInterval(() => {
    for (const { cursor } of served.inbox.read(0, 100)) {
      if (cursor > (kept.at(-1) ?? 0)) kept.push(cursor);
      served.inbox.drop(cursor);
    }
  }, 5);
  await client.flushed();
  clearInterval(drain);
  assert.is(served.inbox.highWaterMark(client.hello.instance), 60);
  assert.is(served.inbox.status().lastCursor, 60, "none twice");
});

test("a reporter that does not read its acks holds back nobody, and its batches are taken", async () => {
  served = await Served.start();
  const slow = served.raw();
  slow.stream.pause();
  const hello = helloOf();
  slow.send({ $case: "hello", value: hello });
  for (let sequence = 1; sequence <= 2000; sequence += 1)
    slow.send({ $case: "batch", value: batchOf([{}], { sequence }) });
  const other = served.reporter();
  other.send(batchOf([{}]));
  await other.flushed();
  await until(() => served.inbox.highWaterMark(hello.instance) === 2000);
  slow.stream.resume();
  await until(() => slow.acked === 2000);
});

test("many streams at once, each exactly once; past the limit they are refused", async () => {
  served = await Served.start({ maxStreams: 60 });
  const clients = Array.from({ length: 60 }, () => served.reporter());
  await until(() => clients.every((client) => client.settings));
  const extra = served.raw();
  const { code, details } = await extra.ended;
  assert.is(code, status.RESOURCE_EXHAUSTED);
  assert.match(details, /60 streams are open/);
  for (const client of clients) for (let i = 0; i < 20; i += 1) client.send(batchOf([{}]));
  await Promise.all(clients.map((client) => client.flushed()));
  assert.is(served.stored().length, 1200);
  assert.is(await served.metric("sidelight_ingest_streams"), 60);
  for (const client of clients) client.close();
  await until(async () => (await served.metric("sidelight_ingest_streams")) === 0);
});

test("closing ends every stream and refuses new ones", async () => {
  served = await Served.start();
  const stream = served.raw();
  stream.send({ $case: "hello", value: helloOf() });
  await until(() => stream.responses.length > 0);
  served.ingest.close();
  assert.is((await stream.ended).code, status.UNAVAILABLE);
  assert.is((await served.raw().ended).code, status.UNAVAILABLE);
});

test("a half-closed stream is acknowledged to the end, then ends well", async () => {
  served = await Served.start();
  const stream = served.raw();
  stream.send({ $case: "hello", value: helloOf() });
  for (let sequence = 1; sequence <= 100; sequence += 1)
    stream.send({ $case: "batch", value: batchOf([{}], { sequence }) });
  stream.stream.end();
  assert.is((await stream.ended).code, status.OK);
  assert.is(stream.acked, 100);
});

test("reporters are listed with lag and clock", async () => {
  served = await Served.start();
  const client = served.reporter({ clockAheadMs: 3_600_000 });
  client.send(batchOf([{}], { startMs: Date.now() + 3_600_000 - 4000, durationMs: 1000 }));
  await client.flushed();
  const [listed] = served.reporters.list();
  assert.ok(Math.abs((listed?.clockOffsetMs ?? 0) + 3_600_000) < 1000, `${listed?.clockOffsetMs}`);
  assert.ok(Math.abs((listed?.lagMs ?? 0) - 3000) < 1000, `${listed?.lagMs}`);
});

test.run();
