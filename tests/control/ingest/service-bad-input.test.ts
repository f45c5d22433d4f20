import { status } from "@grpc/grpc-js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, LossKind } from "#proto/ingest.ts";
import { batchOf } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";
import type { RawStream } from "./raw-stream.ts";
import { until } from "../until.ts";
import { Served } from "./served.ts";

let served: Served;

test.after.each(() => served.stop());

test("a gap is counted, and what comes after it taken", async () => {
  served = await Served.start();
  const stream = served.raw();
  stream.send({ $case: "hello", value: helloOf() });
  for (const sequence of [1, 2, 6]) stream.send({ $case: "batch", value: batchOf([{}], { sequence }) });
  await until(() => stream.acked === 6);
  assert.is(await served.metric("sidelight_ingest_missing_batches_total"), 3);
  assert.is(served.stored().length, 3);
});

test("a stream that does not begin as it must is refused with words", async () => {
  served = await Served.start();
  const cases: [(stream: RawStream) => void, RegExp][] = [
    [(stream) => stream.send({ $case: "batch", value: batchOf([{}]) }), /before the Hello/],
    [
      (stream) => stream.send({ $case: "hello", value: helloOf({ instance: "short" }) }),
      /32 hexadecimal digits.*"short"/,
    ],
    [
      (stream) => stream.send({ $case: "hello", value: helloOf({ kind: 0 }) }),
      /Hello.kind must be SIDECAR or TAP, not 0/,
    ],
    [(stream) => stream.send({ $case: "hello", value: helloOf({ nodeId: "n".repeat(5000) }) }), /more than 2048/],
    [(stream) => stream.send(undefined), /neither hello nor batch/],
    [(stream) => stream.stream.write(Buffer.from("garbage that is no protobuf")), /cannot read the message/],
  ];
  for (const [send, expected] of cases) {
    const stream = served.raw();
    send(stream);
    const { code, details } = await stream.ended;
    assert.is(code, status.INVALID_ARGUMENT, details);
    assert.match(details, expected);
  }
  assert.is(served.stored().length, 0);
});

test("random bytes at every place end at most their own stream", async () => {
  served = await Served.start();
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
  const good = Buffer.from(Batch.encode(batchOf([{ count: 5, buckets: [1, 1, 5, 2] }], { sequence: 1 })).finish());
  for (let round = 0; round < 60; round += 1) {
    const stream = served.raw();
    stream.send({ $case: "hello", value: helloOf() });
    const bytes = Buffer.from(good);
    for (let i = 0; i < 1 + random(4); i += 1) bytes[random(bytes.length)] = random(256);
    stream.sendBatchBytes(round % 3 === 0 ? bytes.subarray(0, random(bytes.length)) : bytes);
    await Promise.race([stream.ended, until(() => stream.acked > 0)]);
    stream.close();
  }
  const client = served.reporter();
  client.send(batchOf([{}]));
  await client.flushed();
});

test("a batch that cannot be counted is put aside, acknowledged and counted as a loss", async () => {
  served = await Served.start();
  const stream = served.raw();
  stream.send({ $case: "hello", value: helloOf() });
  const poison = batchOf([{ count: 10 }, { count: 5, buckets: [2367, 1, 2368, 1] }], { sequence: 1 });
  stream.send({ $case: "batch", value: poison });
  stream.send({ $case: "batch", value: batchOf([{ count: 2 }], { sequence: 2 }) });
  await until(() => stream.acked === 2);
  const [first, second] = served.stored();
  assert.equal(first?.counters, []);
  assert.equal(first?.losses, [{ kind: LossKind.LOSS_KIND_REQUESTS_LOST, count: 15 }]);
  assert.is(second?.counters[0]?.count, 2);
  assert.is(served.inbox.quarantined().length, 1);
  assert.is(await served.metric("sidelight_ingest_batches_total", { result: "quarantined" }), 1);
  assert.match(served.warnings.join(), /counter 1: bucket 2368; the last is 2367/);
});

test("an oversize batch is put aside; one past what the transport takes ends the stream", async () => {
  served = await Served.start();
  const stream = served.raw();
  stream.send({ $case: "hello", value: helloOf() });
  const huge = Batch.encode(batchOf([{}], { sequence: 1 }))
    .uint32((99 << 3) | 2)
    .bytes(Buffer.alloc(5 << 20));
  stream.sendBatchBytes(huge.finish());
  await until(() => stream.acked === 1);
  assert.is(served.inbox.quarantined().length, 1);
  stream.sendBatchBytes(Buffer.alloc(17 << 20));
  assert.is((await stream.ended).code, status.RESOURCE_EXHAUSTED);
});

test.run();
