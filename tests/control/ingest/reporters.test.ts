import { test } from "uvu";
import * as assert from "uvu/assert";
import { ReporterKind } from "#proto/ingest.ts";
import { MAX_STREAMS } from "../../../control/ingest/limits.ts";
import { Reporters } from "../../../control/ingest/reporters.ts";
import { batchOf } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";

const START = 1_800_000_000_000;

function instance(number: number): string {
  return number.toString(16).padStart(32, "0");
}

test("where there are too many, those that are silent for longest go, and never one that reports", () => {
  const reporters = new Reporters();
  const aheadMs = 60_000;
  reporters.greet(helloOf({ instance: instance(0) }), START + aheadMs, START);
  for (let number = 1; number < MAX_STREAMS + 500; number += 1) {
    const nowMs = START + number;
    reporters.greet(helloOf({ instance: instance(number) }), nowMs, nowMs);
    const offset = reporters.received(instance(0), batchOf([]), { sentMs: nowMs + aheadMs, receivedMs: nowMs });
    if (offset !== -aheadMs) assert.unreachable(`offset ${offset} after ${number} others`);
  }
  assert.is(reporters.list().length, MAX_STREAMS);
});

test("a reporter that was silent for an hour is not listed any more", () => {
  const reporters = new Reporters();
  reporters.greet(helloOf({ instance: instance(1) }), START, START);
  reporters.greet(helloOf({ instance: instance(2) }), START + 3_600_001, START + 3_600_001);
  assert.equal(
    reporters.list().map(({ hello }) => hello.instance),
    [instance(2)],
  );
});

test("a node has a tap as long as one is heard from there", () => {
  const reporters = new Reporters();
  const tap = helloOf({ instance: instance(1), kind: ReporterKind.REPORTER_KIND_TAP, nodeId: "node-1" });
  reporters.greet(tap, START, START);
  reporters.greet(helloOf({ instance: instance(2), nodeId: "node-2" }), START, START);
  assert.is(reporters.isTapped("node-1", START + 60_000), true);
  assert.is(reporters.isTapped("node-2", START), false, "a sidecar's");
  assert.is(reporters.isTapped("node-1", START + 60_001), false);
  reporters.received(instance(1), batchOf([]), { sentMs: START + 90_000, receivedMs: START + 90_000 });
  assert.is(reporters.isTapped("node-1", START + 90_001), true);
});

test("a tap that was there before control started is waited for, as long as for one that fell silent", () => {
  const reporters = new Reporters();
  reporters.greet(
    helloOf({ instance: instance(1), kind: ReporterKind.REPORTER_KIND_TAP, nodeId: "node-1" }),
    START + 50_000,
    START + 50_000,
  );
  for (const node of ["node-1", "node-2"]) reporters.expectTap(node, START);
  assert.is(reporters.isTapped("node-2", START + 60_000), true);
  assert.is(reporters.isTapped("node-2", START + 60_001), false);
  assert.is(reporters.isTapped("node-1", START + 110_000), true, "one that is back already");
});

test.run();
