import { test } from "uvu";
import * as assert from "uvu/assert";
import { MAX_TAPPED_BYTES, MAX_TAPS, MAX_TAPS_OF_WORKLOAD, MAX_TAP_QUEUE } from "../../../control/ingest/limits.ts";
import { MAX_TAP_SUBSCRIBERS } from "../../../control/ingest/limits.ts";
import { TooManyTaps } from "../../../control/ingest/taps.ts";
import { HubUnderTest, everything, questionOf, tappedOf } from "./tap-fixture.ts";

test("the reporters of the workload are asked, no others, and what they send is shown", async () => {
  const under = new HubUnderTest();
  const [one, two, other] = [under.stream("user", "a"), under.stream("user", "b"), under.stream("orders")];
  const filter = { ...everything, method: "GET", pathPrefix: "/cards" };
  const subscription = under.hub.open(questionOf({ filter }));
  assert.equal(one.told, [{ ...filter, id: 1, perSecond: 5, durationMillis: 60_000 }]);
  assert.equal([two.words, other.words], [["1 5/s 60000"], []]);
  assert.equal(await under.read(subscription), ["2:"], "first of all how many are asked");
  under.send(one, tappedOf(1, ["/cards/1", "/cards/2"]));
  under.send(two, tappedOf(1, ["/cards/3"], 4));
  assert.equal(await under.read(subscription), ["2: /cards/1 /cards/3 /cards/2 +4"], "by the time that they ended");
  under.send(other, tappedOf(1, ["/forged"]));
  under.send(one, tappedOf(2, ["/no/such/tap"]));
  assert.equal(await under.read(subscription), []);
  assert.is(under.hub.stats.stray, 2);
  subscription.end("closed");
  assert.equal([one.words.at(-1), two.words.at(-1)], ["1 0/s 0", "1 0/s 0"]);
  assert.is(under.clock.timers, 0);
});

test("it expires by itself; what came before can still be read", async () => {
  const under = new HubUnderTest();
  const stream = under.stream();
  const subscription = under.hub.open(questionOf({ durationMs: 5_000 }));
  assert.equal(await under.read(subscription), ["1:"]);
  under.clock.pass(4_000);
  under.send(stream, tappedOf(1, ["/late"], 1));
  under.clock.pass(4_000);
  assert.is(subscription.ended, "expired");
  assert.equal(await under.read(subscription), ["1: /late +1"]);
  assert.equal(stream.words, ["1 10/s 5000", "1 0/s 0"]);
  under.send(stream, tappedOf(1, ["/too/late"]));
  assert.equal(await under.read(subscription), []);
  assert.equal([under.hub.stats.taps, under.hub.stats.subscribers, under.clock.timers], [0, 0, 0]);
});

test("reporters that come or go during the tap: asked for the time that is left, and for their share", async () => {
  const under = new HubUnderTest();
  const subscription = under.hub.open(questionOf());
  assert.equal(await under.read(subscription), ["0:"]);
  under.clock.pass(20_000 - under.clock.elapsed());
  const one = under.stream();
  const two = under.stream();
  const other = under.stream("orders");
  assert.equal([one.words, two.words, other.words], [["1 10/s 40000"], ["1 5/s 40000"], []]);
  assert.equal(await under.read(subscription), ["2:"]);
  under.clock.pass(30_000 - under.clock.elapsed());
  under.hub.left(one);
  assert.is(two.words.at(-1), "1 10/s 30000", "what one could have shown the other may");
  assert.equal(await under.read(subscription), ["1:"]);
  under.send(one, tappedOf(1, ["/gone"]));
  assert.equal(await under.read(subscription), []);
  under.hub.left(other);
  under.hub.left(other);
  assert.is(two.told.length, 2);
  const slow = under.stream("idle");
  slow.isSlow = true;
  under.hub.left(slow);
  under.hub.joined(slow);
  assert.is(under.hub.open(questionOf({ workload: "shop/idle" })).ended, undefined);
  under.send(slow, tappedOf(2, ["/unasked"]));
  assert.is(under.hub.stats.shown, 0);
  under.hub.stop();
});

test("the rate holds over all reporters together, and what is past it is counted and said", async () => {
  const under = new HubUnderTest();
  const streams = Array.from({ length: 30 }, () => under.stream());
  const subscription = under.hub.open(questionOf({ perSecond: 20 }));
  assert.equal(streams[0]!.words, ["1 1/s 60000"], "no reporter can be asked for less");
  let [shown, skipped] = [0, 0];
  for (let second = 0; second < 10; second += 1) {
    for (const stream of streams) under.send(stream, tappedOf(1, ["/a", "/b"], 1));
    for (const word of await under.read(subscription)) {
      shown += word.split("/").length - 1;
      skipped += Number(/\+(\d+)/.exec(word)?.[1] ?? 0);
    }
    under.clock.pass((second + 1) * 1000 - under.clock.elapsed());
  }
  assert.is(shown, 200);
  assert.is(shown + skipped, 10 * 30 * 3);
  const { stats } = under.hub;
  assert.equal([stats.shown, stats.skipped], [200, { reporter: 300, control: 400, subscriber: 0 }]);
  subscription.end("closed");
});

test("a subscriber that does not read loses the oldest, and is told how many", async () => {
  const under = new HubUnderTest();
  const stream = under.stream();
  const slow = under.hub.open(questionOf({ perSecond: 100 }));
  const quick = under.hub.open(questionOf({ perSecond: 100 }));
  let seen = 0;
  for (let second = 0; second < 9; second += 1) {
    const paths = Array.from({ length: 100 }, (_, index) => `/${second * 100 + index}`);
    under.send(stream, tappedOf(1, paths));
    for (const word of await under.read(quick)) seen += word.split("/").length - 1;
    under.clock.pass((second + 1) * 1000 - under.clock.elapsed());
  }
  assert.is(seen, 900, "nobody waits for the slow one");
  const [first, rest, ...more] = await under.read(slow);
  assert.equal([first, more], ["1:", []]);
  assert.is(rest!.split("/").length - 1, MAX_TAP_QUEUE);
  assert.ok(rest!.includes(" /899 ") && !rest!.includes(" /399 ") && rest!.endsWith(" +400"), rest!.slice(-20));
  assert.is(under.hub.stats.skipped.subscriber, 400);
  under.hub.stop();
});

test("who asks for the same shares the tap; it lasts as long as the last of them", async () => {
  const under = new HubUnderTest();
  const stream = under.stream();
  const short = under.hub.open(questionOf({ durationMs: 1_000 }));
  const long = under.hub.open(questionOf({ durationMs: 30_000 }));
  const middle = under.hub.open(questionOf({ durationMs: 20_000 }));
  assert.equal(stream.words, ["1 10/s 1000", "1 10/s 30000"]);
  under.clock.pass(1_500);
  assert.equal([short.ended, middle.ended, long.ended], ["expired", undefined, undefined]);
  under.send(stream, tappedOf(1, ["/x"]));
  assert.equal([await under.read(middle), await under.read(long)].flat(), ["1:", "1: /x", "1:", "1: /x"]);
  assert.equal([under.hub.stats.taps, under.hub.stats.shown], [1, 1]);
  long.end("closed");
  assert.is(stream.told.length, 2);
  middle.end("closed");
  assert.is(stream.words.at(-1), "1 0/s 0");
});

test("limits: different taps of a workload, taps in all, and those who watch", () => {
  const under = new HubUnderTest();
  const open = (workload: string, perSecond: number) => under.hub.open(questionOf({ workload, perSecond }));
  for (let workload = 0; workload < MAX_TAPS / MAX_TAPS_OF_WORKLOAD; workload += 1) {
    for (let rate = 1; rate <= MAX_TAPS_OF_WORKLOAD; rate += 1) open(`shop/w${workload}`, rate);
    const message = workload === 0 ? /^4 different taps of shop\/w0 run already/ : /./;
    assert.throws(() => open(`shop/w${workload}`, 9), message);
  }
  assert.throws(
    () => open("shop/new", 1),
    (error: Error) => error instanceof TooManyTaps && error.message.startsWith(`All ${MAX_TAPS} places for taps`),
  );
  for (let number = MAX_TAPS; number < MAX_TAP_SUBSCRIBERS; number += 1) open("shop/w0", 1);
  assert.throws(() => open("shop/w0", 1), /All 100 places for live requests are taken/);
  assert.is(under.hub.stats.refused, MAX_TAPS / MAX_TAPS_OF_WORKLOAD + 2);
  under.hub.stop();
  assert.equal([under.hub.stats.taps, under.hub.stats.subscribers, under.clock.timers], [0, 0, 0]);
  assert.is(open("shop/w0", 1).ended, "stopping");
});

test("what breaks a rule is not shown, and harms nothing", async () => {
  const under = new HubUnderTest();
  const stream = under.stream();
  const subscription = under.hub.open(questionOf());
  await under.read(subscription);
  under.send(stream, tappedOf(1, ["/good", "/bad?token=secret", { path: "/bad", traceId: "zz" }]));
  under.send(
    stream,
    tappedOf(1, [
      { path: "/elsewhere", counter: 7 },
      { path: "/slowest", reason: 1 },
    ]),
  );
  assert.equal(await under.read(subscription), ["1: /good +4"]);
  under.send(stream, Buffer.from("ff".repeat(40), "hex"));
  under.send(stream, tappedOf(1, [{ path: "/", requestId: "x".repeat(MAX_TAPPED_BYTES) }]));
  under.send(stream, new Uint8Array());
  assert.is(under.hub.stats.bad, 3);
  under.failure = new Error("no such identity");
  under.send(stream, tappedOf(1, ["/unnamed"]));
  assert.match(String(under.errors[0]?.message), "Naming live requests of sidecar~test");
  assert.equal(await under.read(subscription), ["1: +1"]);
  under.hub.stop();
});

test.run();
