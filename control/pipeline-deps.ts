/** What the pipeline is made of: where it reads, whom it feeds, whom it tells. */
import type { Inventory } from "./identity/inventory.ts";
import type { Naming } from "./identity/name-window.ts";
import type { NodeIdentity } from "./identity/node.ts";
import type { ReportedWindow } from "./identity/observation.ts";
import type { Inbox } from "./ingest/inbox.ts";
import type { PipelineMetrics, PipelineState } from "./pipeline-metrics.ts";
import type { RouteOf } from "./routes/route-of.ts";
import type { Store } from "./store/store.ts";

/** The part of the world that the pipeline feeds. */
export interface WorldSink {
  setKnown(nodes: readonly NodeIdentity[]): void;
  add(window: ReportedWindow): void;
  restore(window: ReportedWindow): void;
  /** Moves its window to now. */
  advance(nowMs: number): void;
  /** Gives endpoints of these servers, or of all, the routes that they have by now. */
  moveRoutes(routeOf: RouteOf, servers?: ReadonlySet<string>): void;
}

/** What knows how paths become routes; routes/route-book.ts describes each. */
export interface Routes {
  readonly revision: number;
  template(window: ReportedWindow): ReportedWindow;
  learn(window: ReportedWindow): void;
  decide(nowMs: number): readonly string[];
  routeOf: RouteOf;
}

export interface PipelineDeps {
  readonly inbox: Inbox;
  readonly inventory: Inventory;
  readonly routes: Routes;
  readonly world: WorldSink;
  readonly store: Store;
  /** Makes the metrics, given what they ask for at a scrape. */
  readonly metrics: (state: () => PipelineState) => PipelineMetrics;
  readonly onUpstream?: Naming["onUpstream"];
  readonly onHeard?: Naming["onHeard"];
  readonly isTapped?: Naming["isTapped"];
  /** Told of all nodes that the history knows, once it can be asked. */
  readonly onRemembered?: (nodes: readonly NodeIdentity[]) => void;
  /** Told of each window that the world was given, once. */
  readonly onWindow?: (window: ReportedWindow) => void;
  /** Told before the store is given windows; what it answers is called when the store has taken or refused them. */
  readonly onAppend?: (windows: readonly ReportedWindow[]) => () => void;
  /** Told when the world has something new. */
  readonly onAdded: () => void;
  readonly warn: (message: string, error: Error) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Counters that wait in memory for the store at most; see window-queue.ts. */
  readonly maxQueued?: number;
}
