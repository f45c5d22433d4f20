import type { NodeIdentity } from "../identity/node.ts";
import type { Observation, PodTraffic } from "../identity/observation.ts";
import type { NodeState } from "./node-state.ts";
import { PackedPods } from "./packed-pods.ts";
import type { HeldPods } from "./packed-pods.ts";
import { PodEdgeState, podCounts, podEdgeText, withoutPods } from "./pod-edges.ts";
import type { PodEdge } from "./pod-edges.ts";
import type { WorldOptions } from "./options.ts";
import { viewOf } from "./reporter-rule.ts";
import { shownInWindow } from "./shown-window.ts";
import { partOf } from "./spread.ts";
import type { Part } from "./spread.ts";
import { WindowSlots } from "./window-slots.ts";

export interface PodWindowOptions extends Pick<
  WorldOptions,
  "windowSeconds" | "maxAheadSeconds" | "maxPodEdges" | "maxPodsHeld"
> {
  /** The node of an end, as long as the world has it. */
  readonly nodeOf: (id: string) => NodeState | undefined;
}

/** Seconds whose room is kept at most: one goes for each that comes. */
const MAX_SPARE = 2;

/** What pods said in the window that the world shows. Of what left the window nothing is kept. */
export class PodWindow {
  readonly #options: PodWindowOptions;
  readonly #edges = new Map<string, PodEdgeState>();
  readonly #slots: WindowSlots<HeldPods>;
  /** Of seconds that are over, for those that come. */
  readonly #spare: PackedPods[] = [];

  constructor(options: PodWindowOptions) {
    this.#options = options;
    this.#slots = new WindowSlots({
      length: options.windowSeconds,
      maxItems: options.maxPodsHeld,
      maxAhead: options.maxAheadSeconds,
      enter: ({ edge, view, counts }) => edge.window.add(view, counts, 1),
      leave: ({ edge, view, counts }) => edge.window.add(view, counts, -1),
      items: () => this.#spare.pop() ?? new PackedPods(),
      onGone: (items) => this.#putAside(items as PackedPods),
    });
  }

  /** Pod edges in the window, and parts of what they counted that are held. */
  get size(): { readonly edges: number; readonly held: number } {
    return { edges: this.#edges.size, held: this.#slots.held };
  }

  /**
   * Counts what pods said in a window.
   *
   * @param parts the seconds of the window
   * @param isKnown whether the edge of their workloads is shown
   * @returns requests that are not counted as their pods', since there is no room to tell more of them apart
   */
  add(
    pods: readonly PodTraffic[],
    parts: readonly Part[],
    isKnown: (edge: Pick<Observation, "client" | "server" | "protocol">) => boolean,
  ): number {
    let cut = 0;
    for (let ordinal = 0; ordinal < pods.length; ordinal++) {
      const traffic = pods[ordinal]!;
      const { client, server, protocol } = traffic;
      if (!isKnown({ client: client.workload, server: server.workload, protocol })) continue;
      cut += this.#add(traffic, parts, ordinal * 64);
    }
    return cut;
  }

  /** Moves the window so that it ends before a second. */
  advance(end: number): void {
    this.#slots.advance(end);
    for (const edge of this.#edges.values()) this.#dropEmpty(edge);
  }

  /** What the reporter rule shows, and the nodes at the ends. */
  read(): { readonly edges: PodEdge[]; readonly nodes: Map<string, NodeIdentity> } {
    const edges: PodEdge[] = [];
    const nodes = new Map<string, NodeIdentity>();
    for (const state of this.#edges.values()) {
      const [client, server] = [state.client.workload, state.server.workload].map(this.#options.nodeOf);
      const edge = client && server && state.read(shownInWindow({ client, server, protocol: state.protocol }));
      if (!edge) continue;
      edges.push(edge);
      for (const node of [client, server]) if (!nodes.has(node.id)) nodes.set(node.id, node.shownIdentity());
    }
    return { edges, nodes };
  }

  #putAside(items: PackedPods): void {
    if (this.#spare.length === MAX_SPARE) return;
    items.clear();
    this.#spare.push(items);
  }

  #add(traffic: PodTraffic, parts: readonly Part[], ordinal: number): number {
    const known = this.#edges.get(podEdgeText(traffic));
    const isFull = !known && this.#edges.size >= this.#options.maxPodEdges;
    const edge = known ?? this.#edge(isFull ? withoutPods(traffic) : traffic);
    let lost = isFull ? traffic.count : 0;
    const counts = podCounts(traffic);
    for (const part of parts) {
      const some = partOf(counts, part, ordinal);
      const put = this.#slots.put(part.slot, { edge, view: viewOf(traffic), counts: some });
      if (put === "held") edge.lastSecond = Math.max(edge.lastSecond, part.slot);
      else if (put === "skipped" && !isFull) lost += some.count;
    }
    this.#dropEmpty(edge);
    return lost;
  }

  #edge(traffic: PodTraffic): PodEdgeState {
    const text = podEdgeText(traffic);
    const known = this.#edges.get(text);
    if (known) return known;
    const edge = new PodEdgeState(traffic);
    this.#edges.set(text, edge);
    return edge;
  }

  /** Forgets an edge of which nothing is in the window or ahead of it. */
  #dropEmpty(edge: PodEdgeState): void {
    if (edge.lastSecond < this.#slots.begin || edge.lastSecond === -Infinity) this.#edges.delete(podEdgeText(edge));
  }
}
