/**
 * Reporters that end without a last word: control says so, once, with the next batch of their node, and says nothing of
 * those that ended well, that are only away, or that live beside each other.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LossKind } from "#proto/ingest.ts";
import type { Hello } from "#proto/ingest.ts";
import { batchOf } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";
import { until } from "../until.ts";
import type { RawStream } from "./raw-stream.ts";
import { Served } from "./served.ts";

const OLD = "0".repeat(31) + "1";
const NEW = "0".repeat(31) + "2";
/** Past the time in which control waits for those that live to come back. */
const LATER_MS = 60_000;

let folder = "";
let served: Served;

test.before.each(async () => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-vanished-"));
  await startControl();
});

test.after.each(async () => {
  await served.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function startControl(): Promise<void> {
  const aheadMs = served?.aheadMs ?? 0;
  served = await Served.start({ folder, aheadMs });
  served.aheadMs = aheadMs + LATER_MS;
}

async function restartControl(): Promise<void> {
  await served.stop();
  await startControl();
}

/** A reporter of a process, which has sent a batch that is durable. */
async function reporter(process: string, words: Partial<Hello> = {}): Promise<{ hello: Hello; stream: RawStream }> {
  served.aheadMs += 1;
  const hello = helloOf({ process, nodeId: "sidecar~orders", ...words });
  const stream = served.raw();
  stream.send({ $case: "hello", value: hello });
  await send(stream, 1);
  return { hello, stream };
}

async function send(stream: RawStream, sequence: number, lastSequence?: number): Promise<void> {
  served.aheadMs += 1;
  stream.send({ $case: "batch", value: batchOf([{}], { sequence }) }, lastSequence);
  await until(() => stream.acked === sequence);
}

/** The stream ends, and control has noticed. */
async function cut(stream: RawStream): Promise<void> {
  const open = () => served.metric("sidelight_ingest_streams");
  const before = await open();
  stream.close();
  await until(async () => (await open()) === before - 1);
}

/** How many vanished, by batch that says so. */
function told(): number[] {
  return served
    .stored()
    .flatMap(({ losses }) =>
      losses.flatMap(({ kind, count }) => (kind === LossKind.LOSS_KIND_REPORTER_VANISHED ? [count] : [])),
    );
}

test("all that a killed process had are told of once, with the next batch of its node", async () => {
  const workers = [await reporter(OLD), await reporter(OLD), await reporter(OLD)];
  for (const { stream } of workers) await cut(stream);
  const { stream } = await reporter(NEW);
  assert.equal(told(), [3]);
  await send(stream, 2);
  await reporter(NEW);
  assert.equal(told(), [3], "and not again");
  const batch = served.stored().find(({ losses }) => losses.length > 0);
  assert.is(batch?.counters[0]?.count, 1, "beside what it counted");
  assert.is(await served.metric("sidelight_ingest_vanished_reporters_total"), 3);
});

test("a last word, with the last batch or alone, is the end of a process that was told to stop", async () => {
  const first = await reporter(OLD);
  await send(first.stream, 2, 2);
  const second = await reporter(OLD);
  second.stream.send(undefined, 1);
  second.stream.stream.end();
  await second.stream.ended;
  await cut(first.stream);
  await reporter(NEW);
  assert.equal(told(), []);
});

test("a last word that is followed by a reset of its stream is heard", async () => {
  const { stream } = await reporter(OLD);
  served.aheadMs += 1;
  stream.send({ $case: "batch", value: batchOf([{}], { sequence: 2 }) }, 2);
  await new Promise((resolve) => stream.stream.write(Buffer.alloc(0), resolve));
  await cut(stream);
  await reporter(NEW);
  assert.is(served.stored().length, 3);
  assert.equal(told(), []);
});

test("a last word whose batch never came is none", async () => {
  const { stream } = await reporter(OLD);
  stream.send(undefined, 2);
  stream.stream.end();
  await stream.ended;
  await reporter(NEW);
  assert.equal(told(), [1]);
});

test("a last word is taken back by a batch, or by another Hello", async () => {
  const first = await reporter(OLD);
  await send(first.stream, 2, 2);
  await send(first.stream, 3);
  const second = await reporter(OLD);
  await send(second.stream, 2, 2);
  await cut(second.stream);
  const again = served.raw();
  again.send({ $case: "hello", value: second.hello });
  await until(() => again.acked === 2);
  for (const stream of [first.stream, again]) await cut(stream);
  await restartControl();
  await reporter(NEW);
  assert.equal(told(), [2]);
});

test("it is told after a restart of control, and not again after the next", async () => {
  const { stream } = await reporter(OLD);
  await cut(stream);
  await restartControl();
  const next = await reporter(NEW);
  assert.equal(told(), [1]);
  await restartControl();
  const after = served.raw();
  after.send({ $case: "hello", value: next.hello });
  await send(after, 2);
  await reporter(NEW);
  assert.equal(told(), [1]);
});

test("a batch that comes twice tells it once", async () => {
  const { stream } = await reporter(OLD);
  await cut(stream);
  const next = await reporter(NEW);
  await cut(next.stream);
  const again = served.raw();
  again.send({ $case: "hello", value: next.hello });
  await send(again, 1);
  await until(async () => (await served.metric("sidelight_ingest_batches_total", { result: "duplicate" })) === 1);
  assert.equal(told(), [1]);
});

test("nothing is told of a process that is only away, and comes back", async () => {
  const { hello, stream } = await reporter(OLD);
  await cut(stream);
  await restartControl();
  const other = await reporter(OLD);
  const again = served.raw();
  again.send({ $case: "hello", value: hello });
  await send(again, 2);
  await cut(again);
  await send(other.stream, 2);
  assert.equal(told(), []);
});

test("nothing is told of processes that live beside each other, as in a hot restart", async () => {
  const parent = await reporter(OLD);
  const child = await reporter(NEW);
  await send(parent.stream, 2);
  await cut(parent.stream);
  await send(child.stream, 2);
  assert.equal(told(), [], "the parent was there when the child came");
  await cut(child.stream);
  await reporter("0".repeat(31) + "3");
  assert.equal(told(), [1], "the child is told of");
});

test("nothing is told in control's first moments, when those that live have yet to come back", async () => {
  const parent = await reporter(OLD);
  await cut(parent.stream);
  await served.stop();
  served = await Served.start({ folder, aheadMs: served.aheadMs });
  const child = await reporter(NEW);
  assert.equal(told(), []);
  const again = served.raw();
  again.send({ $case: "hello", value: parent.hello });
  await send(again, 2);
  served.aheadMs += LATER_MS;
  await send(child.stream, 2);
  assert.equal(told(), []);
});

test("what could not be told in the first moments is told later", async () => {
  const { stream } = await reporter(OLD);
  await cut(stream);
  await served.stop();
  served = await Served.start({ folder, aheadMs: served.aheadMs });
  const next = await reporter(NEW);
  assert.equal(told(), []);
  served.aheadMs += LATER_MS;
  await send(next.stream, 2);
  assert.equal(told(), [1]);
});

test("another node says nothing, nor does a reporter without node id or process", async () => {
  const gone = [await reporter(OLD), await reporter("", {}), await reporter(OLD, { nodeId: "" })];
  for (const { stream } of gone) await cut(stream);
  await reporter(NEW, { nodeId: "sidecar~orders-2", namespace: "shop", workload: "orders" });
  await reporter("");
  await reporter(NEW, { nodeId: "" });
  await reporter(NEW, { nodeId: "n".repeat(300) });
  assert.equal(told(), []);
});

test("a reporter that vanished is forgotten with its mark", async () => {
  const { stream } = await reporter(OLD);
  await cut(stream);
  served.inbox.prune(Date.now() + 1e9);
  await until(() => served.inbox.status().marks === 0);
  await restartControl();
  await reporter(NEW);
  assert.equal(told(), []);
});

test.run();
