import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { StoreOpenError } from "../../../../control/store/errors.ts";
import { Slots } from "../../../../control/store/sink/slots.ts";
import type { SlotsOptions } from "../../../../control/store/sink/slots.ts";

const STEP_MS = 10_000;
/** The start of a slot. */
const START_MS = 1_700_000_000_000;

let folder = "";
test.before.each(() => void (folder = mkdtempSync(join(tmpdir(), "sidelight-slots-"))));
test.after.each(() => rmSync(folder, { recursive: true, force: true }));

function open(nowMs: number, more: Partial<SlotsOptions> = {}): Slots {
  return new Slots({ path: join(folder, "sink.json"), stepMs: STEP_MS, keptMs: 3_600_000, nowMs, ...more });
}

/** Seconds after START_MS. */
const at = (seconds: number): number => START_MS + seconds * 1_000;
const span = (from: number, to: number) => ({ fromMs: at(from), toMs: at(to) });

/** Takes and sends all that is due; where each began, in seconds. */
function sendAll(slots: Slots, seconds: number): number[] {
  const sent: number[] = [];
  for (let slot = slots.take(at(seconds)); slot; slot = slots.take(at(seconds))) {
    slots.sent(slot);
    sent.push((slot.fromMs - START_MS) / 1_000);
  }
  return sent;
}

test("slots are due some seconds after they are over, from the one in which the sink began", () => {
  const slots = open(at(3));
  assert.equal(sendAll(slots, 14), []);
  assert.equal(sendAll(slots, 15), [0]);
  assert.equal(sendAll(slots, 44), [10, 20]);
});

test("what changes a slot that was sent has it sent again, when history has it and not before", () => {
  const slots = open(at(0));
  assert.equal(sendAll(slots, 35), [0, 10, 20]);
  const done = slots.change([span(5, 12)]);
  assert.equal(sendAll(slots, 36), []);
  done();
  assert.equal(sendAll(slots, 36), [0, 10]);
  slots.change([span(-60, 1)])();
  assert.equal(sendAll(slots, 36), [0], "what was before the sink is not told");
});

test("a slot whose windows are on their way into history waits for them", () => {
  const slots = open(at(0));
  const [one, two] = [slots.change([span(3, 4)]), slots.change([span(4, 5)])];
  assert.equal(sendAll(slots, 15), []);
  one();
  assert.equal(sendAll(slots, 15), []);
  two();
  assert.equal(sendAll(slots, 15), [0]);
});

test("a kill at any moment loses no slot: being changed, being sent, failed", () => {
  const slots = open(at(0));
  assert.equal(sendAll(slots, 25), [0, 10]);
  slots.change([span(3, 4)]);
  assert.equal(sendAll(open(at(26)), 26), [0]);
  const again = open(at(27));
  again.take(at(40));
  assert.equal(sendAll(open(at(41)), 41), [20], "taken, and not sent");
  const failing = open(at(42));
  failing.failed(failing.take(at(55))!);
  assert.equal(failing.waiting(at(56)), { slots: 2, sinceMs: at(30) });
  assert.equal(sendAll(failing, 55), [30, 40]);
  assert.equal(sendAll(open(at(56)), 56), []);
});

test("what waits is bounded: slots older than history keeps are given up, and counted", () => {
  const slots = open(at(0), { keptMs: 60_000 });
  slots.failed(slots.take(at(15))!);
  assert.equal(slots.waiting(at(115)), { slots: 11, sinceMs: at(0) });
  assert.equal(sendAll(slots, 115), [50, 60, 70, 80, 90, 100]);
  assert.is(slots.dropped, 5);
});

test("after an outage what was sent lately goes again", () => {
  const slots = open(at(0));
  assert.equal(sendAll(slots, 65), [0, 10, 20, 30, 40, 50]);
  slots.resend(at(35));
  assert.equal(sendAll(slots, 66), [40, 50]);
});

test("slots of another length begin anew; a file of something else is told and left alone", () => {
  sendAll(open(at(0)), 25);
  const minutes = open(at(100), { stepMs: 60_000 });
  const begin = Math.floor(at(100) / 60_000) * 60_000;
  assert.equal(minutes.take(begin + 65_000), { fromMs: begin, toMs: begin + 60_000 });
  writeFileSync(join(folder, "sink.json"), "{}");
  assert.throws(
    () => open(at(0)),
    (error: unknown) => error instanceof StoreOpenError && error.message.includes("Move it away"),
  );
});

test.run();
