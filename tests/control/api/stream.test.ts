import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Snapshot } from "../../../control/world/model.ts";
import { type ControlOptions, type ControlUnderTest, startControl } from "./fixture-control.ts";
import { EventReader } from "./event-reader.ts";
import { shopSecond } from "./fixture-shop.ts";
import { edge, endpoint, snapshot } from "./fixture-snapshot.ts";

async function during(options: ControlOptions, check: (control: ControlUnderTest) => Promise<void>): Promise<void> {
  const control = await startControl(options);
  try {
    await check(control);
  } finally {
    await control.close();
  }
}

/** Waits for something to become true; the runner's own time limit is the only clock. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A client that asks for the stream and then reads nothing. */
async function stalledClient(http: string): Promise<Socket> {
  const { hostname, port } = new URL(http);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(`GET /api/v1/stream HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  socket.pause();
  return socket;
}

/** About a megabyte of JSON, too much for the buffers of a socket when several are sent. */
const largeEdges = Array.from({ length: 300 }, (_edge, index) => {
  return edge(
    `shop/client-${index}`,
    "shop/server",
    Array.from({ length: 10 }, (_each, at) => endpoint("GET", `/${at}`, 9)),
  );
});

test("sends the world as it is at once, and again when something was added", async () => {
  await during({}, async ({ http, world, feed }) => {
    const reader = await EventReader.open(`${http}/api/v1/stream`);
    assert.is(reader.response.headers.get("content-type"), "text/event-stream");
    assert.match(reader.response.headers.get("cache-control") ?? "", "no-store");
    assert.is(await reader.nextBlock(), "retry: 2000");
    const total = (given: Snapshot): number => given.edges.reduce((sum, each) => sum + each.total, 0);
    const before = total(await reader.next<Snapshot>("snapshot"));
    assert.ok(before > 0);
    for (const window of shopSecond(Date.now() - 5_000)) world.add(window);
    feed.added();
    let after = before;
    while (after === before) after = total(await reader.next<Snapshot>("snapshot"));
    assert.is(after - before, 81);
    reader.close();
  });
});

test("the compressed stream says the same, whenever one joins it", async () => {
  let atMs = 0;
  const snapshots = { snapshot: () => snapshot({ atMs: ++atMs }) };
  await during({ snapshots }, async ({ http }) => {
    const first = await EventReader.open(`${http}/api/v1/stream`, "gzip");
    assert.is(first.response.headers.get("content-encoding"), "gzip");
    await first.next<Snapshot>("snapshot");
    await first.next<Snapshot>("snapshot");
    const second = await EventReader.open(`${http}/api/v1/stream`, "gzip");
    const plain = await EventReader.open(`${http}/api/v1/stream`);
    const seen = await Promise.all(
      [first, second, plain].map(async (reader) => {
        const times = [];
        for (let count = 0; count < 5; count++) times.push((await reader.next<Snapshot>("snapshot")).atMs);
        reader.close();
        return times;
      }),
    );
    for (const times of seen)
      assert.equal(
        times,
        [...times].sort((a, b) => a - b),
      );
    const shared = seen[0]!.filter((time) => seen[1]!.includes(time) && seen[2]!.includes(time));
    assert.ok(shared.length > 0, "all three were sent the same snapshots");
  });
});

test("a comment keeps a quiet stream alive", async () => {
  await during({ feed: { maxIntervalMs: 3_600_000 }, http: { stream: { heartbeatMs: 20 } } }, async ({ http }) => {
    const reader = await EventReader.open(`${http}/api/v1/stream`);
    const blocks = [];
    while (blocks.filter((block) => block === ":").length < 3) blocks.push(await reader.nextBlock());
    assert.is(blocks[0], "retry: 2000");
    reader.close();
  });
});

test("a client that goes away frees its place", async () => {
  await during({ feed: { maxSubscribers: 1 } }, async ({ http, feed }) => {
    const reader = await EventReader.open(`${http}/api/v1/stream`);
    await reader.next<Snapshot>("snapshot");
    assert.is(feed.stats.subscribers, 1);
    reader.close();
    await until(() => feed.stats.subscribers === 0);
    const again = await EventReader.open(`${http}/api/v1/stream`);
    await again.next<Snapshot>("snapshot");
    again.close();
  });
});

test("refuses subscribers past the limit with 503", async () => {
  await during({ feed: { maxSubscribers: 2 } }, async ({ http, feed }) => {
    const readers = [await EventReader.open(`${http}/api/v1/stream`), await EventReader.open(`${http}/api/v1/stream`)];
    const response = await fetch(`${http}/api/v1/stream`);
    assert.is(response.status, 503);
    assert.is(response.headers.get("retry-after"), "2");
    assert.match(await response.text(), "All 2 places");
    assert.is(feed.stats.refused, 1);
    readers.forEach((reader) => reader.close());
  });
});

test("a client that does not read skips to the newest, and nobody waits for it", async () => {
  const snapshots = { snapshot: () => snapshot({ atMs: Date.now(), edges: largeEdges }) };
  await during({ snapshots }, async ({ http, feed }) => {
    const socket = await stalledClient(http);
    await until(() => feed.stats.skipped >= 3);
    const reader = await EventReader.open(`${http}/api/v1/stream`);
    await reader.next<Snapshot>("snapshot");
    await reader.next<Snapshot>("snapshot");
    reader.close();
    // What it was too slow for was not kept: it reads what was on its way, and then the present.
    const resumedAtMs = Date.now();
    let lastAtMs = 0;
    let events = 0;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      for (const [, atMs] of text.matchAll(/data: \{"atMs":(\d+)/g)) {
        lastAtMs = Number(atMs);
        events++;
      }
    });
    socket.resume();
    await until(() => lastAtMs >= resumedAtMs);
    assert.ok(events + 3 <= feed.stats.published, `${events} events of ${feed.stats.published}`);
    socket.destroy();
    await until(() => feed.stats.subscribers === 0);
  });
});

test("a client that reads nothing for too long is cut off", async () => {
  const snapshots = { snapshot: () => snapshot({ atMs: Date.now(), edges: largeEdges }) };
  await during({ snapshots, http: { stream: { stallMs: 60 } } }, async ({ http, feed }) => {
    const socket = await stalledClient(http);
    await until(() => feed.stats.subscribers === 1);
    await until(() => feed.stats.subscribers === 0);
    assert.is(feed.stats.stalled, 1);
    socket.resume();
    socket.on("error", () => {});
    if (!socket.closed) await once(socket, "close");
  });
});

test("a snapshot that cannot be written ends the stream and frees its place", async () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  const snapshots = { snapshot: () => loop as unknown as Snapshot };
  await during({ snapshots }, async ({ http, feed, errors }) => {
    const reader = await EventReader.open(`${http}/api/v1/stream`);
    let ended = false;
    await reader.next<Snapshot>("snapshot").catch(() => (ended = true));
    assert.ok(ended);
    assert.match(String(errors[0]?.message), "Encoding an event");
    await until(() => feed.stats.subscribers === 0);
  });
});

test("closing control ends open streams", async () => {
  const control = await startControl();
  const reader = await EventReader.open(`${control.http}/api/v1/stream`);
  await reader.next<Snapshot>("snapshot");
  await control.close();
  let ended = false;
  while (!ended) await reader.nextBlock().catch(() => (ended = true));
  await until(() => control.feed.stats.subscribers === 0);
});

test.run();
