import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, LossKind } from "#proto/ingest.ts";
import type { NodeIdentity } from "../../control/identity/node.ts";
import type { ReportedWindow } from "../../control/identity/observation.ts";
import { StaticInventory } from "../../control/identity/static-inventory.ts";
import { encodeReceived } from "../../control/ingest/envelope.ts";
import { Inbox } from "../../control/ingest/inbox.ts";
import { Pipeline } from "../../control/pipeline.ts";
import { PipelineMetrics } from "../../control/pipeline-metrics.ts";
import type { BookContent } from "../../control/routes/book-content.ts";
import type { RouteOf } from "../../control/routes/route-of.ts";
import { RouteBook } from "../../control/routes/route-book.ts";
import { RuleSet } from "../../control/routes/rule-set.ts";
import { batchOf } from "./batches.ts";
import { RecordingStore } from "./recording-store.ts";
import { helloOf } from "./reporter-client.ts";
import { until } from "./until.ts";

/** Keeps what it is given. */
class RecordingWorld {
  readonly added: ReportedWindow[] = [];
  readonly restored: ReportedWindow[] = [];
  known: readonly NodeIdentity[] = [];
  movedToMs = 0;
  readonly moves: string[][] = [];
  setKnown(nodes: readonly NodeIdentity[]): void {
    this.known = nodes;
  }
  add(window: ReportedWindow): void {
    this.added.push(window);
  }
  restore(window: ReportedWindow): void {
    this.restored.push(window);
  }
  advance(nowMs: number): void {
    this.movedToMs = nowMs;
  }
  moveRoutes(_routeOf: RouteOf, servers?: ReadonlySet<string>): void {
    this.moves.push([...(servers ?? ["all"])]);
  }
}

const hello = helloOf({ namespace: "shop", workload: "user" });
let folder = "";
let inbox: Inbox;
let store: RecordingStore;
let world: RecordingWorld;
let book: RouteBook;
let rules = RuleSet.NONE;
let content: BookContent = new Map();
let pipeline: Pipeline;
let registry: Registry;
let warnings: string[] = [];
let sequence = 0;

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-pipeline-"));
  inbox = Inbox.open({ path: join(folder, "inbox"), maxBytes: 1 << 28 });
  store = new RecordingStore();
  warnings = [];
  sequence = 0;
  rules = RuleSet.NONE;
  content = new Map();
});

test.after.each(async () => {
  await pipeline.stop();
  await inbox.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(maxQueued?: number): Promise<void> {
  world = new RecordingWorld();
  book = new RouteBook({ rulesOf: () => rules, onChange: () => undefined });
  book.restore(content);
  registry = new Registry();
  pipeline = new Pipeline({
    inbox,
    inventory: StaticInventory.empty(),
    routes: book,
    world,
    store,
    metrics: (state) => new PipelineMetrics(registry, state),
    onAdded: () => undefined,
    warn: (message, error) => warnings.push(`${message}: ${error.message}`),
    now: () => Date.now(),
    ...(maxQueued === undefined ? {} : { maxQueued }),
  });
  await pipeline.start();
}

/** Puts batches into the inbox, each with a loss whose count is its sequence, and waits until they are durable. */
async function receive(batches: number): Promise<void> {
  let durable: Promise<void> = Promise.resolve();
  for (let i = 0; i < batches; i += 1) {
    sequence += 1;
    const losses = [{ kind: LossKind.LOSS_KIND_VALUES_CUT, count: sequence }];
    const batch = Batch.encode(batchOf([{ peer: { address: "10.0.0.1" } }], { sequence, losses })).finish();
    const now = Date.now();
    const value = encodeReceived({ hello, receivedMs: now, sentMs: now, clockOffsetMs: 0, batch });
    const result = inbox.append({ instance: hello.instance, sequence, receivedMs: now, value });
    if (result.kind !== "full") durable = result.durable;
  }
  await durable;
}

/** The sequences of windows; losses travel on, so they carry them. */
function sequences(windows: readonly ReportedWindow[]): (number | undefined)[] {
  return windows.map((window) => window.losses[0]?.count);
}

function upTo(last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

test("the world gets each window once, as soon as it is durable; the store gets all, and the inbox lets them go", async () => {
  await start();
  await receive(50);
  await until(() => world.added.length === 50);
  assert.ok(store.kept.length <= 50);
  await receive(30);
  await until(() => store.kept.length === 80);
  assert.equal(sequences(world.added), upTo(80));
  assert.equal(sequences(store.kept), upTo(80));
  await until(() => inbox.status().entries === 0);
  assert.is(pipeline.pending, 0);
  assert.ok(store.appends <= 6, `${store.appends} appends: they go in groups`);
});

test("a store that is down costs the world nothing and loses nothing", async () => {
  store.failing = "refuse";
  await start();
  await receive(20);
  await until(() => world.added.length === 20 && warnings.length > 0);
  assert.match(warnings[0] ?? "", /The store refused a write; trying again in 500 ms.*the engine is away/);
  await receive(20);
  await until(() => world.added.length === 40);
  assert.is(pipeline.pending, 40);
  assert.is(inbox.status().entries, 40);
  assert.match(await registry.metrics(), /sidelight_pipeline_lag_batches\{target="store"\} 40/);
  assert.ok(pipeline.lagSeconds > 0);
  store.failing = "no";
  await until(() => store.kept.length === 40);
  await until(() => pipeline.lagSeconds === 0);
  assert.equal(sequences(store.kept), upTo(40));
  assert.equal(sequences(world.added), upTo(40));
});

test("a write that is applied and reported as failed is not applied twice, though the group has grown", async () => {
  store.failing = "forget";
  await start();
  await receive(10);
  await until(() => store.kept.length === 10 && warnings.length > 0);
  await receive(10);
  store.failing = "no";
  await until(() => store.kept.length >= 20);
  assert.equal(sequences(store.kept), upTo(20));
});

test("a slow store with little memory for what waits reads the inbox again: everything, once, in order", async () => {
  store.delayMs = 20;
  await start(30);
  for (let round = 0; round < 12; round += 1) {
    await receive(60);
    await sleep(7);
  }
  await until(() => store.kept.length === 720);
  assert.equal(sequences(store.kept), upTo(720));
  assert.equal(sequences(world.added), upTo(720));
});

test("a store that is faster than the world takes nothing away from it", async () => {
  await start();
  await pipeline.stop();
  await receive(3_000);
  await start();
  await until(() => store.kept.length === 3_000 && pipeline.pending === 0 && inbox.status().entries === 0);
  assert.equal(sequences(world.added), upTo(3_000));
});

test("the world moves with the time, whether or not anybody looks at it", async () => {
  await start();
  const before = world.movedToMs;
  assert.ok(before > 0, "before it is filled from the store");
  await sleep(5);
  await receive(1);
  await until(() => world.added.length === 1);
  assert.ok(world.movedToMs > before);
});

test("a restart goes on where the store is: the world is filled from both, each window once", async () => {
  await start();
  await receive(15);
  await until(() => store.kept.length === 15);
  store.failing = "refuse";
  await receive(5);
  await until(() => world.added.length === 20);
  await pipeline.stop();
  store.failing = "no";
  await start();
  assert.equal(sequences(world.restored), upTo(15));
  await until(() => world.added.length === 5 && store.kept.length === 20);
  assert.equal(sequences(world.added), upTo(20, 16));
  assert.equal(sequences(store.kept), upTo(20));
});

test("stopping hands the store what it lacks", async () => {
  await start();
  await receive(400);
  await pipeline.stop();
  assert.equal(sequences(store.kept), upTo(400));
});

test("what comes in while the pipeline stops stays in the inbox, which may be closed at once", async () => {
  for (let round = 0; round < 10; round += 1) {
    await start();
    const received = receive(300);
    await pipeline.stop();
    await received;
    await inbox.close();
    await sleep(2);
    inbox = Inbox.open({ path: join(folder, "inbox"), maxBytes: 1 << 28 });
  }
  await start();
  await until(() => store.kept.length === 3_000);
  assert.equal(sequences(store.kept), upTo(3_000));
});

test("an inbox that was lost while the store was kept does not hide what comes new", async () => {
  await store.append([], 1_000);
  await start();
  await receive(5);
  await until(() => store.kept.length === 5);
  assert.is(inbox.status().lastCursor, 1_005);
});

/** Puts a batch for a path into the inbox and waits until the world has it. */
async function ask(path: string): Promise<void> {
  sequence += 1;
  const counters = [{ peer: { address: "10.0.0.1" }, route: path }];
  // A place has to be seen for a while until it is learned from.
  const startMs = Date.now() - 600_000 + (sequence % 50) * 10_000;
  const batch = Batch.encode(batchOf(counters, { sequence, startMs })).finish();
  const now = Date.now();
  const value = encodeReceived({ hello, receivedMs: now, sentMs: now, clockOffsetMs: 0, batch });
  const result = inbox.append({ instance: hello.instance, sequence, receivedMs: now, value });
  if (result.kind !== "full") await result.durable;
}

function routesOf(windows: readonly ReportedWindow[]): Set<string> {
  return new Set(windows.flatMap(({ observations }) => observations.map(({ route }) => route)));
}

test("what is learned holds for all windows: those in the world, in the store, and on their way there", async () => {
  store.delayMs = 30;
  await start();
  const names = Array.from(
    { length: 150 },
    (_, at) => `/users/${[...String(at)].map((d) => "abcdefghij"[+d]).join("")}`,
  );
  await Promise.all(names.map(ask));
  await until(() => world.moves.length > 0);
  assert.equal(world.moves, [["shop/user"]]);
  await ask("/users/late");
  await until(() => store.kept.length === 151 && pipeline.pending === 0);
  await until(() => routesOf(store.kept).size === 1);
  assert.equal([...routesOf(store.kept)], ["/users/{id}"]);
  assert.equal([...routesOf(world.added.slice(-1))], ["/users/{id}"]);
});

test("a move that the store never heard of, since control was killed, is made at the next start", async () => {
  await start();
  await ask("/users/ann");
  await until(() => store.kept.length === 1);
  await pipeline.stop();
  const learned = { place: "/users/{id}", sinceMs: 0, values: 60, names: new Set<string>() };
  content = new Map([["shop/user", { places: [learned], forgotten: [] }]]);
  await start();
  assert.equal([...routesOf(world.restored)], ["/users/{id}"]);
  await ask("/users/bob");
  await until(() => store.kept.length === 2);
  assert.equal([...routesOf(store.kept)], ["/users/{id}"]);
});

test("new rules of the user move what was counted before", async () => {
  await start();
  await ask("/users/ann");
  await until(() => store.kept.length === 1);
  rules = new RuleSet(["/users/{user}"]);
  book.rulesChanged();
  pipeline.routesChanged();
  assert.equal(world.moves, [["all"]]);
  await until(() => routesOf(store.kept).has("/users/{user}"));
});

test("an entry that cannot be read is passed over, counted, and stops nothing", async () => {
  await start();
  await receive(1);
  const value = Buffer.from("this is no envelope");
  const result = inbox.append({ instance: "e".repeat(32), sequence: 1, receivedMs: 0, value });
  if (result.kind !== "full") await result.durable;
  await receive(1);
  await until(() => store.kept.length === 2);
  assert.equal(sequences(world.added), [1, 2]);
  assert.match(warnings.join(), /Passed over an inbox entry that cannot be read/);
});

test.run();
