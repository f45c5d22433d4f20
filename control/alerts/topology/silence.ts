/**
 * Whose sidecar tells nothing while those of others still count requests with its workload. Others' word counts only of
 * an edge that the workload's own sidecar has told of before: what it never saw, such as a port that goes past it, says nothing
 * of its silence.
 */
import { partsOfId } from "../../identity/node.ts";
import type { TimeRange } from "../../store/time-range.ts";
import { SLOT_MS } from "../counting/slots.ts";
import { EdgesTold } from "./edges-told.ts";

/** Workloads that are remembered; further ones are counted. */
const MAX_WORKLOADS = 100_000;
/** Others that are told apart for one workload. */
const MAX_OTHERS = 100;
/** Edges that nobody told of for so long are forgotten. */
const KEEP_EDGES_MS = 9 * 86_400_000;
const SWEEP_MS = 3_600_000;

/** What is known of one workload's sidecars. Times are milliseconds since the epoch. */
export interface Silence {
  readonly workload: string;
  /** Up to when its own sidecars told something. */
  heardMs: number;
  /** Since when, and up to when, others counted requests with it of which its own told nothing; Infinity for none. */
  firstMs: number;
  lastMs: number;
  /** In how many slots. */
  slots: number;
  requests: number;
  readonly others: Set<string>;
}

/** Requests of an edge, and whose sidecars told of them. */
export interface Told {
  readonly client: string;
  readonly server: string;
  readonly byClient: boolean;
  readonly byServer: boolean;
  /** Requests that were answered, as those who told have it; 0 where that is too coarse to say when. */
  readonly answered: number;
}

export class Silences {
  /** In the order in which they were heard first. */
  readonly all: Silence[] = [];
  readonly #byWorkload = new Map<string, Silence>();
  readonly #edges = new EdgesTold();
  #skipped = 0;
  #sweptMs = -Infinity;

  /** Edges and workloads that found no room. */
  get skipped(): number {
    return this.#skipped + this.#edges.skipped;
  }

  /** A sidecar told something, whatever it was. */
  heard(workload: string, toMs: number): void {
    const silence = this.#of(workload);
    if (!silence || toMs <= silence.heardMs) return;
    silence.heardMs = toMs;
    if (toMs >= silence.lastMs) {
      silence.firstMs = Infinity;
      silence.slots = 0;
      silence.requests = 0;
      silence.others.clear();
    } else {
      // It came late. What others counted before does not tell of silence any more; how much that was is not kept.
      silence.firstMs = Math.max(silence.firstMs, toMs);
      silence.slots = Math.min(silence.slots, Math.ceil((silence.lastMs - silence.firstMs) / SLOT_MS));
    }
  }

  told({ client, server, byClient, byServer, answered }: Told, at: TimeRange): void {
    const edge = this.#edges.of(client, server);
    if (!edge) return;
    if (byServer) {
      edge.serverMs = Math.max(edge.serverMs, at.toMs);
      this.heard(server, at.toMs);
    } else if (byClient && answered > 0 && edge.serverMs > -Infinity) {
      this.#miss(server, { ...at, count: answered, by: client });
    }
    if (byClient) {
      edge.clientMs = Math.max(edge.clientMs, at.toMs);
      this.heard(client, at.toMs);
    } else if (byServer && answered > 0 && edge.clientMs > -Infinity) {
      this.#miss(client, { ...at, count: answered, by: server });
    }
  }

  /** Forgets edges of which nobody told for long. */
  sweep(endMs: number): void {
    if (endMs - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = endMs;
    this.#edges.forget(endMs - KEEP_EDGES_MS);
  }

  #miss(
    workload: string,
    { fromMs, toMs, count, by }: TimeRange & { readonly count: number; readonly by: string },
  ): void {
    const silence = this.#byWorkload.get(workload);
    if (!silence || toMs <= silence.heardMs) return;
    const begin = Math.max(fromMs, silence.heardMs);
    const isNew = silence.firstMs === Infinity;
    const unseenMs = toMs - (isNew ? begin : Math.max(begin, silence.lastMs));
    silence.slots += Math.max(0, Math.ceil(unseenMs / SLOT_MS));
    silence.firstMs = Math.min(silence.firstMs, begin);
    silence.lastMs = isNew ? toMs : Math.max(silence.lastMs, toMs);
    silence.requests += count;
    if (silence.others.size < MAX_OTHERS) silence.others.add(by);
  }

  #of(workload: string): Silence | undefined {
    const known = this.#byWorkload.get(workload);
    if (known || !isWorkload(workload)) return known;
    if (this.all.length >= MAX_WORKLOADS) {
      this.#skipped++;
      return undefined;
    }
    const silence: Silence = {
      ...{ workload, heardMs: -Infinity, firstMs: Infinity, lastMs: -Infinity, slots: 0, requests: 0 },
      others: new Set(),
    };
    this.all.push(silence);
    this.#byWorkload.set(workload, silence);
    return silence;
  }
}

function isWorkload(id: string): boolean {
  const { namespace } = partsOfId(id);
  return namespace !== "external" && namespace !== "unresolved";
}
