/**
 * The words of the world model: plain immutable data, no behaviour.
 *
 * A `ReportedWindow` (identity/observation.ts) comes in, a `Snapshot` goes out. The UI, the APIs, the CLI and later the
 * alerts read nothing but snapshots, so they all say the same thing.
 */
import type { NodeIdentity } from "../identity/node.ts";
import type { Loss, Protocol, ReporterSide } from "../identity/observation.ts";

/**
 * `idle`: nothing seen in the window. `affected`: past a threshold, but explained by something that fails further
 * down the chain, so it is a symptom and not shown as the cause.
 */
export type Health = "idle" | "healthy" | "degraded" | "failing" | "affected";

/** Why a health is what it is, in words a person can read: "12.4 % errors (limit 5 %)". */
export interface Finding {
  readonly kind: "errors" | "latency";
  readonly text: string;
}

/** Durations in milliseconds, null where nothing was timed. */
export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** Rate, errors, duration over the snapshot's window. TCP has connections for requests, and no latencies. */
export interface Red extends Percentiles {
  readonly requests: number;
  /** Requests a second. */
  readonly rate: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  /** notReached + noAnswer. */
  readonly notReached: number;
  /** (serverErrors + notReached) / requests, 0 without requests. */
  readonly errorShare: number;
}

export interface SnapshotNode extends NodeIdentity {
  readonly health: Health;
  /** What it served, over all edges that end here. */
  readonly inbound: Red;
  /** Milliseconds since the epoch of the last request seen from or to it; 0 if only the inventory knows it. */
  readonly lastSeenMs: number;
}

/** What taps saw in the window of the connections between two ends, whatever they carried and whoever's report is shown. */
export interface WireFacts {
  /** Connections that the server refused. */
  readonly refused: number;
  /** Connections that were reset. */
  readonly resets: number;
  /** Segments that were sent again. */
  readonly retransmissions: number;
  /** From SYN to ACK. */
  readonly handshake: Percentiles;
}

export interface SnapshotEndpoint {
  readonly protocol: Protocol;
  readonly method: string;
  readonly route: string;
  readonly health: Health;
  readonly findings: readonly Finding[];
  readonly red: Red;
  /** Requests by status, most frequent first, at most five. */
  readonly statuses: readonly { readonly status: number; readonly count: number }[];
}

export interface SnapshotEdge {
  /** "client>server/protocol" */
  readonly id: string;
  readonly client: string;
  readonly server: string;
  readonly protocol: Protocol;
  readonly health: Health;
  readonly findings: readonly Finding[];
  readonly red: Red;
  /** Whose report is shown. */
  readonly shownFrom: ReporterSide;
  /** Requests counted on this edge since control started, by the reporter rule. */
  readonly total: number;
  /** Open connections (TCP only); null in a picture of the past, since history does not keep how many were open. */
  readonly active: number | null;
  /** Bytes a second that went to the server, and that came from it (TCP only). */
  readonly requestBytesRate: number;
  readonly responseBytesRate: number;
  /** How long those connections lived that closed in the window (TCP only). It is no latency and judged by nobody. */
  readonly lifetime: Percentiles;
  /** Absent where no tap saw the connections between the ends, and in the past. Edges with the same ends share it. */
  readonly wire?: WireFacts | undefined;
  readonly lastSeenMs: number;
  /** Worst first, then by rate; bounded. */
  readonly endpoints: readonly SnapshotEndpoint[];
  /** Endpoints of this edge that the bound cut off. */
  readonly endpointsCut: number;
}

/** One immutable picture of the world. */
export interface Snapshot {
  /** Milliseconds since the epoch: the end of the window. */
  readonly atMs: number;
  readonly windowSeconds: number;
  readonly nodes: readonly SnapshotNode[];
  readonly edges: readonly SnapshotEdge[];
  /** Edge ids from an entry to the deepest failing edge, when something fails; the map lights them. */
  readonly troublePath: readonly string[];
  /** Losses since control started, summed by kind over all reporters; only kinds that happened. */
  readonly losses: readonly Loss[];
  /** Reporters heard in the window. */
  readonly reporters: number;
}
