import { HEADROOM, batchAt, dropThrough, firstSequence, nextSequence, sizeOfBatch } from "../core/queue";
import {
  closeMessage,
  openMessage,
  varintSize,
  writeBytes,
  writeNumber,
  writeTo,
  writeVarint,
  written,
} from "../core/writer";
import { bytesOf, sizeOf, text } from "../core/text";
import { endTaps } from "../core/taps";
import { helloAt, helloBytes, randomBelow } from "./hello";
import { proxy_grpc_close, proxy_grpc_send, proxy_grpc_stream, proxy_set_effective_context } from "./env";
import { OK } from "./host";
import { Metric, addToMetric } from "./metrics";
import { Root, clusterAt } from "./roots";

/**
 * The stream to control, and what of the queue went over it. There is one a VM. Envoy ties a stream to the root context
 * that opened it, so that context owns it, and every call for it is made while the owner is the current context.
 *
 * Batches are sent in order and stay queued until they are acknowledged; after a reconnect all of them are sent again.
 */

/** Bytes that may be under way without an acknowledgement. One batch always may. */
const MAX_IN_FLIGHT: u32 = 96 * 1024;
/** Without any acknowledgement for so long, the stream is taken for dead. Milliseconds. */
const ACK_TIMEOUT: u64 = 10_000;
/** Bytes of a Farewell as a field, before its sequence: two tags and a size. */
const FAREWELL_HEAD: u32 = 3;
const SHORTEST_BACKOFF: u32 = 500;
const LONGEST_BACKOFF: u32 = 15_000;

const SERVICE = text("sidelight.v1.Ingest");
const METHOD = text("Report");
const AUTHORITY = text("sidelight");
const target = memory.data(256, 8);
const envelope = memory.data(4160, 8);
const reply = memory.data(8, 8);

let owner: u32 = 0;
let token: u32 = 0;
/** A stream that ended on the other side and is still to be closed on this one. */
let ended: u32 = 0;
/** The last sequence sent on this stream, and in the life of this VM. */
let sentThrough: u32 = 0;
let everSent: u32 = 0;
let inFlight: u32 = 0;
/** The last sequence that a Farewell named, and whether there was one that nothing took back since. */
let farewell: u32 = 0;
let saidFarewell: bool = false;
let progressMillis: u64 = 0;
let backoff: u32 = SHORTEST_BACKOFF;
let retryMillis: u64 = 0;

/** The root context whose stream it is, 0 while there is none. */
export function streamOwner(): u32 {
  return owner;
}

export function hasStream(): bool {
  return token != 0;
}

export function isStream(id: u32): bool {
  return token != 0 && id == token;
}

export function allAcknowledged(): bool {
  return firstSequence() == nextSequence();
}

/**
 * Opens, feeds or gives up the stream, as things stand. To be called in a tick of the owner, or of any if none is. Once
 * there was a stream there is always to be one, so that control knows who is alive.
 */
export function deliver(root: Root, nowMillis: u64): void {
  closeEnded();
  progressMillis = min(progressMillis, nowMillis);
  if (token && inFlight && nowMillis - progressMillis > ACK_TIMEOUT) {
    proxy_grpc_close(token);
    failStream(nowMillis);
  }
  // The host's clock can be set back; then what was to be in a moment must not be in an hour.
  const isDue = nowMillis >= retryMillis || retryMillis - nowMillis > LONGEST_BACKOFF;
  if (!token && isDue && (everSent || !allAcknowledged())) open(root, nowMillis);
  send(nowMillis);
}

/**
 * Sends what waits together with a Farewell, in the name of the stream's owner or of `root` where there is no stream.
 * At a shutdown nothing can be sent after it. Says nothing where nothing was ever sent, or where it is said already.
 */
export function deliverLast(root: Root, nowMillis: u64): void {
  const last = nextSequence() - 1;
  if (!last || (saidFarewell && farewell == last)) return;
  if (owner) proxy_set_effective_context(owner);
  closeEnded();
  farewell = last;
  saidFarewell = true;
  if (token && sentThrough == last) sendFarewell(nowMillis);
  if (!token) {
    proxy_set_effective_context(root.id);
    open(root, nowMillis);
  }
  send(nowMillis);
  proxy_set_effective_context(root.id);
}

function closeEnded(): void {
  if (ended) proxy_grpc_close(ended);
  ended = 0;
}

function open(root: Root, nowMillis: u64): void {
  const size = writeTarget(root);
  store<u32>(reply, 0);
  const status = proxy_grpc_stream(
    target,
    size,
    bytesOf(SERVICE),
    sizeOf(SERVICE),
    bytesOf(METHOD),
    sizeOf(METHOD),
    0,
    0,
    reply,
  );
  if (status != OK || !load<u32>(reply)) return failStream(nowMillis);
  token = load<u32>(reply);
  owner = root.id;
  inFlight = 0;
  sentThrough = firstSequence() - 1;
  progressMillis = nowMillis;
  memory.copy(envelope + HEADROOM, helloAt(), helloBytes());
  writeTo(envelope + HEADROOM + helloBytes());
  if (saidFarewell && allAcknowledged()) writeFarewell();
  sendEnveloped(envelope + HEADROOM, <u32>(written() - envelope) - HEADROOM, nowMillis);
}

/**
 * envoy.config.core.v3.GrpcService with envoy_grpc's cluster_name and authority. Without the latter Envoy would state the cluster's
 * name, and with those of Istio, outbound|9400||HOST, Node's HTTP/2 resets the stream: an authority has no such characters.
 */
function writeTarget(root: Root): u32 {
  writeTo(target);
  const envoyGrpc = openMessage(1);
  writeVarint((1 << 3) | 2);
  writeVarint(root.clusterSize);
  memory.copy(written(), clusterAt(root), root.clusterSize);
  writeTo(written() + root.clusterSize);
  writeBytes(2, bytesOf(AUTHORITY), sizeOf(AUTHORITY));
  closeMessage(envoyGrpc);
  return <u32>(written() - target);
}

/** Sends what waits, as far as the limit of bytes under way allows. */
export function send(nowMillis: u64): void {
  while (token && sentThrough + 1 < nextSequence()) {
    const sequence = sentThrough + 1;
    const size = sizeOfBatch(sequence);
    if (inFlight && inFlight + size > MAX_IN_FLIGHT && !saidFarewell) return;
    const batch = batchAt(sequence);
    const batchHead = 1 + varintSize(size);
    const isLast = saidFarewell && sequence == farewell;
    const head = batchHead + (isLast ? FAREWELL_HEAD + varintSize(farewell) : 0);
    writeTo(batch - head);
    if (isLast) writeFarewell();
    writeVarint((4 << 3) | 2);
    writeVarint(size);
    if (!sendEnveloped(batch - head, size + head, nowMillis)) return;
    if (!inFlight) progressMillis = nowMillis;
    inFlight += size;
    sentThrough = sequence;
    everSent = max(everSent, sequence);
    addToMetric(Metric.BATCHES_SENT, 1);
  }
}

/** A Farewell that no batch carries. */
function sendFarewell(nowMillis: u64): void {
  writeTo(envelope + HEADROOM);
  writeFarewell();
  sendEnveloped(envelope + HEADROOM, FAREWELL_HEAD + varintSize(farewell), nowMillis);
}

/** The Farewell as a field of ReportRequest: FAREWELL_HEAD bytes and those of the sequence. */
function writeFarewell(): void {
  const message = openMessage(6);
  writeNumber(1, farewell);
  closeMessage(message);
}

/** Sends a field of ReportRequest with the clock, which is written right before it, at the moment of sending. */
export function sendEnveloped(field: usize, size: u32, nowMillis: u64): bool {
  const seconds = <u32>(nowMillis / 1000);
  const millis = <u32>(nowMillis % 1000);
  const head = (seconds ? 1 + varintSize(seconds) : 0) + (millis ? 1 + varintSize(millis) : 0);
  writeTo(field - head);
  writeNumber(1, seconds);
  writeNumber(2, millis);
  if (proxy_grpc_send(token, field - head, size + head, 0) == OK) return true;
  proxy_grpc_close(token);
  failStream(nowMillis);
  return false;
}

/** Takes an acknowledgement; false where it is for something that was never sent. */
export function acknowledge(sequence: u32, nowMillis: u64): bool {
  if (sequence > everSent) return false;
  backoff = SHORTEST_BACKOFF;
  progressMillis = nowMillis;
  const first = firstSequence();
  if (sequence < first) return true;
  addToMetric(Metric.BATCHES_ACKED, sequence - first + 1);
  for (let i = first; i <= min(sequence, sentThrough); i++) inFlight -= sizeOfBatch(i);
  dropThrough(sequence);
  sentThrough = max(sentThrough, sequence);
  return true;
}

/** The other side ended the stream. */
export function streamEnded(nowMillis: u64): void {
  ended = token;
  failStream(nowMillis, true);
}

/** Closes the stream in its owner's name, which is going; another root context may open its own at once. */
export function closeStream(nowMillis: u64): void {
  if (token) proxy_grpc_close(token);
  else if (ended) proxy_grpc_close(ended);
  abandonStream();
  retryMillis = nowMillis;
}

/** Forgets a stream whose owner is gone, and with it the stream. */
export function abandonStream(): void {
  token = 0;
  ended = 0;
  owner = 0;
  inFlight = 0;
  saidFarewell = false;
  endTaps();
}

/** Sets the time of the next attempt: exponential backoff, with half of it drawn. */
function failStream(nowMillis: u64, keepsOwner: bool = false): void {
  token = 0;
  inFlight = 0;
  saidFarewell = false;
  if (!keepsOwner) owner = 0;
  endTaps();
  retryMillis = nowMillis + backoff / 2 + randomBelow(backoff / 2);
  backoff = min(backoff * 2, LONGEST_BACKOFF);
  addToMetric(Metric.STREAMS_FAILED, 1);
}
