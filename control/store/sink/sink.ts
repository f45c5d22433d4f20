import { setTimeout as sleep } from "node:timers/promises";
import type { ReportedWindow } from "../../identity/observation.ts";
import type { Store } from "../store.ts";
import { SinkClient } from "./client.ts";
import type { SinkError, SinkServer } from "./client.ts";
import { SinkPoints } from "./points.ts";
import { Slots } from "./slots.ts";
import type { SlotsOptions } from "./slots.ts";

/** It is looked this often whether a slot is due, and a sink that refuses is asked again after so long, doubling, milliseconds. */
const LOOK_MS = 500;
const RETRY_MS = { first: 1_000, longest: 60_000 };
/**
 * After a start reporters bring, one by one, what they kept meanwhile: a slot that is told before all have is told twice, and not
 * every server lets the second replace the first.
 */
const START_GRACE_MS = 15_000;
/** A server that gave no answer may have ended, and lost what it took in its last seconds: that goes again. */
const LOST_MS = 60_000;

export interface SinkOptions extends Pick<SlotsOptions, "path" | "stepMs" | "keptMs"> {
  readonly server: SinkServer;
  /** The history, where what is to be sent is read from. */
  readonly store: Pick<Store, "sums">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of each write that failed and is tried again. */
  readonly onFailed: (error: Error, retryMs: number) => void;
  /** Told of points that the server takes for nonsense; they are given up. */
  readonly onRefused: (points: number, error: Error) => void;
}

/** How a sink fares; counters since control started. */
export interface SinkState {
  /** Why it did not take what it was given last; undefined while it does. */
  readonly error: Error | undefined;
  /** Slots that it has yet to get, and since when the oldest of them is over, milliseconds since the epoch. */
  readonly waitingSlots: number;
  readonly waitingSinceMs: number | undefined;
  readonly sentPoints: number;
  /** Slots that were given up, since the sink was away for longer than history keeps them apart. */
  readonly droppedSlots: number;
  /** Requests that were told as `~other` or left out. */
  readonly cutRequests: number;
}

/**
 * Tells a server that only takes InfluxDB's line protocol what happened in each slot of time, beside history and out of it. It has
 * nothing to do with how history is written: it may be down or slow for as long as it likes.
 */
export class Sink {
  readonly #options: SinkOptions;
  readonly #slots: Slots;
  readonly #points = new SinkPoints();
  readonly #client: SinkClient;
  readonly #stopping = new AbortController();
  #error: Error | undefined;
  #sentPoints = 0;
  #loop: Promise<void> = Promise.resolve();

  /** Throws a StoreOpenError where the file is of something else. */
  constructor(options: SinkOptions) {
    this.#options = options;
    const { path, stepMs, keptMs, now } = options;
    this.#slots = new Slots({ path, stepMs, keptMs, nowMs: now() });
    this.#client = new SinkClient(options.server, options.onRefused);
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Ends it at once; what was not taken waits for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#client.close();
    await this.#loop;
  }

  /** Windows are about to be given to history; what this answers is to be called when it has taken or refused them. */
  change(windows: readonly ReportedWindow[]): () => void {
    return this.#slots.change(
      windows.map(({ startMs, durationMs }) => ({ fromMs: startMs, toMs: startMs + durationMs })),
    );
  }

  state(): SinkState {
    const { slots, sinceMs } = this.#slots.waiting(this.#options.now());
    return {
      error: this.#error,
      waitingSlots: slots,
      waitingSinceMs: sinceMs === undefined ? undefined : sinceMs + this.#options.stepMs,
      sentPoints: this.#sentPoints,
      droppedSlots: this.#slots.dropped,
      cutRequests: this.#points.cut,
    };
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_MS.first;
    await this.#pause(START_GRACE_MS);
    while (!this.#stopping.signal.aborted) {
      try {
        while (await this.#sendSlot()) retryMs = RETRY_MS.first;
        await this.#pause(LOOK_MS);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        if (!this.#error && (error as SinkError).status === 0) this.#slots.resend(this.#options.now() - LOST_MS);
        this.#error = error as Error;
        const waitMs = Math.max(retryMs, (error as Partial<SinkError>).retryAfterMs ?? 0);
        this.#options.onFailed(error as Error, waitMs);
        await this.#pause(waitMs);
        retryMs = Math.min(retryMs * 2, RETRY_MS.longest);
      }
    }
  }

  /** @returns whether there was one */
  async #sendSlot(): Promise<boolean> {
    const slot = this.#slots.take(this.#options.now());
    if (!slot || this.#stopping.signal.aborted) return false;
    try {
      const { observations } = await this.#options.store.sums(slot);
      const lines = this.#points.linesOf(observations, slot.toMs);
      await this.#client.write(lines);
      this.#slots.sent(slot);
      this.#sentPoints += lines.length;
      if (lines.length > 0) this.#error = undefined;
      return true;
    } catch (error) {
      this.#slots.failed(slot);
      throw error;
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
