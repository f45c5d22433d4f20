/**
 * The world of a past range, drawn from what the store merged over it: the same snapshot as the live world would have
 * shown at the end of that range, had its window been as long. No clock, no I/O.
 *
 * What a live world knows beyond its window is not in it: workloads without traffic, edges that had fallen silent, open
 * connections. Where the instances of the reporters are no longer known, the workloads that reported are counted.
 */
import type { NodeIdentity } from "../identity/node.ts";
import type { Loss, Observation } from "../identity/observation.ts";
import type { BucketSums } from "./bucket-sums.ts";
import { EdgeState, edgeId } from "./edge-state.ts";
import { readEdge } from "./edge-reading.ts";
import { slowLimits } from "./health.ts";
import type { Percentiles, Snapshot } from "./model.ts";
import { NodeState } from "./node-state.ts";
import { DEFAULT_WORLD_OPTIONS } from "./options.ts";
import type { WorldOptions } from "./options.ts";
import { countsOf, latencyOver, moveHeld, percentilesOver, shownInWindow } from "./shown-window.ts";
import { snapshotOf } from "./snapshot.ts";
import type { EdgeToShow } from "./snapshot.ts";

/** Everything of a range added up: what a picture of a past moment is drawn from. */
export interface RangeSums {
  /**
   * One for each thing that was counted: the requests, bytes and latencies that fall into the range, added up over all
   * reporters of the same side, and the views of different sides apart; no reporter rule is applied. In no order.
   * `active` is 0: open connections are a state, which does not add up over time.
   */
  readonly observations: readonly Observation[];
  /** The nodes that the observations name, each as it was known at the end of the range. In no order. */
  readonly nodes: readonly NodeIdentity[];
  /** Those stated in windows that began in the range. */
  readonly losses: readonly Loss[];
  /** Instances of reporters whose windows overlap the range; null where only coarser resolutions are kept, as these do not know. */
  readonly reporters: number | null;
}

/** Half-open, milliseconds since the epoch. */
interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A past range as the live world would have shown it. */
export class Picture {
  readonly snapshot: Snapshot;
  readonly #nodes = new Map<string, NodeState>();
  readonly #edges = new Map<string, EdgeState>();
  readonly #durations = new Map<string, BucketSums>();
  readonly #options: WorldOptions;
  readonly #lost = new Map<Loss["kind"], number>();

  /** @param options what differs from DEFAULT_WORLD_OPTIONS; the window is the range */
  constructor(sums: RangeSums, range: Range, options: Partial<WorldOptions> = {}) {
    this.#options = { ...DEFAULT_WORLD_OPTIONS, ...options };
    for (const { kind, count } of sums.losses) this.#lose(kind, count);
    for (const observation of sums.observations) this.#count(observation, range.toMs);
    for (const identity of sums.nodes) this.#nodes.get(identity.id)?.name(identity, range.toMs);
    this.snapshot = this.#draw(range, sums.reporters);
  }

  /** As World.latencyOver, in the range. */
  latencyOver(edges: readonly string[], method: string, route: string): Percentiles {
    return latencyOver(this.#edges, edges, { method, route });
  }

  /** As World.durationsOver, in the range. */
  durationsOver(edges: readonly string[]): Percentiles {
    return percentilesOver(edges.map((id) => this.#durations.get(id)));
  }

  #count(observation: Observation, endMs: number): void {
    const edge = this.#edge(observation);
    if (!edge) return this.#lose("edgesFull", observation.count);
    const endpoint = edge.endpointOf(observation, this.#options.maxEndpointsPerEdge);
    const view = edge.see(observation, endpoint, { endMs, isRestored: false });
    moveHeld({ edge, endpoint, view, counts: countsOf(observation) }, 1);
  }

  #draw({ fromMs, toMs }: Range, reporters: number | null): Snapshot {
    const { thresholds, maxEndpointsShown } = this.#options;
    const limits = slowLimits(thresholds);
    const seconds = (toMs - fromMs) / 1_000;
    const edges: EdgeToShow[] = [];
    for (const edge of this.#edges.values()) {
      const shown = shownInWindow(edge);
      if (!shown.views.some((view) => edge.isSeen[view])) continue;
      const total = shown.views.reduce<number>((sum, view) => sum + edge.counted[view]!, 0);
      const client = edge.client.identity.kind;
      const reading = readEdge(edge, { shown, client, seconds, thresholds, limits });
      this.#durations.set(edge.id, reading.durations);
      edges.push({ reading, total });
    }
    const ends = new Set(edges.flatMap(({ reading }) => [reading.edge.client, reading.edge.server]));
    const snapshot = snapshotOf({
      atMs: toMs,
      windowSeconds: seconds,
      nodes: [...ends].map((node) => node.shownIdentity()),
      edges,
      losses: [...this.#lost].map(([kind, count]) => ({ kind, count })).sort((a, b) => (a.kind < b.kind ? -1 : 1)),
      reporters: reporters ?? [...this.#nodes.values()].filter((node) => node.asReporter.ever).length,
      maxEndpointsShown,
    });
    return {
      ...snapshot,
      edges: snapshot.edges.map((edge) => ({ ...edge, active: edge.protocol === "tcp" ? null : 0 })),
    };
  }

  #edge(observation: Observation): EdgeState | undefined {
    const known = this.#edges.get(edgeId(observation));
    if (known || this.#edges.size >= this.#options.maxEdges) return known;
    const edge = new EdgeState(this.#node(observation.client), this.#node(observation.server), observation.protocol);
    this.#edges.set(edge.id, edge);
    return edge;
  }

  #node(id: string): NodeState {
    const known = this.#nodes.get(id);
    if (known) return known;
    const node = new NodeState(id);
    this.#nodes.set(id, node);
    return node;
  }

  #lose(kind: Loss["kind"], count: number): void {
    this.#lost.set(kind, (this.#lost.get(kind) ?? 0) + count);
  }
}
