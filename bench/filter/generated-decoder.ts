/**
 * The same out of access log messages as decoder.ts reads, by way of the objects that a generated decoder makes of them:
 * how such a receiver is usually written, and how Sidelight's own is.
 */
import type { Common, Flags, HttpLogEntry, StreamAccessLogsMessage, Tls } from "../../proto/gen/bench/access_log.ts";
import { LogEntry } from "./log-entry.ts";

/** Fields of ResponseFlags with their numbers. */
const FLAGS: readonly (readonly [keyof Flags, number])[] = [
  ["noHealthyUpstream", 2],
  ["upstreamRequestTimeout", 3],
  ["localReset", 4],
  ["upstreamRemoteReset", 5],
  ["upstreamConnectionFailure", 6],
  ["upstreamConnectionTermination", 7],
  ["upstreamOverflow", 8],
  ["noRouteFound", 9],
  ["downstreamConnectionTermination", 15],
  ["streamIdleTimeout", 17],
  ["durationTimeout", 23],
  ["upstreamProtocolError", 24],
  ["noClusterFound", 25],
  ["dnsResolutionFailure", 27],
];

const entry = new LogEntry();

/** Calls `take` for each entry of a message; the entry is used again for the next one. */
export function readDecoded({ httpLogs }: StreamAccessLogsMessage, take: (entry: LogEntry) => void): void {
  for (const logged of httpLogs?.logEntry ?? []) {
    fill(logged);
    take(entry);
  }
}

function fill({ commonProperties, request, response }: HttpLogEntry): void {
  entry.clear();
  if (commonProperties) fillCommon(commonProperties);
  if (request) {
    entry.method = request.requestMethod;
    entry.path = request.path;
  }
  if (!response) return;
  const { responseCode = 0, responseHeaders, responseTrailers } = response;
  const grpcStatus = responseTrailers["grpc-status"] ?? responseHeaders["grpc-status"];
  entry.status = responseCode;
  if (grpcStatus !== undefined) entry.grpcStatus = Number(grpcStatus);
}

function fillCommon(common: Common): void {
  const upstream = common.upstreamRemoteAddress?.socketAddress;
  entry.client = common.downstreamDirectRemoteAddress?.socketAddress?.address ?? "";
  entry.principal = principalOf(common.tlsProperties);
  if (upstream) entry.upstream = `${upstream.address}:${upstream.portValue}`;
  entry.cluster = common.upstreamCluster;
  if (common.duration) {
    entry.micros = common.duration.seconds * 1_000_000 + Math.trunc(common.duration.nanos / 1000);
  }
  if (common.responseFlags) entry.flags = bitsOf(common.responseFlags);
}

function principalOf(tls: Tls | undefined): string {
  const names = tls?.peerCertificateProperties?.subjectAltName;
  return names?.find(({ uri }) => uri !== "")?.uri ?? "";
}

function bitsOf(flags: Flags): number {
  let bits = 0;
  for (const [name, field] of FLAGS) if (flags[name]) bits |= 1 << field;
  return bits;
}
