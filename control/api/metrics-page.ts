import type { Registry } from "prom-client";
import { edgeMetrics } from "./edge-metrics.ts";
import type { ApiSources } from "./sources.ts";

/** The traffic's series stand for so long, milliseconds: several Prometheus that scrape cost little more than one. */
const FRESH_MS = 1_000;

/** Edges that get series of their own where nothing else is set: some 25 series each. */
export const DEFAULT_METRICS_EDGES = 1_000;

export interface MetricsPageOptions {
  /** Control's own figures. */
  readonly registry: Registry;
  /** Edges that get service-level series at most, 0 for none; DEFAULT_METRICS_EDGES where not given. */
  readonly maxEdges?: number | undefined;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

/** What /metrics answers: control's own figures as they are now, then the traffic's, written at most once a second. */
export class MetricsPage {
  readonly #sources: Pick<ApiSources, "feed" | "world">;
  readonly #options: MetricsPageOptions;
  #traffic: Promise<readonly Uint8Array<ArrayBuffer>[]> | undefined;
  #writtenMs = -Infinity;

  constructor(sources: Pick<ApiSources, "feed" | "world">, options: MetricsPageOptions) {
    this.#sources = sources;
    this.#options = options;
  }

  get contentType(): string {
    return this.#options.registry.contentType;
  }

  /** The text, in pieces: of thousands of edges it is some megabytes. */
  async read(): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    const own = Buffer.from(await this.#options.registry.metrics());
    return [own, ...(await this.#trafficNow())];
  }

  #trafficNow(): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    const { maxEdges = DEFAULT_METRICS_EDGES, now = (): number => performance.now() } = this.#options;
    if (maxEdges === 0) return Promise.resolve([]);
    if (this.#traffic && now() - this.#writtenMs < FRESH_MS) return this.#traffic;
    const { feed, world } = this.#sources;
    const traffic = edgeMetrics({ edges: world.counters(), snapshot: feed.latest(), maxEdges });
    this.#traffic = traffic;
    this.#writtenMs = now();
    // What failed is not told to whoever asks next.
    traffic.catch(() => {
      if (this.#traffic === traffic) this.#traffic = undefined;
    });
    return traffic;
  }
}
