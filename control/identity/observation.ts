/**
 * What identity hands to the world and the store: the counters of one reporter's window, with both ends named.
 */
import type { NodeIdentity } from "./node.ts";
import type { PodEnd } from "./pod-end.ts";

/** Which report an observation comes from: the server's sidecar, the client's sidecar, or the wire. */
export type ReporterSide = "destination" | "source" | "wire";

/** Protocol families of edges: those that sidecars count, and those that only a tap tells apart. */
export const PROTOCOLS = [
  ...(["http", "grpc", "tcp"] as const),
  ...(["dns", "redis", "postgresql", "mysql", "mongodb", "amqp", "tls"] as const),
] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/**
 * `notReached`: it never got to the server. `noAnswer`: it was sent and no answer came. Both are shown as "not reached";
 * they are kept apart because only the first kind is invisible to the server's own reporter.
 */
export type Outcome = "success" | "clientError" | "serverError" | "notReached" | "noAnswer";

/** One counter of one reporter in one window, both ends named by node id. */
export interface Observation {
  readonly side: ReporterSide;
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  readonly method: string;
  readonly route: string;
  readonly outcome: Outcome;
  /** HTTP status or grpc-status; 0 where there was none. */
  readonly status: number;
  /** Requests; for TCP, connections opened or failed. */
  readonly count: number;
  /** Latency histogram as (bucket index, count) pairs, flat, indexes ascending. See histogram.ts. */
  readonly buckets: readonly number[];
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Open connections at the end of the window (TCP only). */
  readonly active: number;
  /** Where it is a tap's, of TCP. The history does not keep it. */
  readonly wire?: WireCounts | undefined;
}

/** What a tap saw of connections. */
export interface WireCounts {
  /** Connections that the server refused. */
  readonly refused: number;
  /** Connections that were reset. */
  readonly resets: number;
  /** Segments that were sent again. */
  readonly retransmissions: number;
  /** From SYN to ACK, as `buckets`. */
  readonly handshakes: readonly number[];
}

/** What one reporter said of one window, on control's time line. */
export interface ReportedWindow {
  /** Who reports: the node id of its workload, and the instance of its counter table. */
  readonly reporter: string;
  readonly instance: string;
  /** Whether the instance began with it; left out of what comes out of history. */
  readonly isFirst?: boolean;
  /** Milliseconds since the epoch, control's clock. */
  readonly startMs: number;
  readonly durationMs: number;
  /** The identities that the observations name. */
  readonly nodes: readonly NodeIdentity[];
  readonly observations: readonly Observation[];
  /** What pods said to each other: the same counters, summed over endpoints and statuses. */
  readonly pods: readonly PodTraffic[];
  readonly losses: readonly Loss[];
  /** Slow and failed requests by name. */
  readonly exemplars: readonly Exemplar[];
}

/** The counters of one window between two pods with one outcome. Latencies leave out what went on as another protocol. */
export interface PodTraffic extends Pick<
  Observation,
  "side" | "protocol" | "outcome" | "count" | "buckets" | "requestBytes" | "responseBytes"
> {
  readonly client: PodEnd;
  readonly server: PodEnd;
}

/** One request by name, both ends named by node id. */
export interface Exemplar extends Pick<
  Observation,
  "side" | "client" | "server" | "protocol" | "method" | "route" | "outcome" | "status"
> {
  /** The slowest of its endpoint in its window, the first that failed, or one that a tap asked for. */
  readonly reason: "slowest" | "failed" | "tapped";
  /** When it ended, milliseconds since the epoch, control's clock. */
  readonly atMs: number;
  /** Without its query. */
  readonly path: string;
  readonly durationMs: number;
  /** Envoy's response flags, bit by bit. */
  readonly flags: number;
  readonly requestId: string;
  readonly traceId: string;
}

export type LossKind =
  | "edgesFull"
  | "endpointsFull"
  | "latencyFull"
  | "attributesMissing"
  | "valuesCut"
  | "requestsLost"
  | "controlMessagesBad"
  | "reporterVanished"
  | "podsFull"
  | "exemplarsCut"
  | "rulesCut"
  | "gaps"
  | "flowsEvicted"
  | "packetsCut"
  | "kernelDrops"
  | "unparsed"
  | "exchangesCut"
  | "fragmentsDropped"
  | "linkTypeUnknown"
  | "parserFailed"
  | "packetsBad";

/** Something that had to be given up, by a reporter or by control. */
export interface Loss {
  readonly kind: LossKind;
  readonly count: number;
}
