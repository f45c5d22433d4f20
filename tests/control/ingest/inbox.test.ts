import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch } from "#proto/ingest.ts";
import { Inbox } from "../../../control/ingest/inbox.ts";
import type { AppendResult, Arrival } from "../../../control/ingest/inbox.ts";
import { MAX_RECENT_BYTES } from "../../../control/ingest/limits.ts";
import { batchOf } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";
import { until } from "../until.ts";

const A = "a".repeat(32);
const B = "b".repeat(32);

let folder = "";
let open: Inbox[] = [];

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-inbox-"));
});

test.after.each(async () => {
  await Promise.all(open.splice(0).map((inbox) => inbox.close()));
  rmSync(folder, { recursive: true, force: true });
});

function openInbox(maxBytes = 1 << 24): Inbox {
  const inbox = Inbox.open({ path: join(folder, "inbox"), maxBytes });
  open.push(inbox);
  return inbox;
}

async function reopen(inbox: Inbox): Promise<Inbox> {
  await inbox.close();
  open = open.filter((other) => other !== inbox);
  return openInbox();
}

function append(inbox: Inbox, instance: string, sequence: number, text = `${sequence}`): AppendResult {
  return inbox.append({ instance, sequence, receivedMs: 1_000_000 + sequence, value: Buffer.from(text) });
}

async function durably(result: AppendResult): Promise<AppendResult> {
  if (result.kind !== "full") await result.durable;
  return result;
}

function textsAfter(inbox: Inbox, cursor: number): string[] {
  return inbox.read(cursor, 1000).map(({ value }) => value.toString());
}

test("entries come back in order, each after the cursor of the one before", async () => {
  const inbox = openInbox();
  for (let i = 1; i <= 5; i += 1) void append(inbox, A, i);
  await durably(append(inbox, B, 1, "other"));
  const entries = inbox.read(0, 100);
  assert.equal(
    entries.map(({ value }) => value.toString()),
    ["1", "2", "3", "4", "5", "other"],
  );
  assert.equal(
    entries.map(({ cursor }) => cursor),
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal(textsAfter(inbox, 4), ["5", "other"]);
  assert.is(inbox.read(0, 2).length, 2);
  assert.is(inbox.read(0, 100, 2).length, 2, "no more once so many bytes are together");
});

test("what came is still at hand: it comes in its place among the others, once, while there is room", async () => {
  const inbox = openInbox();
  const received = {
    hello: helloOf(),
    receivedMs: 2,
    sentMs: 1,
    clockOffsetMs: 0,
    batch: Batch.encode(batchOf([{}])).finish(),
  };
  const take = (sequence: number, words: Partial<Arrival>): AppendResult =>
    inbox.append({ instance: A, sequence, receivedMs: 2, value: Buffer.from(`${sequence}`), ...words });
  take(1, {});
  take(2, { received });
  take(3, { received });
  take(4, {});
  take(5, { received });
  await durably(take(6, { received, value: Buffer.alloc(MAX_RECENT_BYTES) }));
  const seen = (cursor: number, limit: number): unknown[] =>
    inbox.read(cursor, limit).map(({ cursor: at, received: known }) => [at, known !== undefined]);
  assert.equal(seen(0, 1), [[1, false]]);
  assert.equal(seen(1, 1), [[2, true]]);
  assert.equal(inbox.read(1, 1)[0]?.received, received);
  // The run ends at the fourth; what comes behind is read from the disk.
  assert.equal(seen(1, 9), [[2, true], [3, true], ...[4, 5, 6].map((at) => [at, false])]);
  assert.equal(
    seen(4, 9),
    [
      [5, true],
      [6, false],
    ],
    "the sixth found no room",
  );
  assert.equal(
    seen(0, 9).map((one) => (one as [number])[0]),
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal(seen(2, 1), [[3, false]], "it was let go when somebody had read past it");
});

test("what comes twice is a duplicate, before and after a restart", async () => {
  let inbox = openInbox();
  const first = append(inbox, A, 1);
  const again = append(inbox, A, 1);
  assert.is(first.kind, "accepted");
  assert.is(again.kind, "duplicate", "while the first is still on its way to the disk");
  await durably(again);
  assert.is(inbox.highWaterMark(A), 1, "a duplicate is only acknowledged when the first is durable");
  inbox = await reopen(inbox);
  assert.is(append(inbox, A, 1).kind, "duplicate");
  assert.is((await durably(append(inbox, A, 2))).kind, "accepted");
  assert.equal(textsAfter(inbox, 0), ["1", "2"]);
});

test("a gap is told and taken", () => {
  const inbox = openInbox();
  assert.equal(pick(append(inbox, A, 7)), { kind: "accepted", missing: 0 }, "nothing is known of what was before");
  assert.equal(pick(append(inbox, A, 8)), { kind: "accepted", missing: 0 });
  assert.equal(pick(append(inbox, A, 11)), { kind: "accepted", missing: 2 });
});

function pick(result: AppendResult): { kind: string; missing?: number } {
  return result.kind === "accepted" ? { kind: result.kind, missing: result.missing } : { kind: result.kind };
}

test("what is dropped is gone, and cursors never come again", async () => {
  let inbox = openInbox();
  for (let i = 1; i <= 10; i += 1) await durably(append(inbox, A, i));
  inbox.drop(10);
  inbox = await reopen(inbox);
  assert.equal(textsAfter(inbox, 0), []);
  assert.equal({ ...inbox.status(), maxBytes: 0 }, { lastCursor: 10, bytes: 0, entries: 0, maxBytes: 0, marks: 1 });
  await durably(append(inbox, A, 11));
  assert.equal(
    inbox.read(0, 10).map(({ cursor }) => cursor),
    [11],
  );
});

test("a long backlog is dropped over several commits", async () => {
  const inbox = openInbox();
  for (let i = 1; i <= 5_000; i += 1) void append(inbox, A, i);
  await durably(append(inbox, A, 5_001));
  inbox.drop(4_999);
  await until(() => inbox.status().entries === 2, 400);
  assert.equal(textsAfter(inbox, 0), ["5000", "5001"]);
  assert.is(inbox.status().bytes, 8);
});

test("cursors go on after those of a store that knows more", async () => {
  const inbox = openInbox();
  inbox.continueAfter(500);
  await durably(append(inbox, A, 1));
  inbox.continueAfter(3);
  await durably(append(inbox, A, 2));
  assert.equal(
    inbox.read(500, 10).map(({ cursor }) => cursor),
    [501, 502],
  );
});

test("a full inbox takes nothing, loses nothing, and goes on when there is room", async () => {
  const inbox = openInbox(1000);
  await durably(append(inbox, A, 1, "x".repeat(600)));
  assert.is(append(inbox, A, 2, "y".repeat(600)).kind, "full");
  assert.is(append(inbox, A, 1).kind, "duplicate", "known batches are still acknowledged");
  inbox.drop(1);
  await until(() => inbox.status().bytes === 0, 400);
  assert.is((await durably(append(inbox, A, 2, "y".repeat(600)))).kind, "accepted");
  assert.is(inbox.read(0, 10).length, 1);
});

test("marks of instances that were not heard for long are forgotten", async () => {
  let inbox = openInbox();
  await durably(append(inbox, A, 5));
  await durably(append(inbox, B, 500));
  assert.is(inbox.prune(1_000_100), 1);
  inbox = await reopen(inbox);
  assert.is(inbox.highWaterMark(A), 0);
  assert.is(inbox.highWaterMark(B), 500);
  assert.is(append(inbox, A, 5).kind, "accepted");
});

test("an instance that is forgotten and comes back in the same commit keeps its new mark", async () => {
  let inbox = openInbox();
  await durably(append(inbox, A, 5));
  inbox.prune(2_000_000);
  await durably(append(inbox, A, 9));
  inbox = await reopen(inbox);
  assert.is(inbox.highWaterMark(A), 9);
});

test("a closed inbox takes nothing", async () => {
  const inbox = openInbox();
  const last = append(inbox, A, 1);
  await inbox.close();
  await durably(last);
  assert.is(append(inbox, A, 2).kind, "full");
});

test("raw batches that could not be read are kept, the last sixteen", async () => {
  const inbox = openInbox();
  for (let i = 1; i <= 20; i += 1) {
    const value = Buffer.from("stand-in");
    const result = inbox.append({ instance: A, sequence: i, receivedMs: 0, value, quarantined: Buffer.from([i]) });
    await durably(result);
  }
  assert.equal(
    inbox.quarantined().map((raw) => raw[0]),
    [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
  );
});

test("a folder with something else in it is refused, with a way out", () => {
  const path = join(folder, "inbox");
  rmSync(path, { recursive: true, force: true });
  writeFileSync(path, "a file in its place");
  assert.throws(openInbox, /Opening the inbox at .*move the folder away/);
});

test("killed at any moment: everything acknowledged is there, once, and in order", async () => {
  for (let round = 0; round < 4; round += 1) {
    const acked = await killWriter(20 + round * 40);
    const inbox = openInbox();
    const texts = textsAll(inbox);
    assert.ok(
      inbox.highWaterMark(A) >= acked,
      `round ${round}: ${acked} acknowledged, ${inbox.highWaterMark(A)} there`,
    );
    assert.is(texts.length, inbox.highWaterMark(A));
    assert.ok(texts.every((text, index) => text === `${index + 1}`));
    await inbox.close();
  }
});

function textsAll(inbox: Inbox): string[] {
  const texts: string[] = [];
  let cursor = 0;
  for (let entries = inbox.read(0, 1000); entries.length > 0; entries = inbox.read(cursor, 1000)) {
    texts.push(...entries.map(({ value }) => value.toString().trimEnd()));
    cursor = entries.at(-1)?.cursor ?? cursor;
  }
  return texts;
}

/** Runs a process that appends as fast as it can and kills it. @returns the last sequence that it said is durable */
function killWriter(afterMs: number): Promise<number> {
  return new Promise((resolve) => {
    const child = spawnWriter([]);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (output === "") setTimeout(() => child.kill("SIGKILL"), afterMs);
      output += chunk.toString();
    });
    child.on("exit", () => {
      const complete = output.slice(0, output.lastIndexOf("\n"));
      resolve(Number(complete.slice(complete.lastIndexOf("\n") + 1)));
    });
  });
}

function spawnWriter(args: readonly string[]): ReturnType<typeof spawn> & { stdout: NodeJS.ReadableStream } {
  const script = fileURLToPath(new URL("inbox-writer.ts", import.meta.url));
  const command = [process.execPath, "--import", "tsx", script, join(folder, "inbox"), A, ...args];
  // A limit on the size of files is the nearest to a full disk that needs no root.
  const shell = args.length > 0 ? 'ulimit -f 1024; exec "$@"' : 'exec "$@"';
  const child = spawn("bash", ["-c", shell, "bash", ...command], { stdio: ["ignore", "pipe", "ignore"] });
  return child;
}

test("a disk that refuses: the append is not acknowledged, and what was before stays", async () => {
  const child = spawnWriter(["full"]);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.on("exit", resolve));
  const refused = /refused after (\d+): Writing to the inbox: .*Is the disk full\?/.exec(output);
  assert.ok(refused, output.slice(-300));
  const inbox = openInbox();
  assert.is(inbox.highWaterMark(A), Number(refused?.[1]));
  assert.is(textsAll(inbox).length, Number(refused?.[1]));
  assert.is((await durably(append(inbox, A, Number(refused?.[1]) + 1))).kind, "accepted", "and it goes on");
});

test.run();
