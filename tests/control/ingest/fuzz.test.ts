/**
 * Hostile reporters beside honest ones: batches mutated field by field, and raw bytes. Each message has one end that is
 * counted, nothing throws, and what the honest ones count stays exact. `FUZZ_SEED` repeats a run.
 */
import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Server } from "@grpc/grpc-js";
import { Registry } from "prom-client";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, Hello, ReportRequest, Switch } from "#proto/ingest.ts";
import { ExternalHosts } from "../../../control/identity/external-hosts.ts";
import { nameWindow } from "../../../control/identity/name-window.ts";
import { StaticInventory } from "../../../control/identity/static-inventory.ts";
import { decodeReceived } from "../../../control/ingest/envelope.ts";
import { readFrame } from "../../../control/ingest/frame.ts";
import { Inbox } from "../../../control/ingest/inbox.ts";
import { IngestMetrics } from "../../../control/ingest/metrics.ts";
import { Reporters } from "../../../control/ingest/reporters.ts";
import { addIngestService } from "../../../control/ingest/service.ts";
import type { Ingest } from "../../../control/ingest/service.ts";
import { TapHub } from "../../../control/ingest/tap-hub.ts";
import { BATCH_FAULTS, problemOfBatch } from "../../../control/ingest/validate.ts";
import { RouteBook } from "../../../control/routes/route-book.ts";
import { RuleSet } from "../../../control/routes/rule-set.ts";
import { World } from "../../../control/world/world.ts";
import { helloOf } from "../reporter-client.ts";
import { randomOf } from "../world/random.ts";
import { fixedSettings } from "./fixed-settings.ts";
import { honestBatch, hostileBytes } from "./hostile-batches.ts";
import { Served } from "./served.ts";

const ROUNDS = 20_000;
const OVER_THE_WIRE = 300;
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1e6);
const HONEST_COUNT = 7;

/** A call as the service sees it, without a wire. */
class Call extends EventEmitter {
  readonly writableNeedDrain = false;
  ending: string | undefined;
  #isPaused = false;
  constructor() {
    super();
    this.on("error", ({ details }: { details: string }) => {
      this.ending = details;
      this.emit("close");
    });
  }
  write(): boolean {
    return true;
  }
  end(): void {
    this.emit("close");
  }
  pause(): void {
    this.#isPaused = true;
  }
  resume(): void {
    this.#isPaused = false;
  }
  isPaused(): boolean {
    return this.#isPaused;
  }
  getPeer(): string {
    return "test";
  }
  receive(bytes: Uint8Array): void {
    this.emit("data", readFrame(bytes));
  }
}

function message(field: number, bytes: Uint8Array): Uint8Array {
  const nowMs = Date.now();
  const clock = { sentSeconds: Math.floor(nowMs / 1000), sentMillis: nowMs % 1000 };
  return ReportRequest.encode({ ...clock, message: undefined, farewell: undefined })
    .uint32((field << 3) | 2)
    .bytes(bytes)
    .finish();
}

const helloMessage = (hello: Hello): Uint8Array => message(3, Hello.encode(hello).finish());

/** The sum of a metric's values that have these labels. */
async function sumOf(registry: Registry, name: string, labels: Record<string, string> = {}): Promise<number> {
  const found = (await registry.getMetricsAsJSON()).find((metric) => metric.name === name);
  return (found?.values ?? [])
    .filter(({ labels: have }) =>
      Object.entries(labels).every(([key, value]) => (have as typeof labels)[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);
}

/** The ingest with a real inbox, and without a wire. */
class Fuzzed {
  readonly folder = mkdtempSync(join(tmpdir(), "sidelight-fuzz-"));
  readonly registry = new Registry();
  readonly honest = ["a", "b", "c"].map((name) => helloOf({ nodeId: `honest-${name}`, process: name.repeat(32) }));
  readonly #inbox = Inbox.open({ path: join(this.folder, "inbox"), maxBytes: 1 << 30 });
  readonly #ingest: Ingest;
  readonly #calls: Call[];
  #accept: (call: Call) => void = () => undefined;
  honestSent = 0;

  constructor() {
    const server = {
      addService: (_: unknown, { report }: { report: (call: Call) => void }) => (this.#accept = report),
    };
    this.#ingest = addIngestService(server as unknown as Server, {
      ...{ inbox: this.#inbox, reporters: new Reporters(), metrics: new IngestMetrics(this.registry) },
      taps: new TapHub({ workloadOf: () => "", name: () => [], onError: () => assert.unreachable("a tap failed") }),
      settings: fixedSettings({
        ...{ intervalMillis: 1000, routes: [], maxEndpoints: 200, serviceRoutes: [] },
        exemplars: Switch.SWITCH_UNSPECIFIED,
      }),
      ...{ warn: () => undefined, now: () => Date.now() },
    });
    this.#calls = this.honest.map((hello) => this.open(hello));
  }

  open(hello: Hello): Call {
    const call = new Call();
    this.#accept(call);
    call.receive(helloMessage(hello));
    return call;
  }

  sendHonest(): void {
    this.honestSent += 1;
    for (const call of this.#calls) call.receive(message(4, honestBatch(this.honestSent, HONEST_COUNT)));
  }

  /** Ends it. @returns the inbox as the next control finds it */
  async reopened(): Promise<Inbox> {
    const endings = this.#calls.map(({ ending }) => ending);
    assert.equal(endings, [undefined, undefined, undefined], "an honest reporter's stream was ended");
    this.#ingest.close();
    await this.#inbox.close();
    return Inbox.open({ path: join(this.folder, "inbox"), maxBytes: 1 << 30 });
  }
}

/** Sends hostile messages, and honest ones between them. @returns how many hostile ones */
async function attack(fuzzed: Fuzzed, random: () => number): Promise<number> {
  let call: Call | undefined;
  let sequence = 0;
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 10 === 0) fuzzed.sendHonest();
    if (!call || call.ending !== undefined || random() < 0.02) {
      call?.emit("close");
      call = fuzzed.open(helloOf({ nodeId: `hostile-${round}` }));
      sequence = 0;
      // Whoever knows another's instance is still another process.
      const thief = fuzzed.open({ ...fuzzed.honest[round % 3]!, process: random() < 0.5 ? "" : "f".repeat(32) });
      assert.match(thief.ending ?? "", /belongs to another process/);
    }
    sequence += random() < 0.9 ? 1 : 0;
    call.receive(message(4, hostileBytes(random, sequence)));
    // Bytes that wait for the disk are bounded; a stream would be paused meanwhile.
    if (round % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 6));
  }
  return ROUNDS;
}

/** Brings all that lies in an inbox to routes and world. @returns requests by instance */
function countAll(inbox: Inbox): Map<string, number> {
  const sums = new Map<string, number>();
  const world = new World();
  const book = new RouteBook({ rulesOf: () => RuleSet.NONE, onChange: () => undefined });
  const naming = { inventory: StaticInventory.empty(), externalHosts: new ExternalHosts() };
  for (const { value } of inbox.read(0, Infinity, Infinity)) {
    const received = decodeReceived(value);
    const batch = Batch.decode(received.batch);
    assert.is(problemOfBatch(batch), undefined, `seed ${seed}`);
    const { instance } = received.hello;
    const counted = batch.counters.reduce((sum, { count }) => sum + count, 0);
    sums.set(instance, (sums.get(instance) ?? 0) + counted);
    const window = book.template(nameWindow(received, naming));
    book.learn(window);
    world.add(window);
  }
  world.snapshot(Date.now());
  return sums;
}

test(`${ROUNDS} hostile messages: each is counted, and the honest reporters' counts are exact`, async () => {
  const fuzzed = new Fuzzed();
  const { honest, registry } = fuzzed;
  const hostileSent = await attack(fuzzed, randomOf(seed));
  const inbox = await fuzzed.reopened();
  try {
    const sums = countAll(inbox);
    assert.equal(
      honest.map(({ instance }) => [sums.get(instance), inbox.highWaterMark(instance)]),
      honest.map(() => [fuzzed.honestSent * HONEST_COUNT, fuzzed.honestSent]),
      `seed ${seed}`,
    );
  } finally {
    await inbox.close();
    rmSync(fuzzed.folder, { recursive: true, force: true });
  }
  const batches = await sumOf(registry, "sidelight_ingest_batches_total");
  const unreadable = await sumOf(registry, "sidelight_ingest_rejected_streams_total", { reason: "unreadable" });
  assert.is(batches + unreadable, hostileSent + fuzzed.honestSent * honest.length, `seed ${seed}`);
  const faults = BATCH_FAULTS.filter((fault) => fault !== "size");
  for (const fault of faults) {
    const times = await sumOf(registry, "sidelight_ingest_quarantined_batches_total", { fault });
    assert.ok(times > 0, `no batch had a fault of its ${fault}: seed ${seed}`);
  }
  const aside = await sumOf(registry, "sidelight_ingest_batches_total", { result: "quarantined" });
  assert.is(await sumOf(registry, "sidelight_ingest_quarantined_batches_total"), aside, `seed ${seed}`);
});

test(`${OVER_THE_WIRE} hostile batches over the wire: an honest reporter beside them is exact`, async () => {
  const random = randomOf(seed + 1);
  const served = await Served.start();
  try {
    const honest = served.raw();
    const hello = helloOf({ process: "a".repeat(32) });
    honest.send({ $case: "hello", value: hello });
    let stream = served.raw();
    let isOver = true;
    for (let round = 1; round <= OVER_THE_WIRE; round++) {
      if (isOver) {
        stream = served.raw();
        stream.send({ $case: "hello", value: helloOf() });
        isOver = false;
        void stream.ended.then(() => (isOver = true));
      }
      stream.sendBatchBytes(hostileBytes(random, round));
      honest.sendBatchBytes(honestBatch(round, HONEST_COUNT));
      if (round % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    while (honest.acked < OVER_THE_WIRE) await new Promise((resolve) => setTimeout(resolve, 5));
    const kept = served.inbox
      .read(0, Infinity, Infinity)
      .map(({ value }) => decodeReceived(value))
      .filter(({ hello: { instance } }) => instance === hello.instance);
    assert.is(kept.length, OVER_THE_WIRE, `seed ${seed}`);
  } finally {
    await served.stop();
  }
});

test.run();
