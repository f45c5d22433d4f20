import { test } from "uvu";
import * as assert from "uvu/assert";
import { firing } from "../fixtures.ts";
import { FakeReceiver, failure, withOutbox } from "./outbox-fixture.ts";

test("one that fails says since when, why and when it is tried again, until something arrives", async () => {
  const one = new FakeReceiver("one");
  one.fate = failure("unreachable");
  await withOutbox([one], async (fixture) => {
    await fixture.tell(firing());
    const sinceMs = fixture.clock.nowMs();
    await fixture.advance(4_000);
    const [failing] = fixture.outbox.status();
    assert.equal([failing!.failed, failing!.failingSinceMs, failing!.why], [3, sinceMs, "it unreachable"]);
    assert.equal([failing!.nextTryMs, failing!.isRateLimited], [sinceMs + 7_000, false]);
    one.fate = undefined;
    await fixture.advance(3_000);
    const [well] = fixture.outbox.status();
    assert.equal([well!.failed, well!.failingSinceMs, well!.why, well!.nextTryMs], [3, null, "", null]);
  });
});

test("one that says how long to wait is not tried before", async () => {
  const one = new FakeReceiver("one");
  one.fate = failure("limited", 90_000);
  await withOutbox([one], async (fixture) => {
    await fixture.tell(firing(), firing({}, { id: "i2" }));
    const [status] = fixture.outbox.status();
    assert.is(status!.nextTryMs, fixture.clock.nowMs() + 90_000);
  });
});

test.run();
