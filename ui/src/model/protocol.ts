import type { Protocol } from "../../../control/identity/observation.ts";

/** Protocols as people write them. */
export const PROTOCOL_NAME: Readonly<Record<Protocol, string>> = {
  http: "HTTP",
  grpc: "gRPC",
  tcp: "TCP",
  dns: "DNS",
  redis: "Redis",
  postgresql: "PostgreSQL",
  mysql: "MySQL",
  mongodb: "MongoDB",
  amqp: "AMQP",
  tls: "TLS",
};
