import type { AlertsNow, AlertSource } from "./alert-source.ts";
import { HttpError } from "./http-errors.ts";
import type { Published } from "./newest-reader.ts";
import type { ApiSources } from "./sources.ts";
import { TooManyWatches } from "./too-many-watches.ts";

export interface AlertsFeedOptions {
  readonly maxSubscribers?: number;
  /** Shortest time between two publications, milliseconds: what changes together is told together. */
  readonly minIntervalMs?: number;
  /** Told when what is open could not be read; the feed goes on with the next change. */
  readonly onError?: (error: Error) => void;
}

/** Where alerts come from. @throws HttpError 503 while there is nothing yet */
export function alertsOf({ alerts, notReady }: Pick<ApiSources, "alerts" | "notReady">): AlertSource {
  if (alerts) return alerts;
  throw new HttpError(503, `Control is starting: ${notReady().join("; ") || "no rules are judged yet"}`);
}

/** What is open, each time that it changed, for all who watch over either API. While nobody does nothing is read. */
export class AlertsFeed implements Published<AlertsNow> {
  /** Counters since the feed was made; `subscribers` is how many there are now. */
  readonly stats = { subscribers: 0, refused: 0, skipped: 0, stalled: 0 };
  readonly #sources: Pick<ApiSources, "alerts" | "notReady">;
  readonly #maxSubscribers: number;
  readonly #minIntervalMs: number;
  readonly #onError: (error: Error) => void;
  readonly #listeners = new Set<(now: AlertsNow) => void>();
  readonly #stopping = new AbortController();
  #unfollow: (() => void) | undefined;
  #publishedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(sources: Pick<ApiSources, "alerts" | "notReady">, options: AlertsFeedOptions = {}) {
    this.#sources = sources;
    this.#maxSubscribers = options.maxSubscribers ?? 500;
    this.#minIntervalMs = options.minIntervalMs ?? 500;
    this.#onError = options.onError ?? (() => {});
  }

  /** Aborted when control stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  latest(): AlertsNow {
    return alertsOf(this.#sources).now();
  }

  /** @throws TooManyWatches; HttpError 503 while there is nothing to follow yet */
  subscribe(listener: (now: AlertsNow) => void): () => void {
    const source = alertsOf(this.#sources);
    if (this.#listeners.size >= this.#maxSubscribers) {
      this.stats.refused++;
      throw new TooManyWatches(this.#maxSubscribers);
    }
    // A set holds one function once; a wrapper of its own lets the same listener subscribe twice.
    const entry = (now: AlertsNow): void => listener(now);
    this.#listeners.add(entry);
    this.stats.subscribers = this.#listeners.size;
    this.#unfollow ??= source.onChanged(() => this.#changed());
    return () => {
      this.#listeners.delete(entry);
      this.stats.subscribers = this.#listeners.size;
      if (this.#listeners.size === 0) this.#rest();
    };
  }

  /** Publishes nothing more, and says so to who watches. */
  stop(): void {
    this.#rest();
    this.#stopping.abort();
  }

  #rest(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #changed(): void {
    if (this.#timer) return;
    const dueIn = this.#publishedAt + this.#minIntervalMs - performance.now();
    this.#timer = setTimeout(() => this.#publish(), Math.max(0, dueIn));
  }

  #publish(): void {
    this.#timer = undefined;
    this.#publishedAt = performance.now();
    try {
      const now = this.latest();
      for (const listener of [...this.#listeners]) listener(now);
    } catch (cause) {
      this.#onError(new Error("Telling who watches alerts what is open", { cause }));
    }
  }
}
