/**
 * What the APIs read. main.ts fills it in; nothing in this folder opens, wires or writes anything.
 */
import type { Exemplar, Loss } from "../identity/observation.ts";
import type { TapSubscription } from "../ingest/tap-subscription.ts";
import type { TapQuestion } from "../ingest/taps.ts";
import type { Percentiles } from "../world/model.ts";
import type { PodPicture } from "../world/pod-edges.ts";
import type { CountedEdge } from "../world/world.ts";
import type { Store } from "../store/store.ts";
import type { AlertSource } from "./alert-source.ts";
import type { ClusterStatus } from "./cluster-source.ts";
import type { OptInSource } from "./opt-in-source.ts";
import type { SnapshotFeed } from "./feed.ts";

/** The part of `World` that works out latencies over several edges. */
export interface LatencySource {
  /** Of one endpoint over these edges (by id), out of their merged buckets, in the window of the latest snapshot. */
  latencyOver(edges: readonly string[], method: string, route: string): Percentiles;
  /** Of all endpoints of these edges, as `latencyOver`; of TCP, how long connections lived. */
  durationsOver(edges: readonly string[]): Percentiles;
}

/** The part of `World` that tells pods apart. */
export interface PodSource {
  /** In the window of the latest snapshot. To be read at once and not kept. */
  pods(): PodPicture;
}

/** The part of `World` that counts for ever. */
export interface CounterSource {
  /** Counters of edges that only grow, those known longest first. */
  counters(): Iterable<CountedEdge>;
}

/** The part of `TapHub` that shows live requests. */
export interface LiveRequestSource {
  /** How many streams reporters of a workload have open. */
  reportersOf(workload: string): number;
  /** @throws TooManyTaps at a limit */
  open(question: TapQuestion): TapSubscription<Exemplar>;
}

/** One reporter, as the ingest knows it. */
export interface ReporterStatus {
  /** 32 hexadecimal digits: the instance of its counter table. */
  readonly instance: string;
  /** Node id of the workload it reports for, "namespace/name". */
  readonly node: string;
  /** Version of the reporter's code. */
  readonly version: string;
  /** When its last message came, milliseconds since the epoch. */
  readonly lastHeardMs: number;
  /** From the end of its newest window to the moment that window was durable here, milliseconds. */
  readonly lagMs: number;
  /** Its clock minus control's, milliseconds. */
  readonly clockOffsetMs: number;
  /** High-water mark: the last batch that is durable. */
  readonly sequence: number;
}

export interface ExemplarSettings {
  /** Whether slow and failed requests are kept by name. */
  readonly areKept: boolean;
  /** The page of a trace, "{traceId}" standing for its id; null for none. */
  readonly traceUrl: string | null;
}

export interface StoreStatus {
  readonly engine: string;
  /** Why it did not take what it was given last; null while it does. */
  readonly error: string | null;
  /** What an embedded one takes and may take on disk, and how many tables went before their time for that; null until known. */
  readonly disk: { readonly bytes: number; readonly maxBytes: number; readonly cappedTables: number } | null;
}

/** Batches that are durable in the inbox and not yet in the store. */
export interface InboxBacklog {
  readonly pending: number;
  /** How long ago the oldest of them came; 0 where none waits. */
  readonly lagSeconds: number;
  /** What the inbox holds, and may hold. */
  readonly bytes: number;
  readonly maxBytes: number;
}

/** A server that gets the traffic's numbers beside history. */
export interface SinkStatus {
  readonly url: string;
  /** Why it did not take what it was given last; null while it does. */
  readonly error: string | null;
  /** Slots of time that it has yet to get, and how long ago the oldest of them was over. */
  readonly waitingSlots: number;
  readonly lagSeconds: number;
  /** Slots that it never gets, since it was away for too long; since control started. */
  readonly droppedSlots: number;
  /** Requests that were told as `~other` or left out, since there are too many endpoints. */
  readonly cutRequests: number;
}

/** How control itself fares: the answer of `GET /api/v1/status`. */
export interface Status {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly store: StoreStatus;
  /** Null where there is none. */
  readonly sink: SinkStatus | null;
  readonly inbox: InboxBacklog;
  readonly reporters: readonly ReporterStatus[];
  /** Since control started, by kind, over all reporters. */
  readonly losses: readonly Loss[];
  readonly exemplars: ExemplarSettings;
  /** Null where no cluster is asked. */
  readonly kubernetes: ClusterStatus | null;
}

/** A rule that turns paths into routes, or a learned place. */
export interface RouteRuleStatus {
  /** Node id; empty for all servers. */
  readonly server: string;
  readonly rule: string;
  readonly source: "settings" | "annotation" | "openapi" | "learned";
  /** When it was learned, milliseconds since the epoch, and out of how many different values; null where it was not. */
  readonly sinceMs: number | null;
  readonly values: number | null;
}

export interface RoutesSource {
  /** What holds for a server, in the order in which it is asked; for all servers, where it is empty. */
  list(server: string): readonly RouteRuleStatus[];
  /** Rules and places that connected reporters have no room for, over all of them. */
  untaught(): number;
  /** Undoes a learned place for good. @returns whether there was one */
  forget(server: string, rule: string): boolean;
}

export interface ApiSources {
  /** Computes snapshots of the same world. */
  readonly feed: SnapshotFeed;
  readonly world: LatencySource & CounterSource & PodSource;
  readonly routes: RoutesSource;
  /** Undefined until it is open; what needs it answers 503 until then. */
  readonly store: Store | undefined;
  /**
   * Up to when the history is complete, milliseconds since the epoch: reporters had the time to tell it, and it is in the
   * store. Undefined just after a start, while they may yet bring what they kept.
   */
  completedMs(): number | undefined;
  readonly exemplars: ExemplarSettings;
  /** Undefined where live requests are switched off. */
  readonly taps: LiveRequestSource | undefined;
  /** Undefined until rules are judged; what needs it answers 503 until then. */
  readonly alerts: AlertSource | undefined;
  /** Undefined where control turns nothing on. */
  readonly optIn: OptInSource | undefined;
  status(): Status;
  /** Why control is not ready yet ("the store is not open"), empty once it is. */
  notReady(): readonly string[];
}
