import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Tapped } from "#proto/ingest.ts";
import type { Tap } from "#proto/ingest.ts";
import { batchOf } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";
import { until } from "../until.ts";
import type { RawStream } from "./raw-stream.ts";
import { Served } from "./served.ts";
import { questionOf, tappedOf } from "./tap-fixture.ts";

const test = suite<{ served: Served }>("live requests at the service");

test.before.each(async (context) => {
  context.served = await Served.start();
});
test.after.each(({ served }) => served.stop());

function tapsOf({ responses }: RawStream): Tap[] {
  return responses.flatMap(({ message }) => (message?.$case === "tap" ? [message.value] : []));
}

function greet(served: Served, instance: string): RawStream {
  const stream = served.raw();
  const value = helloOf({ instance, namespace: "shop", workload: "user", pod: "user-1" });
  stream.send({ $case: "hello", value });
  return stream;
}

const live = (tap: number, path: string) => ({ $case: "tapped", value: Tapped.decode(tappedOf(tap, [path])) }) as const;

test("they pass by the inbox: not acknowledged, not stored, and no count waits or suffers", async ({ served }) => {
  const stream = greet(served, "1".repeat(32));
  await until(() => served.taps.reportersOf("shop/user") === 1);
  const subscription = served.taps.open(questionOf());
  await until(() => tapsOf(stream).length === 1);
  const [tap] = tapsOf(stream);
  assert.equal([tap?.perSecond, tap?.id], [10, 1]);
  assert.ok(tap!.durationMillis > 0 && tap!.durationMillis <= 60_000);
  stream.send({ $case: "batch", value: batchOf([{ count: 5 }], { sequence: 1 }) });
  stream.send(live(1, "/cards/1"));
  stream.send(live(9, "/of/another/tap"));
  stream.send({ $case: "batch", value: batchOf([{ count: 7 }], { sequence: 2 }) });
  assert.equal(await subscription.next(10_000), { reporters: 1, requests: [], skipped: 0 });
  const news = await subscription.next(10_000);
  assert.equal(
    news?.requests.map(({ path, pod }) => [path, pod]),
    [["/cards/1", "user-1"]],
  );
  await until(() => stream.acked === 2);
  assert.equal(
    served.stored().map(({ counters }) => counters[0]?.count),
    [5, 7],
  );
  subscription.end("closed");
  await until(() => tapsOf(stream).length === 2);
  assert.is(tapsOf(stream)[1]?.durationMillis, 0, "the reporter is told of the end");
  stream.send(live(1, "/after/the/end"));
  stream.send({ $case: "batch", value: batchOf([{ count: 1 }], { sequence: 3 }) });
  await until(() => stream.acked === 3);
  assert.equal(served.warnings, []);
});

test("what cannot be read is passed over; only without a Hello is it refused", async ({ served }) => {
  const stream = greet(served, "2".repeat(32));
  await until(() => served.taps.reportersOf("shop/user") === 1);
  stream.send({ $case: "tapped", value: { tap: 1, requests: undefined, skipped: 0 } });
  stream.send({ $case: "batch", value: batchOf([{ count: 1 }], { sequence: 1 }) });
  await until(() => stream.acked === 1);
  assert.is(served.taps.stats.bad, 1);
  const stranger = served.raw();
  stranger.send(live(1, "/"));
  assert.match((await stranger.ended).details, "live requests came before the Hello");
});

test("a reporter that comes again is told again, with the time that is left", async ({ served }) => {
  const subscription = served.taps.open(questionOf({ durationMs: 600_000 }));
  assert.is((await subscription.next(10_000))?.reporters, 0);
  const first = greet(served, "3".repeat(32));
  await until(() => tapsOf(first).length === 1);
  const second = greet(served, "3".repeat(32));
  assert.match((await first.ended).details, "a newer stream of this reporter took over");
  await until(() => tapsOf(second).length > 0);
  assert.ok(tapsOf(second).at(-1)!.durationMillis <= tapsOf(first)[0]!.durationMillis);
  await until(() => served.taps.reportersOf("shop/user") === 1);
  second.close();
  await until(() => served.taps.reportersOf("shop/user") === 0);
  served.ingest.close();
  assert.is(subscription.ended, "stopping");
});

test.run();
