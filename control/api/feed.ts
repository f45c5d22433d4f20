import type { Snapshot } from "../world/model.ts";

/** The part of `World` that the feed needs. */
export interface SnapshotSource {
  /** The world as it stands at `nowMs` (milliseconds since the epoch). Pure: the same question gives the same answer. */
  snapshot(nowMs: number): Snapshot;
}

/** Where the feed's time comes from. Tests hand in a clock that they move themselves. */
export interface FeedClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds on a clock that never jumps, for measuring. */
  elapsed(): number;
  /** Calls back once after `delayMs`; the answer cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export interface FeedOptions {
  /** Shortest time between two publications, milliseconds. */
  readonly minIntervalMs?: number;
  /** Longest time between two publications while nothing is added, milliseconds. */
  readonly maxIntervalMs?: number;
  readonly maxSubscribers?: number;
  /** Told when computing or a listener fails; the feed goes on with the next interval. */
  readonly onError?: (error: Error) => void;
  readonly clock?: FeedClock;
}

/** Counters since the feed was made; `subscribers` is how many there are now. */
export interface FeedStats {
  computed: number;
  /** Seconds spent computing snapshots, in all. */
  computeSeconds: number;
  /** Seconds that the last one took. */
  lastComputeSeconds: number;
  published: number;
  failed: number;
  subscribers: number;
  /** Subscriptions refused at the limit. */
  refused: number;
  /** Snapshots that a slow subscriber never saw, since a newer one was there before it was ready. */
  skipped: number;
  /** Subscribers cut off since they took nothing for too long. */
  stalled: number;
}

/** The limit of subscribers is reached. Boundaries turn it into 503 or RESOURCE_EXHAUSTED. */
export class TooManySubscribers extends Error {
  constructor(readonly limit: number) {
    super(`All ${limit} places for live subscribers are taken; close one or ask for single snapshots`);
    this.name = "TooManySubscribers";
  }
}

export const systemClock: FeedClock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Turns the world into a sequence of snapshots: one soon after something was added, but never two within
 * `minIntervalMs`, and one each `maxIntervalMs` while nothing is, because windows slide. Computing them takes a quarter
 * of a processor at most; a very large world is published less often instead. While nobody listens nothing is computed.
 */
export class SnapshotFeed {
  readonly stats: FeedStats = {
    computed: 0,
    computeSeconds: 0,
    lastComputeSeconds: 0,
    published: 0,
    failed: 0,
    subscribers: 0,
    refused: 0,
    skipped: 0,
    stalled: 0,
  };
  readonly maxSubscribers: number;
  readonly #world: SnapshotSource;
  readonly #clock: FeedClock;
  readonly #minIntervalMs: number;
  readonly #maxIntervalMs: number;
  readonly #onError: (error: Error) => void;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  #newest: Snapshot | undefined;
  #computedAt = -Infinity;
  #publishedAt = -Infinity;
  #dirty = true;
  #running = false;
  #cancelTimer: (() => void) | undefined;

  constructor(world: SnapshotSource, options: FeedOptions = {}) {
    this.#world = world;
    this.#clock = options.clock ?? systemClock;
    this.#minIntervalMs = options.minIntervalMs ?? 500;
    this.#maxIntervalMs = options.maxIntervalMs ?? 1000;
    this.maxSubscribers = options.maxSubscribers ?? 500;
    this.#onError = options.onError ?? (() => {});
  }

  start(): void {
    this.#running = true;
    this.#schedule();
  }

  /** Publishes nothing more. Subscribers stay subscribed and hear nothing. */
  stop(): void {
    this.#running = false;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Says that something was added to the world. Cheap: call it for each window. */
  added(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#schedule();
  }

  /** The newest snapshot, at most `minIntervalMs` old. */
  latest(): Snapshot {
    return this.#reuse(this.#minIntervalMs) ?? this.#compute();
  }

  /**
   * The world as it stands now. A snapshot that took `c` ms to compute is given out again for `c` ms, so callers that
   * ask without pause can take half of the processor's time and no more.
   */
  fresh(): Snapshot {
    return this.#reuse(this.stats.lastComputeSeconds * 1000) ?? this.#compute();
  }

  /**
   * Calls back with each snapshot published from now on. The answer ends the subscription.
   * @throws TooManySubscribers at the limit.
   */
  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    if (this.#listeners.size >= this.maxSubscribers) {
      this.stats.refused++;
      throw new TooManySubscribers(this.maxSubscribers);
    }
    // A set holds one function once; a wrapper of its own lets the same listener subscribe twice.
    const entry = (snapshot: Snapshot): void => listener(snapshot);
    this.#listeners.add(entry);
    this.stats.subscribers = this.#listeners.size;
    this.#schedule();
    return () => {
      this.#listeners.delete(entry);
      this.stats.subscribers = this.#listeners.size;
      this.#schedule();
    };
  }

  #reuse(maxAgeMs: number): Snapshot | undefined {
    return this.#clock.elapsed() - this.#computedAt <= maxAgeMs ? this.#newest : undefined;
  }

  #compute(): Snapshot {
    const before = this.#clock.elapsed();
    const snapshot = this.#world.snapshot(this.#clock.now());
    this.#computedAt = this.#clock.elapsed();
    const seconds = (this.#computedAt - before) / 1000;
    this.stats.computed++;
    this.stats.computeSeconds += seconds;
    this.stats.lastComputeSeconds = seconds;
    this.#newest = snapshot;
    return snapshot;
  }

  #schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (!this.#running || this.#listeners.size === 0) return;
    const interval = this.#dirty ? this.#minIntervalMs : this.#maxIntervalMs;
    // A world that is slow to compute is published less often, so that three quarters of the time stay for the rest.
    const restedAt = this.#computedAt + 3 * this.stats.lastComputeSeconds * 1000;
    const dueAt = this.#publishedAt === -Infinity ? -Infinity : Math.max(this.#publishedAt + interval, restedAt);
    const dueIn = Math.max(0, dueAt - this.#clock.elapsed());
    this.#cancelTimer = this.#clock.after(dueIn, () => this.#publish());
  }

  #publish(): void {
    this.#publishedAt = this.#clock.elapsed();
    this.#dirty = false;
    this.#guard(() => {
      const snapshot = this.#compute();
      this.stats.published++;
      for (const listener of [...this.#listeners]) this.#guard(() => listener(snapshot));
    });
    this.#schedule();
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (cause) {
      this.stats.failed++;
      this.#onError(new Error("Publishing a snapshot of the world", { cause }));
    }
  }
}
