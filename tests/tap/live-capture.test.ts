/** How tcpdump is run, what is made of its words, and that it is started anew. It is played by a script here. */
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { suite } from "uvu";
import * as assert from "uvu/assert";

import { LossKind } from "#proto/ingest.ts";
import type { Batch } from "#proto/ingest.ts";
import { LiveCapture } from "../../tap/live-capture.ts";
import { compileTap } from "../../tap/module.ts";
import { CannotCaptureError, tcpdumpArguments } from "../../tap/tcpdump.ts";
import type { CaptureOptions } from "../../tap/tcpdump.ts";
import { until } from "../control/until.ts";
import { loud } from "../loud.ts";
import { Connection, pcap } from "./packets.ts";

const test = suite<{ folder: string }>("a live capture");
const OPTIONS: CaptureOptions = { interfaces: ["lo"], filter: "", bufferMb: 2 };
const compiled = await compileTap();

test.before(
  loud(async (context) => {
    context.folder = await mkdtemp(join(tmpdir(), "sidelight-tcpdump-"));
    const exchange = new Connection().open().client("GET /a HTTP/1.1\r\n\r\n");
    exchange.server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").close();
    await writeFile(join(context.folder, "capture"), pcap(exchange.packets));
  }),
);

test.after(async ({ folder }) => rm(folder, { recursive: true, force: true }));

async function captureWith(folder: string, script: string) {
  const command = join(folder, "tcpdump");
  await writeFile(command, `#!/bin/sh\n${script}\n`);
  await chmod(command, 0o755);
  const batches: Batch[] = [];
  const said: string[] = [];
  const capture = new LiveCapture({
    program: { command, env: process.env },
    capture: OPTIONS,
    module: compiled,
    onBatch: (batch) => batches.push(batch),
    say: (text) => said.push(text),
  });
  return { capture, batches, said };
}

const succeeded = (batches: readonly Batch[]) =>
  batches
    .flatMap(({ counters }) => counters)
    .filter(({ status }) => status === 200)
    .reduce((sum, { count }) => sum + count, 0);

function drops(batches: readonly Batch[]): number {
  const losses = batches.flatMap((batch) => batch.losses);
  return losses
    .filter(({ kind }) => kind === LossKind.LOSS_KIND_KERNEL_DROPS)
    .reduce((sum, { count }) => sum + count, 0);
}

test("a tcpdump that ends is started anew, which is said, and all that it saw is counted", async ({ folder }) => {
  const { capture, batches, said } = await captureWith(
    folder,
    `echo "tcpdump: listening on lo, link-type EN10MB" >&2; cat ${folder}/capture
     echo "4 packets received by filter" >&2; echo "3 packets dropped by kernel" >&2; echo "tcpdump: it broke" >&2`,
  );
  const running = capture.run();
  await until(() => said.filter((text) => text.includes("started anew")).length >= 2);
  capture.stop();
  await running;
  const runs = said.filter((text) => text === "captures on lo").length;
  assert.ok(said.includes("tcpdump ended (it broke) and is started anew; what passes meanwhile is not seen"), said[1]);
  // The same packets again are of the same connection, which is over.
  assert.is(succeeded(batches), 1);
  assert.is(drops(batches), 3 * runs);
});

test("drops are asked for while it captures, and told once, though nothing else is counted", async ({ folder }) => {
  const { capture, batches, said } = await captureWith(
    folder,
    `n=0; trap 'n=$((n + 5)); echo "1 packet captured, 1 packet received by filter, $n packets dropped by kernel" >&2' USR1
     trap 'exit 0' INT; echo "listening on lo" >&2; while true; do sleep 0.01; done`,
  );
  const running = capture.run();
  await until(() => said.length > 0);
  let ticks = 0;
  await until(() => {
    ticks += 1;
    if (ticks % 20 === 0) capture.tick();
    return drops(batches) >= 10;
  });
  capture.stop();
  await running;
  assert.is(drops(batches) % 5, 0);
});

/** Plays packets at their times, each seen a little later than it was, to whoever captures then. */
const PLAYER = `
  import { appendFileSync, readFileSync } from "node:fs";
  const [packets, startMs, runs] = process.argv.slice(2);
  appendFileSync(runs, process.argv.at(-1) + "\\n");
  const capture = readFileSync(packets);
  process.stdout.write(capture.subarray(0, 24));
  let at = 24;
  const next = (isKept) => {
    const end = at + 16 + capture.readUInt32LE(at + 8);
    const record = Buffer.from(capture.subarray(at, end));
    const dueMs = Number(startMs) + record.readUInt32LE(0) * 1000 + record.readUInt32LE(4) / 1000;
    if (dueMs > Date.now()) return false;
    const seenMicros = Math.floor((dueMs + 3 * Math.random()) * 1000);
    record.writeUInt32LE(Math.floor(seenMicros / 1e6), 0);
    record.writeUInt32LE(seenMicros % 1e6, 4);
    if (isKept) process.stdout.write(record);
    at = end;
    return at < capture.length;
  };
  while (at < capture.length && next(false));
  process.stderr.write("tcpdump: listening on lo\\n");
  setInterval(() => { while (at < capture.length && next(true)); }, 20);
  process.on("SIGUSR1", () => {});
  process.on("SIGINT", () => process.exit(0));
`;

test("another filter takes over amid requests: each is counted once, and nothing looks sent again", async ({
  folder,
}) => {
  const exchanges = 400;
  const connection = new Connection();
  connection.micros = 0;
  connection.open();
  for (let number = 0; number < exchanges; number += 1) {
    connection.micros += 10_000;
    connection.client("GET /a HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }
  await writeFile(join(folder, "played"), pcap(connection.packets));
  await writeFile(join(folder, "player.mjs"), PLAYER);
  const [startMs, runs] = [Date.now() + 1_500, join(folder, "runs")];
  const play = `${process.execPath} ${folder}/player.mjs ${folder}/played ${startMs} ${runs}`;
  const { capture, batches, said } = await captureWith(folder, `exec ${play} "$@"`);
  const running = capture.run();
  await until(() => said.length > 0);
  const ticking = setInterval(() => capture.tick(), 50);
  await until(() => Date.now() > startMs + 1_000, 10_000);
  capture.narrow("not port 1");
  await until(() => Date.now() > startMs + exchanges * 12 + 1_000, 20_000);
  clearInterval(ticking);
  capture.stop();
  await running;
  assert.is((await readFile(runs, "utf8")).trim().split("\n").at(-1), "(not port 1)");
  assert.is(succeeded(batches), exchanges);
  const again = batches.flatMap(({ counters }) => counters).reduce((sum, each) => sum + each.retransmissions, 0);
  assert.is(again, 0);
});

test("where it cannot capture at all, it says what to do", async ({ folder }) => {
  const failing = async (words: string) => {
    const { capture } = await captureWith(folder, `echo "tcpdump: ${words}" >&2; exit 1`);
    try {
      await capture.run();
    } catch (error) {
      assert.instance(error, CannotCaptureError);
      return (error as Error).message;
    }
    return "it captured";
  };
  const permission = "lo: You don't have permission to perform this capture on that device";
  assert.match(await failing(permission), /needs root, or the capability NET_RAW/);
  assert.match(await failing("lo: No such device exists"), /There is no interface "lo". There are any, /);
  assert.match(await failing("can't parse filter expression: syntax error"), /The filter "" cannot be used/);
});

test("several interfaces are one capture of all, narrowed to them", () => {
  const cooked = tcpdumpArguments({ interfaces: ["lo", "lo"], filter: "tcp", bufferMb: 4 });
  assert.is(cooked.at(-1), "(ifindex 1 or ifindex 1) and (tcp)");
  assert.equal(cooked.slice(0, 4), ["-i", "any", "-y", "LINUX_SLL2"]);
  const plain = tcpdumpArguments({ interfaces: ["lo"], filter: "", bufferMb: 4 });
  assert.equal(plain.slice(0, 2), ["-i", "lo"]);
  assert.not(plain.includes("-y"));
  assert.throws(
    () => tcpdumpArguments({ interfaces: ["lo", "nosuch0"], filter: "", bufferMb: 4 }),
    /There is no interface "nosuch0"/,
  );
});

test.run();
