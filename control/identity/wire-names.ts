/** What batches say by number, in control's words. What has none here is not known. */
import { LossKind as WireLossKind, Outcome as WireOutcome, Protocol as WireProtocol, Side } from "#proto/ingest.ts";
import type { LossKind, Outcome, Protocol, ReporterSide } from "./observation.ts";

export const PROTOCOL_NAMES: Readonly<Record<number, Protocol>> = {
  [WireProtocol.PROTOCOL_HTTP]: "http",
  [WireProtocol.PROTOCOL_GRPC]: "grpc",
  [WireProtocol.PROTOCOL_TCP]: "tcp",
  // Which version of HTTP a server speaks is nothing that its callers' edges should be told apart by.
  [WireProtocol.PROTOCOL_HTTP2]: "http",
  [WireProtocol.PROTOCOL_DNS]: "dns",
  [WireProtocol.PROTOCOL_REDIS]: "redis",
  [WireProtocol.PROTOCOL_POSTGRESQL]: "postgresql",
  [WireProtocol.PROTOCOL_MYSQL]: "mysql",
  [WireProtocol.PROTOCOL_MONGODB]: "mongodb",
  [WireProtocol.PROTOCOL_AMQP]: "amqp",
  [WireProtocol.PROTOCOL_TLS]: "tls",
};

export const SIDE_NAMES: Readonly<Record<number, ReporterSide>> = {
  [Side.SIDE_INBOUND]: "destination",
  [Side.SIDE_OUTBOUND]: "source",
  [Side.SIDE_WIRE]: "wire",
};

export const OUTCOME_NAMES: Readonly<Record<number, Outcome>> = {
  [WireOutcome.OUTCOME_SUCCESS]: "success",
  [WireOutcome.OUTCOME_CLIENT_ERROR]: "clientError",
  [WireOutcome.OUTCOME_SERVER_ERROR]: "serverError",
  [WireOutcome.OUTCOME_NOT_REACHED]: "notReached",
  [WireOutcome.OUTCOME_NO_ANSWER]: "noAnswer",
};

export const LOSS_NAMES: Readonly<Record<number, LossKind>> = {
  [WireLossKind.LOSS_KIND_EDGES_FULL]: "edgesFull",
  [WireLossKind.LOSS_KIND_ENDPOINTS_FULL]: "endpointsFull",
  [WireLossKind.LOSS_KIND_LATENCY_FULL]: "latencyFull",
  [WireLossKind.LOSS_KIND_ATTRIBUTES_MISSING]: "attributesMissing",
  [WireLossKind.LOSS_KIND_VALUES_CUT]: "valuesCut",
  [WireLossKind.LOSS_KIND_REQUESTS_LOST]: "requestsLost",
  [WireLossKind.LOSS_KIND_CONTROL_MESSAGES_BAD]: "controlMessagesBad",
  [WireLossKind.LOSS_KIND_REPORTER_VANISHED]: "reporterVanished",
  [WireLossKind.LOSS_KIND_EXEMPLARS_CUT]: "exemplarsCut",
  [WireLossKind.LOSS_KIND_RULES_CUT]: "rulesCut",
  [WireLossKind.LOSS_KIND_GAPS]: "gaps",
  [WireLossKind.LOSS_KIND_FLOWS_EVICTED]: "flowsEvicted",
  [WireLossKind.LOSS_KIND_PACKETS_CUT]: "packetsCut",
  [WireLossKind.LOSS_KIND_KERNEL_DROPS]: "kernelDrops",
  [WireLossKind.LOSS_KIND_UNPARSED]: "unparsed",
  [WireLossKind.LOSS_KIND_EXCHANGES_CUT]: "exchangesCut",
  [WireLossKind.LOSS_KIND_FRAGMENTS_DROPPED]: "fragmentsDropped",
  [WireLossKind.LOSS_KIND_LINK_TYPE_UNKNOWN]: "linkTypeUnknown",
  [WireLossKind.LOSS_KIND_PARSER_FAILED]: "parserFailed",
  [WireLossKind.LOSS_KIND_PACKETS_BAD]: "packetsBad",
};

/** From (gap, count) to (index, count) pairs. */
export function absoluteBuckets(buckets: readonly number[]): number[] {
  const pairs = [...buckets];
  for (let i = 2; i < pairs.length; i += 2) pairs[i] = (pairs[i] as number) + (pairs[i - 2] as number);
  return pairs;
}
