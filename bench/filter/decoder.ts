/**
 * Reads what the benchmark's receiver needs out of Envoy's access log messages, straight from the protobuf bytes; all
 * other fields are stepped over. Field numbers are those of envoy/service/accesslog/v3/als.proto and
 * envoy/data/accesslog/v3/accesslog.proto, https://github.com/envoyproxy/envoy/tree/main/api
 */

import { LogEntry } from "./log-entry.ts";

type Take = (entry: LogEntry) => void;

/** What Buffer.toString comes down to, without its choice of encodings at every call. */
type Bytes = Buffer & { latin1Slice(from: number, to: number): string };

/** The reader's state: one message is read at a time. */
let bytes = Buffer.alloc(0) as unknown as Bytes;
let at = 0;
const entry = new LogEntry();

/** Calls `take` for each entry of a StreamAccessLogsMessage. Throws at what is no protobuf. */
export function readLogMessage(message: Buffer, take: Take): void {
  bytes = message as Bytes;
  at = 0;
  // http_logs = 2, in it log_entry = 1
  fields(message.length, 2, (end) => {
    fields(end, 1, (entryEnd) => {
      entry.clear();
      readEntry(entryEnd);
      take(entry);
    });
  });
}

/** Reads fields up to `end` and calls `take` for those with that number, which must be messages. */
function fields(end: number, wanted: number, take: (end: number) => void): void {
  while (at < end) {
    const tag = varint();
    if (tag >>> 3 === wanted && (tag & 7) === 2) into(take);
    else skip(tag & 7);
  }
}

/** Enters a message or string: calls `take` with its end, and goes on behind it. */
function into(take: (end: number) => void): void {
  const size = varint();
  const end = at + size;
  if (end > bytes.length) throw new RangeError("Reading an access log: a field ends behind its message");
  take(end);
  at = end;
}

/** HTTPAccessLogEntry. */
function readEntry(end: number): void {
  while (at < end) {
    const tag = varint();
    if (tag === 0x0a) into(readCommon);
    else if (tag === 0x1a) into(readRequest);
    else if (tag === 0x22) into(readResponse);
    else skip(tag & 7);
  }
}

/** AccessLogCommon: of its 26 fields the receiver wants six. */
function readCommon(end: number): void {
  while (at < end) {
    const tag = varint();
    const field = tag >>> 3;
    if (field === 4) into(readTls);
    else if (field === 13) into(readUpstream);
    else if (field === 15) entry.cluster = text();
    else if (field === 16) into(readFlags);
    else if (field === 20) into(readClient);
    else if (field === 23) into(readDuration);
    else skip(tag & 7);
  }
}

function readClient(end: number): void {
  fields(end, 1, readHost);
  entry.client = host;
}

function readUpstream(end: number): void {
  fields(end, 1, readHost);
  entry.upstream = `${host}:${port}`;
}

let host = "";
let port = 0;

/** SocketAddress: address = 2, port_value = 3. */
function readHost(end: number): void {
  port = 0;
  while (at < end) {
    const tag = varint();
    if (tag === 0x12) host = text();
    else if (tag === 0x18) port = varint();
    else skip(tag & 7);
  }
}

/** TLSProperties: peer_certificate_properties = 5, its subject_alt_name = 1, its uri = 1. */
function readTls(end: number): void {
  fields(end, 5, (certificate) => {
    fields(certificate, 1, (name) => {
      fields(name, 1, (uri) => {
        entry.principal ||= bytes.latin1Slice(at, uri);
      });
    });
  });
}

/** ResponseFlags: booleans, but for one message. */
function readFlags(end: number): void {
  while (at < end) {
    const tag = varint();
    if ((tag & 7) === 0 && varint() !== 0) entry.flags |= 1 << (tag >>> 3);
    else if ((tag & 7) !== 0) skip(tag & 7);
  }
}

/** Duration: seconds = 1, nanos = 2. */
function readDuration(end: number): void {
  while (at < end) {
    const tag = varint();
    if (tag === 0x08) entry.micros += varint() * 1_000_000;
    else if (tag === 0x10) entry.micros += Math.trunc(varint() / 1000);
    else skip(tag & 7);
  }
}

/** HTTPRequestProperties: request_method = 1, path = 5. */
function readRequest(end: number): void {
  while (at < end) {
    const tag = varint();
    if (tag === 0x08) entry.method = varint();
    else if (tag === 0x2a) entry.path = text();
    else skip(tag & 7);
  }
}

/** HTTPResponseProperties: response_code = 1, and the maps response_headers = 4 and response_trailers = 5. */
function readResponse(end: number): void {
  while (at < end) {
    const tag = varint();
    if (tag === 0x0a) into(readStatus);
    else if (tag === 0x22 || tag === 0x2a) into(readHeader);
    else skip(tag & 7);
  }
}

/** UInt32Value. */
function readStatus(end: number): void {
  while (at < end) {
    const tag = varint();
    if (tag === 0x08) entry.status = varint();
    else skip(tag & 7);
  }
}

/** An entry of a map: key = 1, value = 2. Nothing but grpc-status is asked for. */
function readHeader(end: number): void {
  let name = "";
  while (at < end) {
    const tag = varint();
    if (tag === 0x0a) name = text();
    else if (tag === 0x12) {
      const value = text();
      if (name === "grpc-status") entry.grpcStatus = Number(value);
    } else skip(tag & 7);
  }
}

function text(): string {
  const size = varint();
  const from = at;
  at += size;
  return bytes.latin1Slice(from, at);
}

function varint(): number {
  let byte = bytes[at++] as number;
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  for (let scale = 0x80; ; scale *= 0x80) {
    byte = bytes[at++] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    if (at > bytes.length) throw new RangeError("Reading an access log: a number ends behind its message");
  }
}

/** Steps over a field of a wire type. */
function skip(type: number): void {
  if (type === 0) varint();
  else if (type === 1) at += 8;
  else if (type === 2) {
    const size = varint();
    at += size;
  } else if (type === 5) at += 4;
  else throw new RangeError(`Reading an access log: wire type ${type}`);
}
