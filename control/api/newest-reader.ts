/** Something that changes, and whoever wants to know. */
export interface Published<Value> {
  /** Of slow subscribers: what they never saw since something newer was there, and who took nothing for too long. */
  readonly stats: { skipped: number; stalled: number };
  latest(): Value;
  /**
   * Calls back with each value that is published from now on. The answer ends the subscription.
   * @throws TooManySubscribers, TooManyWatches at its limit
   */
  subscribe(listener: (value: Value) => void): () => void;
}

/**
 * A subscription that its owner reads at its own pace. It holds one value at most: whoever is slower than the feed
 * skips to the newest, and what was skipped is counted in `stats.skipped`.
 */
export class NewestReader<Value extends object> {
  readonly #feed: Published<Value>;
  readonly #unsubscribe: () => void;
  #waiting: ((value: Value | undefined) => void) | undefined;
  #newest: Value | undefined;
  #closed = false;

  /**
   * The first `next()` answers at once, with the latest value.
   * @throws TooManySubscribers, TooManyWatches at the feed's limit
   */
  constructor(feed: Published<Value>) {
    this.#feed = feed;
    this.#unsubscribe = feed.subscribe((value) => this.#take(value));
    try {
      this.#newest = feed.latest();
    } catch (error) {
      this.#unsubscribe();
      throw error;
    }
  }

  /**
   * The newest value not read yet, as soon as there is one; undefined after `timeoutMs` without one, and once the
   * reader is closed. One call at a time.
   */
  next(timeoutMs: number): Promise<Value | undefined> {
    const ready = this.#newest;
    this.#newest = undefined;
    if (ready || this.#closed) return Promise.resolve(ready);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#waiting?.(undefined), timeoutMs);
      this.#waiting = (value) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        resolve(value);
      };
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Frees the place in the feed. Harmless when repeated. */
  close(): void {
    this.#closed = true;
    this.#newest = undefined;
    this.#unsubscribe();
    this.#waiting?.(undefined);
  }

  #take(value: Value): void {
    if (this.#waiting) return this.#waiting(value);
    if (this.#newest) this.#feed.stats.skipped++;
    this.#newest = value;
  }
}
