/**
 * The world: everything that reporters said lately, as one picture.
 *
 * `add` keeps each counter in the second it happened in and in the sums of the window; `advance` moves the window to the
 * time that it is told, and `snapshot` reads the sums. Adding and subtracting are exact integers, so a snapshot depends on what
 * was added and on the time alone, not on the order of arrival. No clock, no I/O.
 *
 * The window is half-open and ends `arrivalSeconds` before now, at a whole second: what is still on its way would make
 * every rate dip. Totals and "last seen" do not wait.
 */
import type { NodeIdentity } from "../identity/node.ts";
import type { Loss, LossKind, Observation, ReportedWindow } from "../identity/observation.ts";
import type { RouteOf } from "../routes/route-of.ts";
import { EdgeIndex } from "./edge-index.ts";
import { EdgeState } from "./edge-state.ts";
import type { Held } from "./edge-state.ts";
import { readEdge } from "./edge-reading.ts";
import type { EdgeReading } from "./edge-reading.ts";
import type { CountedTraffic } from "./edge-counters.ts";
import { slowLimits } from "./health.ts";
import type { Percentiles, Snapshot } from "./model.ts";
import { NodeState } from "./node-state.ts";
import { DEFAULT_WORLD_OPTIONS } from "./options.ts";
import { opaqueServersOf } from "./opaque-servers.ts";
import type { WorldOptions } from "./options.ts";
import type { PodPicture } from "./pod-edges.ts";
import { PodWindow } from "./pod-window.ts";
import {
  countsOf,
  joinHeld,
  latencyOver,
  moveHeld,
  percentilesOver,
  shownEver,
  shownInWindow,
} from "./shown-window.ts";
import { JoinedItems } from "./slot-items.ts";
import { snapshotOf } from "./snapshot.ts";
import type { EdgeToShow } from "./snapshot.ts";
import { partOf, partsOf } from "./spread.ts";
import type { Part } from "./spread.ts";
import { WindowSlots } from "./window-slots.ts";
import { WireWindow } from "./wire-window.ts";

/** A gauge of an instance that is silent for so long no longer counts: the instance is gone. */
const INSTANCE_GONE_MS = 5 * 60_000;

/** How full a world is, for metrics. */
export interface WorldSize {
  readonly nodes: number;
  readonly edges: number;
  readonly endpoints: number;
  /** Counters held in the window and ahead of it; what many reporters say of the same second and endpoint is one. */
  readonly held: number;
  /** Counters that count in totals but found no room in the window. */
  readonly skipped: number;
  /** Pairs of pods told apart in the window, and what is held of them. */
  readonly pods: PodWindow["size"];
}

/** What was counted on an edge since the start, and the connections that are open. */
export interface CountedEdge extends Pick<Observation, "client" | "server" | "protocol"> {
  /** As in a snapshot. */
  readonly id: string;
  readonly traffic: CountedTraffic;
  readonly open: number;
}

/** A reading that holds for as long as nothing changes that it was made from. */
interface CachedReading {
  readonly key: string;
  readonly reading: EdgeReading;
}

export class World {
  readonly #options: WorldOptions;
  readonly #limits: readonly number[];
  readonly #nodes = new Map<string, NodeState>();
  readonly #edges = new Map<string, EdgeState>();
  /** The same edges. */
  readonly #byEnds = new EdgeIndex();
  readonly #readings = new Map<string, CachedReading>();
  readonly #losses = new Map<LossKind, number>();
  /** End of the latest window of each reporter instance, in milliseconds. */
  readonly #heardMs = new Map<string, number>();
  readonly #slots: WindowSlots<Held>;
  readonly #pods: PodWindow;
  readonly #wire: WireWindow;
  #firstSecond = Infinity;
  #skipped = 0;

  /** @param options what differs from DEFAULT_WORLD_OPTIONS */
  constructor(options: Partial<WorldOptions> = {}) {
    this.#options = { ...DEFAULT_WORLD_OPTIONS, ...options };
    this.#limits = slowLimits(this.#options.thresholds);
    this.#slots = new WindowSlots({
      length: this.#options.windowSeconds,
      maxItems: this.#options.maxHeld,
      maxAhead: this.#options.maxAheadSeconds,
      enter: (held) => moveHeld(held, 1),
      leave: (held) => moveHeld(held, -1),
      items: () => new JoinedItems<Held>({ kinOf: ({ endpoint }) => endpoint, join: joinHeld }),
    });
    this.#wire = new WireWindow(this.#options);
    this.#pods = new PodWindow({ ...this.#options, nodeOf: (id) => this.#nodes.get(id) });
  }

  /** The inventory's nodes as they are now. They are shown without traffic; those it no longer names are not. */
  setKnown(nodes: readonly NodeIdentity[]): void {
    for (const node of this.#nodes.values()) node.isKnown = false;
    for (const identity of nodes) this.#node(identity.id).know(identity);
  }

  /** Counts a window. Each window must be added once; that is the inbox's promise, not checked here. */
  add(window: ReportedWindow): void {
    for (const loss of window.losses) this.#lose(loss.kind, loss.count);
    this.#take(window, false);
  }

  /**
   * Takes a window that was counted before control started (out of the store): it fills the health window and makes
   * its edges known, but adds nothing to totals or losses.
   */
  restore(window: ReportedWindow): void {
    this.#take(window, true);
  }

  /**
   * Gives endpoints the routes that they have by now. Totals stay, and so do the sums of the window: endpoints whose
   * routes have become the same become one.
   * @param servers the servers whose routes may have changed; all, where not given
   */
  moveRoutes(routeOf: RouteOf, servers?: ReadonlySet<string>): void {
    for (const edge of this.#edges.values()) if (servers?.has(edge.server.id) ?? true) edge.moveRoutes(routeOf);
  }

  /**
   * Moves the window to `nowMs`, milliseconds since the epoch, and forgets what is long silent. Whoever adds calls it
   * too, or what is held would grow, and new counters find no room, while nobody asks for a snapshot.
   */
  advance(nowMs: number): void {
    const end = Math.floor(nowMs / 1_000) - this.#options.arrivalSeconds;
    if (end <= this.#slots.end) return;
    this.#slots.advance(end);
    this.#pods.advance(end);
    this.#wire.advance(end);
    this.#forget(nowMs);
  }

  /** The picture at `nowMs`, milliseconds since the epoch. */
  snapshot(nowMs: number): Snapshot {
    this.advance(nowMs);
    const { begin } = this.#slots;
    const window = this.#window();
    const edges = this.#edgesToShow(window.windowSeconds);
    const ends = new Set(edges.flatMap(({ reading }) => [reading.edge.client.id, reading.edge.server.id]));
    const nodes = [...this.#nodes.values()].filter((node) => node.isKnown || ends.has(node.id));
    return snapshotOf({
      ...window,
      nodes: nodes.map((node) => node.shownIdentity()),
      edges,
      losses: [...this.#losses].map(([kind, count]): Loss => ({ kind, count })).sort(byKind),
      reporters: [...this.#heardMs.values()].filter((heardMs) => heardMs > begin * 1_000).length,
      maxEndpointsShown: this.#options.maxEndpointsShown,
    });
  }

  /** What pods said in the window of the latest snapshot: the same that it shows of their workloads. */
  pods(): PodPicture {
    return { ...this.#window(), ...this.#pods.read() };
  }

  /** Nodes that are asked what no sidecar reads. */
  opaqueServers(): ReadonlySet<string> {
    return opaqueServersOf(this.#edges.values());
  }

  /**
   * Percentiles of one endpoint over several edges, out of their merged buckets, in the window of the latest snapshot.
   * @param edges edge ids; those that are not known count for nothing, nor do those of TCP, which has no latency
   */
  latencyOver(edges: readonly string[], method: string, route: string): Percentiles {
    return latencyOver(this.#edges, edges, { method, route });
  }

  /**
   * Counters that only grow, by the reporter rule, of the edges that are known, those known longest first. An edge that is told
   * once is told until it is forgotten. Whoever reads may wait in between.
   */
  *counters(): Generator<CountedEdge> {
    for (const edge of this.#edges.values()) {
      const shown = shownInWindow(edge);
      if (!edge.counters.wasTold && !shown.views.some((view) => edge.isSeen[view])) continue;
      const { id, client, server, protocol } = edge;
      const ends = { client: client.id, server: server.id };
      yield { id, ...ends, protocol, traffic: edge.counters.read(shown), open: edge.open(shown.side) };
    }
  }

  /**
   * Percentiles of several edges over all their endpoints, out of their merged buckets, as of the latest snapshot; of TCP,
   * how long connections lived.
   * @param edges edge ids; those that are not known count for nothing
   */
  durationsOver(edges: readonly string[]): Percentiles {
    return percentilesOver(edges.map((id) => this.#readings.get(id)?.reading.durations));
  }

  size(): WorldSize {
    let endpoints = 0;
    for (const edge of this.#edges.values()) endpoints += edge.endpoints.size;
    const { held } = this.#slots;
    const pods = this.#pods.size;
    return { nodes: this.#nodes.size, edges: this.#edges.size, endpoints, held, skipped: this.#skipped, pods };
  }

  #take(window: ReportedWindow, isRestored: boolean): void {
    const endMs = window.startMs + window.durationMs;
    const { windowSeconds, arrivalSeconds } = this.#options;
    // What lies further before the window's end than this has left every window that may still be asked for.
    const parts = partsOf(window.startMs, window.durationMs, {
      slotMs: 1_000,
      last: windowSeconds + arrivalSeconds + 10,
    });
    this.#heardMs.set(window.instance, Math.max(endMs, this.#heardMs.get(window.instance) ?? 0));
    this.#firstSecond = Math.min(this.#firstSecond, parts[0]!.slot);
    window.observations.forEach((observation, ordinal) => {
      const held = this.#hold(observation, window, isRestored);
      if (!held) return;
      this.#place(held, parts, ordinal * 64);
      if (observation.wire) this.#wire.add(observation, observation.wire, parts);
    });
    // What has no edge was counted as lost by then.
    const cut = this.#pods.add(window.pods, parts, (edge) => this.#byEnds.get(edge) !== undefined);
    if (cut > 0 && !isRestored) this.#lose("podsFull", cut);
    for (const identity of window.nodes) this.#nodes.get(identity.id)?.name(identity, window.startMs);
  }

  /** Counts an observation in what lasts, and says which sums of the window it belongs to. */
  #hold(observation: Observation, window: ReportedWindow, isRestored: boolean): Held | undefined {
    const edge = this.#edge(observation);
    if (!edge) {
      if (!isRestored) this.#lose("edgesFull", observation.count);
      return undefined;
    }
    const endpoint = edge.endpointOf(observation, this.#options.maxEndpointsPerEdge);
    if (endpoint.route !== observation.route && !isRestored) this.#lose("endpointsFull", observation.count);
    const endMs = window.startMs + window.durationMs;
    const view = edge.see(observation, endpoint, { endMs, isRestored });
    if (edge.protocol === "tcp") endpoint.open.set(window.instance, endMs, observation);
    const counts = countsOf(observation);
    if (!isRestored) edge.counters.add(view, counts);
    return { edge, endpoint, view, counts, sums: undefined };
  }

  #place(held: Held, parts: readonly Part[], ordinal: number): void {
    for (const part of parts) {
      const counts = partOf(held.counts, part, ordinal);
      const item = counts === held.counts ? held : { ...held, counts };
      if (this.#slots.put(part.slot, item) === "skipped") this.#skipped++;
    }
  }

  /** The window, as far as anything is known of it. */
  #window(): Pick<Snapshot, "atMs" | "windowSeconds"> {
    const { windowSeconds } = this.#options;
    const { begin, end } = this.#slots;
    const seconds = Math.min(windowSeconds, Math.max(1, end - Math.max(begin, this.#firstSecond)));
    return { atMs: end * 1_000, windowSeconds: Number.isFinite(this.#firstSecond) ? seconds : windowSeconds };
  }

  #edgesToShow(seconds: number): EdgeToShow[] {
    const edges: EdgeToShow[] = [];
    for (const edge of this.#edges.values()) {
      const ever = shownEver(edge);
      const isShown = [...ever.views, ...shownInWindow(edge).views].some((view) => edge.isSeen[view]);
      const total = ever.views.reduce<number>((sum, view) => sum + edge.counted[view]!, 0);
      if (!isShown) continue;
      const wire = this.#wire.read({ client: edge.client.id, server: edge.server.id });
      edges.push({ reading: this.#read(edge, seconds), total, wire });
    }
    return edges;
  }

  #read(edge: EdgeState, seconds: number): EdgeReading {
    const shown = shownInWindow(edge);
    const client = edge.client.identity.kind;
    const key = `${edge.revision} ${shown.side} ${client} ${seconds}`;
    const cached = this.#readings.get(edge.id);
    if (cached?.key === key) return cached.reading;
    const reading = readEdge(edge, {
      shown,
      client,
      seconds,
      thresholds: this.#options.thresholds,
      limits: this.#limits,
    });
    this.#readings.set(edge.id, { key, reading });
    return reading;
  }

  #forget(nowMs: number): void {
    const beforeMs = nowMs - this.#options.forgetAfterMs;
    const isGone = (instance: string): boolean => (this.#heardMs.get(instance) ?? 0) < nowMs - INSTANCE_GONE_MS;
    const ends = new Set<string>();
    for (const edge of this.#edges.values()) {
      edge.forgetEndpoints(beforeMs);
      edge.counters.settle(shownInWindow(edge), nowMs);
      if (edge.protocol === "tcp") for (const endpoint of edge.endpoints.values()) endpoint.open.forget(isGone);
      if (edge.endpoints.size === 0 && edge.lastSeenMs < beforeMs) {
        this.#edges.delete(edge.id);
        this.#byEnds.delete(edge);
        this.#readings.delete(edge.id);
        if (edge.protocol === "tcp") this.#wire.forget({ client: edge.client.id, server: edge.server.id });
      } else ends.add(edge.client.id).add(edge.server.id);
    }
    for (const node of this.#nodes.values()) if (!node.isKnown && !ends.has(node.id)) this.#nodes.delete(node.id);
    for (const instance of this.#heardMs.keys()) if (isGone(instance)) this.#heardMs.delete(instance);
  }

  #edge(observation: Observation): EdgeState | undefined {
    const known = this.#byEnds.get(observation);
    if (known || this.#edges.size >= this.#options.maxEdges) return known;
    const edge = new EdgeState(this.#node(observation.client), this.#node(observation.server), observation.protocol);
    this.#edges.set(edge.id, edge);
    this.#byEnds.add(edge);
    return edge;
  }

  #node(id: string): NodeState {
    const known = this.#nodes.get(id);
    if (known) return known;
    const node = new NodeState(id);
    this.#nodes.set(id, node);
    return node;
  }

  #lose(kind: LossKind, count: number): void {
    this.#losses.set(kind, (this.#losses.get(kind) ?? 0) + count);
  }
}

function byKind(a: Loss, b: Loss): number {
  return a.kind < b.kind ? -1 : 1;
}
