import { MAX_TAP_QUEUE } from "./limits.ts";
import type { TapClock } from "./taps.ts";

/** What a subscriber is told at once. */
export interface TapNews<Request> {
  /** Streams of reporters that are asked by now. */
  readonly reporters: number;
  /** In the order of when they ended. */
  readonly requests: readonly Request[];
  /** Matching requests that were left out since the last news. */
  readonly skipped: number;
}

/** Why a subscription ended: its time is over, its owner closed it, or control is stopping. */
export type TapEnd = "expired" | "closed" | "stopping";

export interface TapSubscriptionDeps {
  readonly clock: TapClock;
  readonly durationMs: number;
  readonly reporters: number;
  /** Told once, at the end. */
  readonly onEnd: () => void;
  /** Told how many requests went since the subscriber was too slow. */
  readonly onCut: (requests: number) => void;
}

/** Time between two news, milliseconds: reporters tell theirs four times a second each. */
const NEWS_INTERVAL_MS = 200;

/**
 * One that watches a tap, at its own pace: what it has not read yet waits in a bounded queue, out of which the oldest
 * requests go first, and are counted. Ends by itself.
 */
export class TapSubscription<Request extends { readonly atMs: number }> {
  readonly #deps: TapSubscriptionDeps;
  readonly #cancelExpiry: () => void;
  #requests: Request[] = [];
  #skipped = 0;
  #reporters: number;
  /** The first news hold nothing but the number of reporters, and hold it at once. */
  #isFirst = true;
  #isDue = true;
  #hasNews = true;
  #toldMs = -Infinity;
  #cancelDue: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #ended: TapEnd | undefined;

  constructor(deps: TapSubscriptionDeps) {
    this.#deps = deps;
    this.#reporters = deps.reporters;
    this.#cancelExpiry = deps.clock.after(deps.durationMs, () => this.end("expired"));
  }

  /** Set once nothing more comes; what came before can still be read. */
  get ended(): TapEnd | undefined {
    return this.#ended;
  }

  add(requests: readonly Request[], skipped: number): void {
    if (this.#ended || (requests.length === 0 && skipped === 0)) return;
    this.#requests.push(...requests);
    const cut = Math.max(0, this.#requests.length - MAX_TAP_QUEUE);
    if (cut > 0) {
      this.#requests.splice(0, cut);
      this.#deps.onCut(cut);
    }
    this.#skipped += skipped + cut;
    this.#news();
  }

  setReporters(reporters: number): void {
    if (this.#ended || reporters === this.#reporters) return;
    this.#reporters = reporters;
    this.#news();
  }

  end(reason: TapEnd): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#cancelExpiry();
    this.#cancelDue?.();
    this.#deps.onEnd();
    this.#wake?.();
  }

  /**
   * What came since the last news, as soon as there is something; undefined after `timeoutMs` without, and once there is
   * nothing more to come (`ended`). One call at a time.
   */
  async next(timeoutMs: number): Promise<TapNews<Request> | undefined> {
    if (!this.#isReady()) await this.#ready(timeoutMs);
    return this.#isReady() && this.#hasNews ? this.#take() : undefined;
  }

  #isReady(): boolean {
    return this.#isDue || this.#ended !== undefined;
  }

  #ready(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#deps.clock.after(timeoutMs, done);
      this.#wake = done;
    });
  }

  #take(): TapNews<Request> {
    this.#toldMs = this.#deps.clock.elapsed();
    this.#isDue = false;
    this.#hasNews = false;
    if (this.#isFirst) {
      this.#isFirst = false;
      if (this.#requests.length > 0 || this.#skipped > 0) this.#news();
      return { reporters: this.#reporters, requests: [], skipped: 0 };
    }
    const requests = this.#requests.sort((a, b) => a.atMs - b.atMs);
    const news = { reporters: this.#reporters, requests, skipped: this.#skipped };
    this.#requests = [];
    this.#skipped = 0;
    return news;
  }

  #news(): void {
    this.#hasNews = true;
    if (this.#isDue || this.#cancelDue) return;
    const dueMs = Math.max(0, this.#toldMs + NEWS_INTERVAL_MS - this.#deps.clock.elapsed());
    this.#cancelDue = this.#deps.clock.after(dueMs, () => {
      this.#cancelDue = undefined;
      this.#isDue = true;
      this.#wake?.();
    });
  }
}
