/** Batches that nobody should send: good ones with something changed that a reporter can change, and bytes of any kind. */
import { Batch, Outcome, Protocol, Side } from "#proto/ingest.ts";
import type { Counter } from "#proto/ingest.ts";
import { batchOf } from "../batches.ts";

type Random = () => number;

const whole = (random: Random, below: number): number => Math.floor(random() * below);
const pick = <T>(random: Random, list: readonly T[]): T => list[whole(random, list.length)]!;

/** Numbers at which something ends: of a byte, of the limits, of the wire's types. */
const NUMBERS = [0, 1, 2, 127, 128, 255, 999, 1_000, 2_367, 2_368, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const TEXTS = [
  "",
  "/",
  "~other",
  "{id}",
  "/**",
  "\u0000",
  "\n",
  "__proto__",
  "constructor",
  "…",
  "x".repeat(2_049),
  "é",
];

/** What an honest reporter sends. */
export function honestBatch(sequence: number, count: number): Uint8Array {
  return Batch.encode(batchOf([{ count, buckets: [5, count], peer: { address: "10.0.0.1" } }], { sequence })).finish();
}

function good(random: Random, sequence: number): Batch {
  const counters = Array.from({ length: 1 + whole(random, 5) }, (_, at) => ({
    side: pick(random, [Side.SIDE_INBOUND, Side.SIDE_OUTBOUND]),
    protocol: pick(random, [Protocol.PROTOCOL_HTTP, Protocol.PROTOCOL_GRPC, Protocol.PROTOCOL_TCP]),
    outcome: pick(random, [Outcome.OUTCOME_SUCCESS, Outcome.OUTCOME_SERVER_ERROR, Outcome.OUTCOME_NO_ANSWER]),
    route: `/minted-${whole(random, 1e9)}/${at}`,
    peer: {
      address: `10.0.0.${at}`,
      cluster: `cluster-${whole(random, 1e9)}`,
      authority: `host-${whole(random, 1e9)}`,
    },
    count: 10,
    buckets: [whole(random, 1_000), 3, 1_000 + whole(random, 1_000), 7],
  }));
  return batchOf(counters, { sequence, exemplars: [{ path: `/minted?${random()}` }] });
}

type Mutation = (batch: Batch, random: Random) => void;

const counterField = (field: keyof Counter): Mutation => {
  return ({ counters }, random) => Object.assign(pick(random, counters), { [field]: pick(random, NUMBERS) });
};

const MUTATIONS: readonly Mutation[] = [
  ...(["side", "peer", "protocol", "method", "route", "outcome", "status", "count", "requestBytes"] as const).map(
    counterField,
  ),
  (batch, random) => (batch.sequence = pick(random, NUMBERS)),
  (batch, random) => (batch.startSeconds = pick(random, NUMBERS)),
  (batch, random) => (batch.startMillis = pick(random, NUMBERS)),
  (batch, random) => (batch.durationMillis = pick(random, NUMBERS)),
  ({ strings }, random) => (strings[whole(random, strings.length)] = pick(random, TEXTS)),
  ({ strings }, random) => (strings.length = whole(random, strings.length)),
  ({ peers }, random) => Object.assign(pick(random, peers) ?? {}, { principal: pick(random, NUMBERS) }),
  ({ peers }, random) => (peers.length = whole(random, peers.length)),
  ({ counters }, random) => pick(random, counters).buckets.push(pick(random, NUMBERS)),
  ({ counters }, random) => (pick(random, counters).buckets[whole(random, 4)] = pick(random, NUMBERS)),
  ({ losses }, random) => losses.push({ kind: pick(random, NUMBERS), count: pick(random, NUMBERS) }),
  ({ exemplars }, random) => (exemplars[0]!.counter = pick(random, NUMBERS)),
  ({ exemplars }, random) => (exemplars[0]!.path = pick(random, TEXTS)),
];

/** One hostile batch; now and then it is a good one, as those have to be taken too. */
export function hostileBytes(random: Random, sequence: number): Uint8Array {
  const kind = random();
  if (kind < 0.02) return Uint8Array.from({ length: whole(random, 200) }, () => whole(random, 256));
  const batch = good(random, sequence);
  if (kind < 0.7) for (let times = 1 + whole(random, 2); times > 0; times--) pick(random, MUTATIONS)(batch, random);
  const bytes = Uint8Array.from(Batch.encode(clamped(batch)).finish());
  if (kind >= 0.9) return bytes.subarray(0, whole(random, bytes.length));
  if (kind >= 0.7)
    for (let times = whole(random, 4); times > 0; times--) bytes[whole(random, bytes.length)] = whole(random, 256);
  return bytes;
}

/** Enums are 32 bits on the wire, and signed; the encoder refuses more. */
function clamped(batch: Batch): Batch {
  const counters = batch.counters.map((counter) => ({
    ...counter,
    side: counter.side | 0,
    protocol: counter.protocol | 0,
    outcome: counter.outcome | 0,
  }));
  return { ...batch, counters, losses: batch.losses.map(({ kind, count }) => ({ kind: kind | 0, count })) };
}
