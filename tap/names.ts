/** What protocols, outcomes and losses of the contract are called in documents. */
import { LossKind, Outcome, Protocol } from "#proto/ingest.ts";

export const PROTOCOLS: Readonly<Record<Protocol, string>> = {
  [Protocol.PROTOCOL_UNSPECIFIED]: "unknown",
  [Protocol.PROTOCOL_HTTP]: "http",
  [Protocol.PROTOCOL_GRPC]: "grpc",
  [Protocol.PROTOCOL_TCP]: "tcp",
  [Protocol.PROTOCOL_HTTP2]: "http2",
  [Protocol.PROTOCOL_DNS]: "dns",
  [Protocol.PROTOCOL_REDIS]: "redis",
  [Protocol.PROTOCOL_POSTGRESQL]: "postgresql",
  [Protocol.PROTOCOL_MYSQL]: "mysql",
  [Protocol.PROTOCOL_MONGODB]: "mongodb",
  [Protocol.PROTOCOL_AMQP]: "amqp",
  [Protocol.PROTOCOL_TLS]: "tls",
};

export type OutcomeName = "success" | "clientError" | "serverError" | "notReached" | "noAnswer";

export const OUTCOMES: Readonly<Record<Outcome, OutcomeName | undefined>> = {
  [Outcome.OUTCOME_UNSPECIFIED]: undefined,
  [Outcome.OUTCOME_SUCCESS]: "success",
  [Outcome.OUTCOME_CLIENT_ERROR]: "clientError",
  [Outcome.OUTCOME_SERVER_ERROR]: "serverError",
  [Outcome.OUTCOME_NOT_REACHED]: "notReached",
  [Outcome.OUTCOME_NO_ANSWER]: "noAnswer",
};

/** "LOSS_KIND_FLOWS_EVICTED" is "flowsEvicted". */
export function lossName(kind: LossKind): string {
  const words = LossKind[kind].replace("LOSS_KIND_", "").toLowerCase();
  return words.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
