import { test } from "uvu";
import * as assert from "uvu/assert";
import { CASE_LIMITS } from "../../../../control/notify/outbox/cases.ts";
import { alertOf, firing, resolved } from "../fixtures.ts";
import { FakeReceiver, failure, withOutbox } from "./outbox-fixture.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const incident = (id: string): { id: string } => ({ id });

test("firing, worse and resolved are each said once to each receiver, however often they are given in", async () => {
  const [a, b] = [new FakeReceiver("a"), new FakeReceiver("b")];
  await withOutbox([a, b], async (fixture) => {
    const warning = firing({}, { severity: "warning" });
    for (const each of [warning, warning, firing(), firing(), warning, resolved(), resolved(), firing()]) {
      await fixture.tell(each);
    }
    await fixture.restart();
    for (const each of [warning, firing(), resolved()]) await fixture.tell(each);
    assert.equal(a.ids, ["i1/warning", "i1/critical", "i1/resolved"]);
    assert.equal(b.ids, a.ids);
  });
});

test("one that hangs holds up nobody, and is given up after its time-out", async () => {
  const [slow, fast] = [new FakeReceiver("slow"), new FakeReceiver("fast")];
  slow.fate = "hang";
  await withOutbox([slow, fast], async (fixture) => {
    await fixture.tell(firing(), firing({}, incident("i2")));
    assert.equal(fast.ids, ["i1/critical", "i2/critical"]);
    assert.equal(slow.ids, ["i1/critical"]);
    await fixture.advance(10_000);
    assert.is(await fixture.counted("failures_total", { receiver: "slow", reason: "timeout" }), 1);
    slow.fate = undefined;
    await fixture.advance(HOUR_MS);
    assert.equal(slow.ids.slice(-2).sort(), ["i1/critical again", "i2/critical again"], "each may have arrived before");
  });
});

test("a failure is tried again after 1, 2, 4 s and so on up to five minutes, and after a day it is a dead letter", async () => {
  const one = new FakeReceiver("one");
  one.fate = failure("unreachable");
  await withOutbox([one], async (fixture) => {
    const times: number[] = [];
    await fixture.tell(firing());
    const startMs = fixture.clock.nowMs();
    for (let at = 0; times.length < 12; at++) {
      if (one.got.length > times.length) times.push((fixture.clock.nowMs() - startMs) / 1_000);
      await fixture.advance(1_000);
    }
    assert.equal(times, [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111]);
    await fixture.advance(25 * HOUR_MS);
    const tries = one.got.length;
    const [dead, ...others] = fixture.outbox.deadLetters();
    assert.equal(others, []);
    assert.equal([dead!.receiver, dead!.notification.id, dead!.why], ["one", "i1/critical", "it unreachable"]);
    assert.is(dead!.tries, tries);
    await fixture.advance(25 * HOUR_MS);
    assert.is(one.got.length, tries, "it is left alone");
    assert.is(await fixture.counted("retries_total", { receiver: "one" }), tries - 1);
    assert.is(await fixture.counted("dead_letters", { receiver: "one" }), 1);
  });
});

test("a dead letter lies there over a restart, and can be sent again or dropped", async () => {
  const one = new FakeReceiver("one");
  one.fate = failure("refused");
  await withOutbox([one], async (fixture) => {
    await fixture.tell(firing(), firing({}, incident("i2")));
    assert.is(one.got.length, 2, "a refusal is not tried again");
    await fixture.restart();
    one.fate = undefined;
    assert.is(fixture.outbox.deadLetters().length, 2);
    assert.is(await fixture.outbox.resend("one", "i1"), true);
    assert.is(await fixture.outbox.drop("one", "i2"), true);
    assert.is(await fixture.outbox.drop("one", "i2"), false);
    assert.is(await fixture.outbox.resend("other", "i1"), false);
    await fixture.settle();
    assert.equal(one.ids.slice(2), ["i1/critical"]);
    assert.equal(fixture.outbox.deadLetters(), []);
    await fixture.tell(resolved(), resolved({}, incident("i2")));
    assert.equal(one.ids.slice(3), ["i1/resolved"], "of what was never told no end is");
  });
});

test("what gets worse is tried though what was before it was refused, and a dead one that is over says so when sent again", async () => {
  const one = new FakeReceiver("one");
  one.fate = failure("refused");
  await withOutbox([one], async (fixture) => {
    await fixture.tell(firing({}, { severity: "warning" }));
    await fixture.tell(firing());
    await fixture.tell(resolved());
    assert.equal(one.ids, ["i1/warning", "i1/critical"]);
    one.fate = undefined;
    await fixture.outbox.resend("one", "i1");
    await fixture.settle();
    assert.equal(one.ids.slice(2), ["i1/resolved"]);
  });
});

test("a receiver that asks to be left alone is", async () => {
  const one = new FakeReceiver("one");
  one.fate = failure("limited", 90_000);
  await withOutbox([one], async (fixture) => {
    await fixture.tell(firing(), firing({}, incident("i2")));
    assert.is(one.got.length, 1);
    one.fate = undefined;
    await fixture.advance(89_000);
    assert.is(one.got.length, 1);
    await fixture.advance(1_000);
    assert.equal(one.ids.slice(1).sort(), ["i1/critical", "i2/critical"]);
  });
});

test("what is over before it could be said is not said; of what may have been heard the end is", async () => {
  const one = new FakeReceiver("one");
  for (const [fate, ids] of [
    [failure("unreachable"), []],
    [failure("limited"), []],
    [failure("failed"), ["i1/resolved"]],
    [failure("timeout"), ["i1/resolved"]],
  ] as const) {
    one.fate = fate;
    one.got.length = 0;
    await withOutbox([one], async (fixture) => {
      await fixture.tell(firing());
      await fixture.tell(resolved());
      one.fate = undefined;
      const before = one.got.findLastIndex(({ id }) => id === "i1/critical") + 1;
      await fixture.advance(HOUR_MS);
      const after = one.ids.filter((id, at) => at >= before || id.endsWith("/resolved"));
      assert.equal([...new Set(after.map((id) => id.replace(" again", "")))], ids, fate.reason);
      const paired = ids.length === 0 ? 2 : 0;
      assert.is(await fixture.counted("dropped_total", { receiver: "one", reason: "paired" }), paired);
    });
  }
});

test("what ends while it is being said is said to be over after it", async () => {
  const one = new FakeReceiver("one");
  one.fate = "hang";
  await withOutbox([one], async (fixture) => {
    await fixture.tell(firing());
    await fixture.tell(resolved());
    assert.equal(one.ids, ["i1/critical"]);
    one.fate = undefined;
    await fixture.advance(10_000);
    assert.equal(one.ids, ["i1/critical", "i1/resolved"]);
  });
});

test("more than so many a minute wait, and what is over goes before them", async () => {
  const one = new FakeReceiver("one", { maxPerMinute: 3 });
  await withOutbox([one], async (fixture) => {
    await fixture.tell(...Array.from({ length: 7 }, (_, at) => firing({}, incident(`i${at}`))));
    assert.is(one.got.length, 3);
    const [held] = fixture.outbox.status();
    const freeMs = fixture.clock.nowMs() + MINUTE_MS;
    assert.equal([held!.waiting, held!.isRateLimited, held!.nextTryMs], [4, true, freeMs]);
    await fixture.tell(resolved({}, incident("i0")), resolved({}, incident("i6")));
    await fixture.advance(MINUTE_MS);
    assert.equal(one.ids.slice(3), ["i0/resolved", "i3/critical", "i4/critical"]);
    await fixture.advance(MINUTE_MS);
    assert.equal(one.ids.slice(6), ["i5/critical"], "of i6 neither is said");
    const [status] = fixture.outbox.status();
    const { lastSentMs, ...rest } = status!;
    const well = { oldestMs: null, failed: 0, why: "", failingSinceMs: null, nextTryMs: null, isRateLimited: false };
    assert.equal(rest, { receiver: "one", waiting: 0, dead: 0, sent: 7, ...well });
    assert.is(lastSentMs, fixture.clock.nowMs(), "the last one just now");
  });
});

test("what a full outbox does not take is counted, and what it holds is not lost", async () => {
  const limits = { ...CASE_LIMITS };
  const one = new FakeReceiver("one");
  one.fate = failure("unreachable");
  await withOutbox([one], async (fixture) => {
    Object.assign(CASE_LIMITS, { waiting: 3 });
    await fixture.tell(...Array.from({ length: 5 }, (_, at) => firing({}, incident(`i${at}`))));
    assert.is(await fixture.counted("dropped_total", { reason: "overflow" }), 2);
    Object.assign(CASE_LIMITS, { ...limits, bytes: 4_000 });
    const large = { ...incident("i9"), alerts: [alertOf({ description: "x".repeat(5_000) })] };
    await fixture.tell(firing({}, large));
    await fixture.tell(firing({}, incident("i8")));
    assert.is(await fixture.counted("dropped_total", { reason: "overflow" }), 4);
    one.fate = undefined;
    one.got.length = 0;
    await fixture.advance(HOUR_MS);
    assert.equal(one.ids.sort(), ["i0/critical", "i1/critical", "i2/critical"]);
  }).finally(() => Object.assign(CASE_LIMITS, limits));
});

test("dead letters and what is remembered are bounded", async () => {
  const limits = { ...CASE_LIMITS };
  Object.assign(CASE_LIMITS, { dead: 2, ended: 2 });
  const one = new FakeReceiver("one");
  await withOutbox([one], async (fixture) => {
    one.fate = failure("refused");
    for (let at = 0; at < 4; at++) {
      await fixture.tell(firing({}, incident(`d${at}`)));
      await fixture.advance(1_000);
    }
    assert.equal(
      fixture.outbox.deadLetters().map(({ notification }) => notification.incident.id),
      ["d2", "d3"],
    );
    assert.is(await fixture.counted("dropped_total", { reason: "deadOverflow" }), 2);
    one.fate = undefined;
    for (let at = 0; at < 9; at++) {
      await fixture.tell(firing({}, incident(`e${at}`)));
      await fixture.tell(resolved({}, incident(`e${at}`)));
    }
    const table = fixture.db.table("outbox");
    assert.ok([...table.getRange()].length <= 2 + 4, "two dead ones, two that are remembered, and those of now");
  }).finally(() => Object.assign(CASE_LIMITS, limits));
});

test("what is written with it is written with it or not at all", async () => {
  const one = new FakeReceiver("one");
  await withOutbox([one], async (fixture) => {
    const state = fixture.db.table<number>("state");
    const telling = { notification: firing(), receivers: ["one"] };
    const refused = await fixture.outbox
      .tell([telling], () => {
        throw new Error("no");
      })
      .catch((error: Error) => error.message);
    assert.match(String(refused), "no");
    await fixture.settle();
    assert.equal(one.ids, []);
    await fixture.outbox.tell([telling], () => void state.put("tick", 7));
    await fixture.settle();
    await fixture.restart();
    assert.is(fixture.db.table<number>("state").get("tick"), 7);
    assert.equal(one.ids, ["i1/critical"]);
  });
});

test("a mirror hears what fires again and again, as it is by then, and that it is over for a while", async () => {
  const mirror = new FakeReceiver("mirror", {}, { everyMs: MINUTE_MS, resolvedForMs: 3 * MINUTE_MS });
  await withOutbox([mirror], async (fixture) => {
    await fixture.tell(firing());
    await fixture.advance(2 * MINUTE_MS);
    assert.equal(mirror.ids, ["i1/critical", "i1/critical", "i1/critical"]);
    const grown = firing().incident;
    fixture.outbox.refresh([{ incident: { ...grown, alerts: [...grown.alerts, alertOf({ id: "a3" })] }, mapUrl: "" }]);
    mirror.fate = failure("refused");
    await fixture.advance(MINUTE_MS);
    assert.is(mirror.got.at(-1)!.incident.alerts.length, 3);
    mirror.fate = undefined;
    await fixture.restart();
    assert.is(mirror.ids.at(-1), "i1/critical", "also after a refusal and a restart");
    mirror.got.length = 0;
    const resolvedMs = fixture.clock.nowMs();
    const over = resolved();
    await fixture.tell({ ...over, incident: { ...over.incident, resolvedMs } });
    await fixture.advance(20 * MINUTE_MS);
    assert.equal(
      mirror.ids,
      Array.from({ length: 4 }, () => "i1/resolved"),
    );
  });
});

test("receivers may change: what waits for one that is gone waits for a day, should it come back", async () => {
  const [one, two] = [new FakeReceiver("one"), new FakeReceiver("two")];
  one.fate = failure("unreachable");
  await withOutbox([one, two], async (fixture) => {
    await fixture.tell(firing());
    await fixture.outbox.replaceReceivers([two.receiver]);
    await fixture.advance(HOUR_MS);
    one.fate = undefined;
    await fixture.outbox.replaceReceivers([one.receiver, two.receiver]);
    await fixture.settle();
    assert.equal([one.ids.at(-1), two.ids.length], ["i1/critical", 1]);
    one.fate = failure("unreachable");
    await fixture.tell(firing({}, incident("i2")));
    await fixture.outbox.replaceReceivers([two.receiver]);
    await fixture.advance(25 * HOUR_MS);
    await fixture.outbox.replaceReceivers([two.receiver]);
    assert.is(await fixture.counted("dropped_total", { receiver: "one", reason: "receiverGone" }), 1);
  });
});

test("a test is sent at once and says how it ended; nothing of it is kept", async () => {
  const one = new FakeReceiver("one");
  await withOutbox([one], async (fixture) => {
    await fixture.outbox.test("one", firing());
    assert.is(one.got[0]!.isTest, true);
    one.fate = failure("refused");
    assert.match(
      String(await fixture.outbox.test("one", firing()).catch((error: Error) => error.message)),
      "it refused",
    );
    assert.match(
      String(await fixture.outbox.test("nobody", firing()).catch((error: Error) => error.message)),
      'There is no receiver "nobody"; there are one',
    );
    assert.equal(fixture.outbox.deadLetters(), []);
    one.fate = undefined;
    await fixture.tell(firing());
    assert.is(one.ids.at(-1), "i1/critical");
  });
});

test.run();
