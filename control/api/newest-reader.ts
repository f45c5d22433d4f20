import type { Snapshot } from "../world/model.ts";
import type { SnapshotFeed } from "./feed.ts";

/**
 * A subscription that its owner reads at its own pace. It holds one snapshot at most: whoever is slower than the feed
 * skips to the newest, and what was skipped is counted in `feed.stats.skipped`.
 */
export class NewestReader {
  readonly #feed: SnapshotFeed;
  readonly #unsubscribe: () => void;
  #waiting: ((snapshot: Snapshot | undefined) => void) | undefined;
  #newest: Snapshot | undefined;
  #closed = false;

  /**
   * The first `next()` answers at once, with the latest snapshot.
   * @throws TooManySubscribers at the feed's limit.
   */
  constructor(feed: SnapshotFeed) {
    this.#feed = feed;
    this.#unsubscribe = feed.subscribe((snapshot) => this.#take(snapshot));
    try {
      this.#newest = feed.latest();
    } catch (error) {
      this.#unsubscribe();
      throw error;
    }
  }

  /**
   * The newest snapshot not read yet, as soon as there is one; undefined after `timeoutMs` without one, and once the
   * reader is closed. One call at a time.
   */
  next(timeoutMs: number): Promise<Snapshot | undefined> {
    const ready = this.#newest;
    this.#newest = undefined;
    if (ready || this.#closed) return Promise.resolve(ready);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#waiting?.(undefined), timeoutMs);
      this.#waiting = (snapshot) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        resolve(snapshot);
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

  #take(snapshot: Snapshot): void {
    if (this.#waiting) return this.#waiting(snapshot);
    if (this.#newest) this.#feed.stats.skipped++;
    this.#newest = snapshot;
  }
}
