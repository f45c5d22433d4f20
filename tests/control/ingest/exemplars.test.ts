import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, ExemplarReason, LossKind } from "#proto/ingest.ts";
import { decodeBatch } from "../../../control/ingest/decode.ts";
import { MAX_EXEMPLARS } from "../../../control/ingest/limits.ts";
import { batchOf } from "../batches.ts";
import type { ExemplarWords } from "../batches.ts";

const good: ExemplarWords = {
  path: "/orders/17",
  durationMicros: 1_234_567,
  flags: 2 ** 33 + 32,
  requestId: "0b6f8a60-97a3-4ac8-a7ea-6f2ad8d4bd4c",
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
};

function batchWith(exemplars: readonly ExemplarWords[]): Batch {
  return batchOf([{ count: 3 }], { startMs: 1_800_000_000_123, exemplars });
}

function keptOf(exemplars: readonly ExemplarWords[], areKept = true) {
  const sent = Batch.encode(batchWith(exemplars)).finish();
  const decoded = decodeBatch(sent, { areKept });
  if (decoded.kind !== "good") throw new Error(decoded.problem);
  assert.equal(Batch.decode(decoded.bytes), decoded.batch, "what is kept is what was checked");
  assert.is(decoded.batch.counters[0]?.count, 3, "no count is lost for it");
  return { ...decoded, sent };
}

test("sound requests by name are kept, byte for byte as they came", () => {
  const { batch, bytes, sent } = keptOf([good, { reason: ExemplarReason.EXEMPLAR_REASON_FAILED }]);
  assert.is(Buffer.compare(bytes, sent), 0);
  assert.equal(batch, batchWith([good, { reason: ExemplarReason.EXEMPLAR_REASON_FAILED }]));
});

const bad: [string, ExemplarWords][] = [
  ["a counter that is not there", { counter: 1 }],
  ["no reason", { reason: ExemplarReason.EXEMPLAR_REASON_UNSPECIFIED }],
  ["a reason of a tap", { reason: ExemplarReason.EXEMPLAR_REASON_TAPPED }],
  ["a reason of the future", { reason: 9 as ExemplarReason }],
  ["a query string", { path: "/login?password=secret" }],
  ["a fragment", { path: "/login#top" }],
  ["a path that is too long", { path: `/${"a".repeat(255)}` }],
  ["a path that is too long in bytes", { path: `/${"ü".repeat(128)}` }],
  ["a request id that is too long", { requestId: "r".repeat(129) }],
  ["a trace id that is too short", { traceId: "4bf92f3577b34da" }],
  ["a trace id that is none", { traceId: "4bf92f3577b34da6a3ce929d0e0e473X" }],
];
for (const [what, words] of bad) {
  test(`one with ${what} is taken out and counted, and the others stay`, () => {
    const { batch } = keptOf([good, { ...good, ...words }, good]);
    assert.equal(batch.exemplars, batchWith([good, good]).exemplars);
    assert.equal(batch.losses, [{ kind: LossKind.LOSS_KIND_EXEMPLARS_CUT, count: 1 }]);
  });
}

test("a batch names a bounded number", () => {
  const { batch } = keptOf(Array.from({ length: MAX_EXEMPLARS + 7 }, () => good));
  assert.is(batch.exemplars.length, MAX_EXEMPLARS);
  assert.equal(batch.losses, [{ kind: LossKind.LOSS_KIND_EXEMPLARS_CUT, count: 7 }]);
});

test("switched off, none is kept and nothing is called a loss", () => {
  const { batch, bytes } = keptOf([good, { path: "/secret" }], false);
  assert.equal(batch, batchWith([]));
  assert.not.ok(Buffer.from(bytes).includes("secret"), "it does not reach the disk");
});

test.run();
