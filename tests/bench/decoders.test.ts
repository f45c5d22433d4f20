/** Both decoders of the access log read the same out of the same bytes. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { readLogMessage } from "../../bench/filter/decoder.ts";
import { readDecoded } from "../../bench/filter/generated-decoder.ts";
import type { LogEntry } from "../../bench/filter/log-entry.ts";
import { Common, Flags, StreamAccessLogsMessage } from "../../proto/gen/bench/access_log.ts";
import type { HttpLogEntry } from "../../proto/gen/bench/access_log.ts";

/** A message in the contract's form, of which everything is left out that is not given. */
function bytesOf(...entries: readonly HttpLogEntry[]): Buffer {
  return Buffer.from(StreamAccessLogsMessage.encode({ httpLogs: { logEntry: [...entries] } }).finish());
}

function lean(bytes: Buffer): LogEntry[] {
  const entries: LogEntry[] = [];
  readLogMessage(bytes, (entry) => entries.push({ ...entry } as LogEntry));
  return entries;
}

function generated(bytes: Buffer): LogEntry[] {
  const entries: LogEntry[] = [];
  readDecoded(StreamAccessLogsMessage.decode(bytes), (entry) => entries.push({ ...entry } as LogEntry));
  return entries;
}

const address = (text: string, portValue: number) => ({ socketAddress: { address: text, portValue } });
const common: Common = {
  tlsProperties: { peerCertificateProperties: { subjectAltName: [{ uri: "" }, { uri: "spiffe://shop/front" }] } },
  upstreamRemoteAddress: address("10.0.0.7", 8080),
  upstreamCluster: "orders",
  responseFlags: { ...Flags.decode(new Uint8Array()), localReset: true, dnsResolutionFailure: true },
  downstreamDirectRemoteAddress: address("10.0.0.5", 40_000),
  duration: { seconds: 3, nanos: 1_500_999 },
};
const full: HttpLogEntry = {
  commonProperties: common,
  request: { requestMethod: 3, path: "/shop.v1.Payment/Authorise" },
  response: { responseCode: 200, responseHeaders: {}, responseTrailers: { "grpc-status": "13", other: "x" } },
};
const bare: HttpLogEntry = { commonProperties: undefined, request: undefined, response: undefined };

test("everything that is said", () => {
  const expected = {
    ...{ client: "10.0.0.5", principal: "spiffe://shop/front", upstream: "10.0.0.7:8080", cluster: "orders" },
    ...{ method: 3, path: "/shop.v1.Payment/Authorise", status: 200, grpcStatus: 13 },
    ...{ micros: 3_001_500, flags: (1 << 4) | (1 << 27) },
  };
  assert.equal(lean(bytesOf(full)), [expected]);
  assert.equal(generated(bytesOf(full)), [expected]);
});

test("nothing of one entry is left in the next", () => {
  const bytes = bytesOf(full, bare, full);
  assert.equal(lean(bytes), generated(bytes));
  const [, second] = lean(bytes);
  assert.equal([second?.path, second?.principal, second?.grpcStatus, second?.flags], ["", "", -1, 0]);
});

for (const flag of Object.keys(Flags.decode(new Uint8Array())) as (keyof Flags)[]) {
  test(`flag ${flag}`, () => {
    const responseFlags = { ...Flags.decode(new Uint8Array()), [flag]: true };
    const bytes = bytesOf({ ...bare, commonProperties: { ...Common.decode(new Uint8Array()), responseFlags } });
    const [one] = lean(bytes);
    assert.ok(one && one.flags !== 0);
    assert.equal(generated(bytes), [one]);
  });
}

test.run();
