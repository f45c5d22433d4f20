import { test } from "uvu";
import * as assert from "uvu/assert";
import { type FeedClock, SnapshotFeed, TooManySubscribers } from "../../../control/api/feed.ts";
import { NewestReader } from "../../../control/api/newest-reader.ts";
import type { Snapshot } from "../../../control/world/model.ts";
import { snapshot } from "./fixture-snapshot.ts";

/** A clock that stands still until it is moved. */
class ManualClock implements FeedClock {
  #nowMs = 1_000_000;
  readonly #timers = new Set<{ dueMs: number; callback: () => void }>();

  now = (): number => this.#nowMs;
  elapsed = (): number => this.#nowMs;

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      if (!next) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = endMs;
  }
}

function setUp(compute: (nowMs: number) => Snapshot = (atMs) => snapshot({ atMs }), maxSubscribers = 3) {
  const clock = new ManualClock();
  const errors: Error[] = [];
  const feed = new SnapshotFeed(
    { snapshot: compute },
    { clock, maxSubscribers, onError: (error) => errors.push(error) },
  );
  const published: number[] = [];
  const listen = () => feed.subscribe(({ atMs }) => published.push(atMs - 1_000_000));
  return { clock, errors, feed, published, listen };
}

test("publishes once a second while nothing is added", () => {
  const { clock, feed, published, listen } = setUp();
  feed.start();
  listen();
  clock.pass(3_500);
  assert.equal(published, [0, 1_000, 2_000, 3_000]);
});

test("publishes soon after an addition, and never twice within 500 ms", () => {
  const { clock, feed, published, listen } = setUp();
  feed.start();
  listen();
  clock.pass(700);
  for (let ms = 0; ms < 1_000; ms += 10) {
    feed.added();
    clock.pass(10);
  }
  assert.equal(published, [0, 700, 1_200, 1_700]);
  clock.pass(2_000);
  assert.equal(published, [0, 700, 1_200, 1_700, 2_700, 3_700]);
});

test("computes nothing while nobody listens, and answers who asks with something recent", () => {
  const { clock, feed, listen } = setUp();
  feed.start();
  clock.pass(60_000);
  assert.is(feed.stats.computed, 0);
  const first = feed.latest();
  clock.pass(400);
  assert.is(feed.latest(), first, "within the shortest interval it is reused");
  clock.pass(200);
  assert.is.not(feed.latest(), first);
  const end = listen();
  clock.pass(5_000);
  const before = feed.stats.computed;
  end();
  clock.pass(60_000);
  assert.is(feed.stats.computed, before);
});

test("a fresh snapshot is computed anew, but no more than half of the time", () => {
  const clock = new ManualClock();
  let computing = 0;
  const slow = {
    snapshot(atMs: number): Snapshot {
      clock.pass((computing += 20));
      return snapshot({ atMs });
    },
  };
  const feed = new SnapshotFeed(slow, { clock });
  const first = feed.fresh();
  clock.pass(15);
  assert.is(feed.fresh(), first, "it took 20 ms and is 15 ms old");
  clock.pass(10);
  assert.is.not(feed.fresh(), first);
  assert.is(feed.stats.computed, 2);
  assert.is(feed.stats.lastComputeSeconds, 0.04);
});

test("a world that is slow to compute is published less often", () => {
  const clock = new ManualClock();
  const started: number[] = [];
  const slow = {
    snapshot(atMs: number): Snapshot {
      started.push(atMs - 1_000_000);
      clock.pass(400);
      return snapshot({ atMs });
    },
  };
  const feed = new SnapshotFeed(slow, { clock });
  feed.start();
  feed.subscribe(() => feed.added());
  clock.pass(5_000);
  assert.equal(started.slice(0, 4), [0, 1_600, 3_200, 4_800], "a quarter of the time, with additions all along");
});

test("stops publishing when stopped", () => {
  const { clock, feed, published, listen } = setUp();
  feed.start();
  listen();
  clock.pass(100);
  feed.stop();
  feed.added();
  clock.pass(10_000);
  assert.equal(published, [0]);
});

test("goes on after a world that fails and after a listener that throws", () => {
  let fail = false;
  const { clock, errors, feed, published, listen } = setUp((atMs) => {
    if (fail) throw new Error("out of shape");
    return snapshot({ atMs });
  });
  feed.start();
  feed.subscribe(() => {
    throw new Error("a bad listener");
  });
  listen();
  clock.pass(0);
  fail = true;
  clock.pass(1_000);
  fail = false;
  clock.pass(1_000);
  assert.equal(published, [0, 2_000]);
  assert.is(feed.stats.failed, 3);
  assert.match(String(errors[1]?.cause), "out of shape");
});

test("refuses subscribers past the limit until one leaves", () => {
  const { feed, listen } = setUp();
  const ends = [listen(), listen(), listen()];
  assert.throws(listen, (error: unknown) => error instanceof TooManySubscribers && error.message.includes("3 places"));
  assert.is(feed.stats.refused, 1);
  ends[0]?.();
  ends[0]?.();
  assert.is(feed.stats.subscribers, 2);
  listen();
  assert.is(feed.stats.subscribers, 3);
});

test("a reader that is slower than the feed gets the newest and the rest is counted", async () => {
  const { clock, feed } = setUp();
  feed.start();
  const reader = new NewestReader(feed);
  assert.is((await reader.next(1_000))?.atMs, 1_000_000, "the first answer is there at once");
  clock.pass(5_000);
  assert.is((await reader.next(1_000))?.atMs, 1_005_000);
  assert.is(feed.stats.skipped, 5);
  const waiting = reader.next(60_000);
  clock.pass(1_000);
  assert.is((await waiting)?.atMs, 1_006_000);
  reader.close();
});

test("a reader answers nothing after its time-out and after it was closed", async () => {
  const { clock, feed } = setUp();
  feed.start();
  const reader = new NewestReader(feed);
  await reader.next(1);
  assert.is(await reader.next(1), undefined);
  const waiting = reader.next(60_000);
  reader.close();
  assert.is(await waiting, undefined);
  clock.pass(5_000);
  assert.is(await reader.next(60_000), undefined);
  assert.is(feed.stats.subscribers, 0);
});

test("a reader whose world fails takes no place", () => {
  const { feed } = setUp(() => {
    throw new Error("out of shape");
  });
  assert.throws(() => new NewestReader(feed), "out of shape");
  assert.is(feed.stats.subscribers, 0);
});

test.run();
