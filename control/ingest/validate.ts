import { Outcome, Protocol, ReporterKind, Side, LossKind } from "#proto/ingest.ts";
import type { Batch, Counter, Hello } from "#proto/ingest.ts";
import {
  BUCKET_COUNT,
  MAX_ADDRESSES,
  MAX_BYTES,
  MAX_COUNTERS,
  MAX_PEERS,
  MAX_REQUESTS_PER_SECOND,
  MAX_STRING_LENGTH,
  MAX_STRINGS,
  MAX_WINDOW_MS,
} from "./limits.ts";

/** The kinds of what can be wrong with a batch; each is counted apart. */
export const BATCH_FAULTS = [
  "size",
  "encoding",
  "window",
  "tables",
  "references",
  "enums",
  "buckets",
  "numbers",
] as const;
export type BatchFault = (typeof BATCH_FAULTS)[number];

/** What is wrong with a batch: its kind, and in words for the log. */
export interface Problem {
  readonly fault: BatchFault;
  readonly text: string;
}

/** What is wrong with a Hello, in words for its sender; undefined when nothing is. */
export function problemOfHello(hello: Hello): string | undefined {
  if (!/^[0-9a-f]{32}$/.test(hello.instance)) {
    return `Hello.instance must be 32 hexadecimal digits in lower case, not ${quote(hello.instance)}`;
  }
  if (!/^([0-9a-f]{32})?$/.test(hello.process)) {
    return `Hello.process must be 32 hexadecimal digits in lower case or empty, not ${quote(hello.process)}`;
  }
  if (hello.kind !== ReporterKind.REPORTER_KIND_SIDECAR && hello.kind !== ReporterKind.REPORTER_KIND_TAP) {
    return `Hello.kind must be SIDECAR or TAP, not ${hello.kind}`;
  }
  if (hello.addresses.length > MAX_ADDRESSES) return `Hello.addresses has more than ${MAX_ADDRESSES} entries`;
  const texts = [hello.nodeId, hello.namespace, hello.workload, hello.pod, hello.version, ...hello.addresses];
  if (texts.some((text) => text.length > MAX_STRING_LENGTH)) {
    return `Hello has a text of more than ${MAX_STRING_LENGTH} characters`;
  }
  return undefined;
}

/** What is wrong with a batch; undefined when it can be counted as it is. */
export function problemOfBatch(batch: Batch, kind = ReporterKind.REPORTER_KIND_SIDECAR): Problem | undefined {
  if (batch.sequence === 0) return { fault: "window", text: "sequence is 0; it counts from 1" };
  return problemOfContent(batch, kind);
}

/** The same of what is never acknowledged and so has no sequence. */
export function problemOfContent(batch: Batch, kind = ReporterKind.REPORTER_KIND_SIDECAR): Problem | undefined {
  return (
    problem("window", problemOfWindow(batch)) ??
    problem("tables", problemOfTables(batch)) ??
    problem("references", problemOfPeers(batch)) ??
    problemOfCounters(batch, kind) ??
    problem("enums", problemOfLosses(batch))
  );
}

function problem(fault: BatchFault, text: string | undefined): Problem | undefined {
  return text === undefined ? undefined : { fault, text };
}

function problemOfWindow(batch: Batch): string | undefined {
  if (batch.startMillis > 999) return `start_millis is ${batch.startMillis}`;
  if (batch.durationMillis > MAX_WINDOW_MS) return `duration_millis is ${batch.durationMillis}`;
  return undefined;
}

function problemOfTables({ strings, peers, counters }: Batch): string | undefined {
  if (strings.length > MAX_STRINGS) return `${strings.length} strings; at most ${MAX_STRINGS}`;
  if (peers.length > MAX_PEERS) return `${peers.length} peers; at most ${MAX_PEERS}`;
  if (counters.length > MAX_COUNTERS) return `${counters.length} counters; at most ${MAX_COUNTERS}`;
  if (strings.length > 0 && strings[0] !== "") return `string 0 is ${quote(strings[0] ?? "")}; it must be empty`;
  const long = strings.findIndex((text) => text.length > MAX_STRING_LENGTH);
  return long < 0 ? undefined : `string ${long} has ${strings[long]?.length} characters; at most ${MAX_STRING_LENGTH}`;
}

function problemOfPeers({ strings, peers }: Batch): string | undefined {
  const stray = peers.findIndex(
    ({ address, principal, cluster, authority, namespace, workload, client }) =>
      Math.max(address, principal, cluster, authority, namespace, workload, client) >= Math.max(strings.length, 1),
  );
  return stray < 0 ? undefined : `peer ${stray} refers to a string past the ${strings.length} there are`;
}

function problemOfCounters(batch: Batch, kind: ReporterKind): Problem | undefined {
  let total = 0;
  let bytes = 0;
  for (let index = 0; index < batch.counters.length; index++) {
    const counter = batch.counters[index]!;
    const found =
      problem("references", problemOfReferences(batch, counter)) ??
      problem("enums", problemOfEnums(counter, kind)) ??
      problem("buckets", problemOfBuckets(counter)) ??
      problem("buckets", problemOfHandshakes(counter));
    if (found) return { ...found, text: `counter ${index}: ${found.text}` };
    total += counter.count;
    bytes += counter.requestBytes + counter.responseBytes;
  }
  return problem("numbers", problemOfNumbers(batch, total, bytes));
}

function problemOfNumbers({ durationMillis }: Batch, requests: number, bytes: number): string | undefined {
  if (bytes > MAX_BYTES) return `${bytes} bytes moved; more than ${MAX_BYTES} are not believed`;
  const seconds = Math.max(durationMillis / 1000, 1);
  if (requests <= MAX_REQUESTS_PER_SECOND * seconds) return undefined;
  return `${requests} requests in ${seconds} s; more than ${MAX_REQUESTS_PER_SECOND} a second are not believed`;
}

function problemOfReferences({ strings, peers }: Batch, counter: Counter): string | undefined {
  if (counter.peer >= peers.length) return `peer ${counter.peer} of ${peers.length}`;
  const text = Math.max(counter.method, counter.route);
  return text < Math.max(strings.length, 1) ? undefined : `string ${text} of ${strings.length}`;
}

function problemOfEnums({ side, protocol, outcome, status }: Counter, kind: ReporterKind): string | undefined {
  const isTap = kind === ReporterKind.REPORTER_KIND_TAP;
  const isWire = side === Side.SIDE_WIRE;
  // Who may name both ends may say anything of anybody, so a sidecar may not.
  if (isTap && !isWire) return `side ${side} is not one a tap stands at`;
  if (!isTap && side !== Side.SIDE_INBOUND && side !== Side.SIDE_OUTBOUND) {
    return `side ${side} is not one a sidecar stands at`;
  }
  const last = isTap ? Protocol.PROTOCOL_TLS : Protocol.PROTOCOL_TCP;
  if (protocol < Protocol.PROTOCOL_HTTP || protocol > last) return `unknown protocol ${protocol}`;
  if (outcome < Outcome.OUTCOME_SUCCESS || outcome > Outcome.OUTCOME_NO_ANSWER) return `unknown outcome ${outcome}`;
  return status > 65_535 ? `status ${status}` : undefined;
}

function problemOfBuckets({ buckets, count, protocol }: Counter): string | undefined {
  const sum = sumOfBuckets(buckets);
  if (typeof sum === "string") return sum;
  // A connection is counted when it opens and timed when it closes, so for TCP the two need not be of one window.
  return sum > count && protocol !== Protocol.PROTOCOL_TCP ? `${sum} latencies for ${count} requests` : undefined;
}

function problemOfHandshakes({ handshakeBuckets }: Counter): string | undefined {
  const sum = sumOfBuckets(handshakeBuckets);
  return typeof sum === "string" ? `handshakes: ${sum}` : undefined;
}

/** How many latencies a histogram has, or what is wrong with it. */
function sumOfBuckets(buckets: readonly number[]): number | string {
  if (buckets.length % 2 !== 0) return `buckets has ${buckets.length} numbers; they come in pairs`;
  let index = 0;
  let sum = 0;
  for (let i = 0; i < buckets.length; i += 2) {
    const gap = buckets[i] as number;
    if (gap === 0 && i > 0) return `bucket ${index} is there twice`;
    index += gap;
    if (index >= BUCKET_COUNT) return `bucket ${index}; the last is ${BUCKET_COUNT - 1}`;
    sum += buckets[i + 1] as number;
  }
  return sum;
}

function problemOfLosses({ losses }: Batch): string | undefined {
  const unknown = losses.find(
    ({ kind }) => kind < LossKind.LOSS_KIND_EDGES_FULL || kind > LossKind.LOSS_KIND_PACKETS_BAD,
  );
  return unknown && `unknown loss kind ${unknown.kind}`;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
