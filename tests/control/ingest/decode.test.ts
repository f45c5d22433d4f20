import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, LossKind, Protocol, ReportRequest, ReporterKind, Side } from "#proto/ingest.ts";
import type { Counter, Outcome, Peer } from "#proto/ingest.ts";
import { decodeBatch } from "../../../control/ingest/decode.ts";
import { decodeReceived, encodeReceived } from "../../../control/ingest/envelope.ts";
import { readFrame } from "../../../control/ingest/frame.ts";
import { batchOf } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";

function good(): Batch {
  return batchOf(
    [
      { peer: { address: "10.0.0.1" }, count: 10, buckets: [0, 1, 5, 2, 1727, 3] },
      { side: Side.SIDE_OUTBOUND, protocol: Protocol.PROTOCOL_TCP, count: 0, active: 4 },
    ],
    { sequence: 9, startMs: 1_800_000_000_123, losses: [{ kind: LossKind.LOSS_KIND_VALUES_CUT, count: 2 }] },
  );
}

/** The good batch with its first counter changed. */
function withCounter(change: Partial<Counter>): Batch {
  const batch = good();
  Object.assign(batch.counters[0] as Counter, change);
  return batch;
}

function problemOf(batch: Batch): string {
  const decoded = decodeBatch(Batch.encode(batch).finish());
  return decoded.kind === "good" ? "" : decoded.problem;
}

test("a batch as the filter sends it is good", () => {
  const decoded = decodeBatch(Batch.encode(good()).finish());
  assert.equal(decoded, { kind: "good", batch: good(), bytes: Batch.encode(good()).finish() });
  assert.is(problemOf(batchOf([], { sequence: 1 })), "", "losses alone are worth a batch");
  assert.is(problemOf(withCounter({ protocol: Protocol.PROTOCOL_TCP, count: 1 })), "", "TCP is timed when it closes");
});

const bad: [string, Batch, RegExp][] = [
  ["no sequence", { ...good(), sequence: 0 }, /sequence is 0/],
  ["milliseconds past a second", { ...good(), startMillis: 1000 }, /start_millis is 1000/],
  ["a window of 49 days", { ...good(), durationMillis: 0xffff_ffff }, /duration_millis/],
  ["a first string that is not empty", { ...good(), strings: ["x", "GET", "/"] }, /string 0 is "x"/],
  ["a string without end", { ...good(), strings: [...good().strings, "x".repeat(3000)] }, /has 3000 characters/],
  ["too many strings", { ...good(), strings: Array<string>(70_000).fill("") }, /70000 strings/],
  ["too many peers", { ...good(), peers: Array<Peer>(20_000).fill(good().peers[0] as Peer) }, /20000 peers/],
  [
    "too many counters",
    { ...good(), counters: Array<Counter>(70_000).fill(good().counters[0] as Counter) },
    /70000 counters/,
  ],
  ["a peer's string past the table", { ...good(), strings: ["", "GET"] }, /peer 0 refers to a string past the 2/],
  ["a route past the table", withCounter({ route: 99 }), /counter 0: string 99 of/],
  ["a peer past the table", withCounter({ peer: 2 }), /counter 0: peer 2 of 2/],
  ["no side", withCounter({ side: 0 }), /side 0/],
  ["the wire's side, which only a tap sees", withCounter({ side: Side.SIDE_WIRE }), /side 3/],
  ["an unknown protocol", withCounter({ protocol: 4 }), /unknown protocol 4/],
  ["a negative outcome", withCounter({ outcome: -1 as Outcome }), /unknown outcome -1/],
  ["an unknown outcome", withCounter({ outcome: 6 as Outcome }), /unknown outcome 6/],
  ["a status of its own", withCounter({ status: 70_000 }), /status 70000/],
  ["half a bucket", withCounter({ buckets: [1, 2, 3] }), /they come in pairs/],
  ["a bucket past the last", withCounter({ buckets: [2368, 1] }), /bucket 2368/],
  ["gaps that add up past the last", withCounter({ buckets: [2300, 1, 68, 1] }), /bucket 2368/],
  ["a bucket twice", withCounter({ buckets: [5, 1, 0, 1] }), /bucket 5 is there twice/],
  ["more latencies than requests", withCounter({ count: 5 }), /6 latencies for 5 requests/],
  ["a count that nobody serves", withCounter({ count: 4_000_000_000 }), /are not believed/],
  ["bytes that nobody moves", withCounter({ requestBytes: 2 ** 50, responseBytes: 1 }), /bytes moved; more than/],
  ["an unknown loss", { ...good(), losses: [{ kind: 99 as LossKind, count: 1 }] }, /unknown loss kind 99/],
];

for (const [name, batch, expected] of bad) {
  test(`put aside: ${name}`, () => assert.match(problemOf(batch), expected));
}

test("a tap stands on the wire and nowhere else, and no sidecar does", () => {
  const kindOf = (counter: Partial<Counter>, kind: ReporterKind): string => {
    const { counters, ...batch } = batchOf([{}]);
    const bytes = Batch.encode({ ...batch, counters: [{ ...counters[0]!, ...counter }] }).finish();
    const decoded = decodeBatch(bytes, { areKept: true }, kind);
    return decoded.kind === "good" ? "good" : decoded.problem;
  };
  const redis = { side: Side.SIDE_WIRE, protocol: Protocol.PROTOCOL_REDIS };
  assert.is(kindOf(redis, ReporterKind.REPORTER_KIND_TAP), "good");
  assert.match(kindOf(redis, ReporterKind.REPORTER_KIND_SIDECAR), /side 3 is not one a sidecar stands at/);
  assert.match(kindOf({}, ReporterKind.REPORTER_KIND_TAP), /side 1 is not one a tap stands at/);
  const foreign = { protocol: Protocol.PROTOCOL_REDIS };
  assert.match(kindOf(foreign, ReporterKind.REPORTER_KIND_SIDECAR), /unknown protocol 6/);
  const handshakes = { ...redis, handshakeBuckets: [2368, 1] };
  assert.match(kindOf(handshakes, ReporterKind.REPORTER_KIND_TAP), /handshakes: bucket 2368/);
});

test("what stands in for a batch that was put aside keeps its window and says what was lost", () => {
  const decoded = decodeBatch(Batch.encode(withCounter({ side: 0 })).finish());
  assert.is(decoded.kind, "poison");
  const standIn = decoded.kind === "poison" ? decoded.standIn : undefined;
  const { sequence, startSeconds, startMillis, durationMillis } = good();
  const losses = [{ kind: LossKind.LOSS_KIND_REQUESTS_LOST, count: 10 }];
  const empty = { strings: [], peers: [], counters: [], exemplars: [] };
  assert.equal(standIn, { sequence, startSeconds, startMillis, durationMillis, losses, ...empty });
});

test("what stands in for a window of 49 days is not as long", () => {
  const decoded = decodeBatch(Batch.encode({ ...good(), durationMillis: 0xffff_ffff }).finish());
  assert.is(decoded.kind === "poison" && decoded.standIn.durationMillis, 0);
  assert.is(decoded.kind === "poison" && decoded.fault, "window");
});

test("a batch cut off in the middle still tells its sequence", () => {
  const bytes = Batch.encode(good()).finish();
  const decoded = decodeBatch(bytes.subarray(0, bytes.length - 5));
  assert.is(decoded.kind, "poison");
  assert.is(decoded.kind === "poison" && decoded.standIn.sequence, 9);
  assert.is(decodeBatch(Buffer.from("ffffffffff", "hex")).kind, "unknown");
});

test("a farewell is read beside a batch, beside a Hello, and alone", () => {
  const farewell = { lastSequence: 7 };
  const frameOf = (message: ReportRequest["message"]) =>
    readFrame(Buffer.from(ReportRequest.encode({ sentSeconds: 1, sentMillis: 0, message, farewell }).finish()));
  const batch = frameOf({ $case: "batch", value: good() });
  assert.equal([batch.message.kind, batch.farewell], ["batch", 7]);
  const hello = frameOf({ $case: "hello", value: helloOf() });
  assert.equal([hello.message.kind, hello.farewell], ["hello", 7]);
  const alone = frameOf(undefined);
  assert.equal([alone.message.kind, alone.farewell], ["none", 7]);
  const cut = readFrame(Buffer.from("320208", "hex"));
  assert.equal([cut.message.kind, cut.farewell], ["unreadable", undefined]);
});

test("a frame is read without throwing, whatever it holds", () => {
  assert.is(readFrame(Buffer.alloc(0)).message.kind, "unreadable");
  let seed = 3;
  for (let round = 0; round < 5_000; round += 1) {
    const bytes = Buffer.alloc(round % 40);
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 16;
    assert.type(readFrame(bytes).sentMs, "number");
    assert.type(decodeBatch(bytes).kind, "string");
  }
});

test("an envelope gives back what went in", () => {
  const hello = helloOf({ namespace: "shop", workload: "user", addresses: ["10.0.0.2"] });
  const received = {
    hello,
    receivedMs: 1_800_000_000_000.5,
    sentMs: 7,
    clockOffsetMs: -12.25,
    batch: Buffer.from("raw"),
  };
  assert.equal(decodeReceived(encodeReceived(received)), received);
  const cut = encodeReceived(received).subarray(0, 40);
  assert.throws(() => decodeReceived(cut), /bytes stated, 40 there/);
  const newer = encodeReceived(received);
  newer[0] = 2;
  assert.throws(() => decodeReceived(newer), /form 2; this version knows form 1/);
});

test.run();
