/**
 * Snapshots as they come: over server-sent events, and where those do not get through (some proxies buffer them), by
 * asking again and again. Tells its listener each change of the connection, and never gives up.
 */
import type { Snapshot } from "../../../control/world/model.ts";
import { fetchSnapshot } from "./api.ts";

export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live"; readonly by: "stream" | "polling" }
  | { readonly state: "lost"; readonly sinceMs: number; readonly retryAtMs: number };

export interface SnapshotListener {
  onSnapshot(snapshot: Snapshot): void;
  onConnection(connection: Connection): void;
}

/** Waits before each next attempt, in milliseconds; the last one repeats. */
const RETRY_MS = [1000, 2000, 4000, 8000, 15_000];
/** Control publishes each second; after this long without a word the stream counts as broken, open or not. */
const SILENCE_MS = 8000;
const POLL_MS = 2000;

export class SnapshotSource {
  #listener: SnapshotListener;
  #stream: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();
  #failures = 0;
  #lostSinceMs = 0;

  constructor(listener: SnapshotListener) {
    this.#listener = listener;
  }

  start(): void {
    this.#listener.onConnection({ state: "connecting" });
    this.#openStream();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stream?.close();
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  /** Tries at once instead of waiting for the next attempt. */
  retry(): void {
    this.stop();
    this.#openStream();
  }

  #openStream(): void {
    const stream = new EventSource("/api/v1/stream");
    this.#stream = stream;
    const fail = (): void => {
      stream.close();
      void this.#poll();
    };
    this.#wait(SILENCE_MS, fail);
    stream.addEventListener("snapshot", (event: MessageEvent<string>) => {
      this.#wait(SILENCE_MS, fail);
      this.#deliver(JSON.parse(event.data) as Snapshot, "stream");
    });
    stream.onerror = fail;
  }

  /** One question instead of the stream: answered, and polling goes on; unanswered, and the connection is lost. */
  async #poll(): Promise<void> {
    clearTimeout(this.#timer);
    const { signal } = this.#abort;
    try {
      const snapshot = await fetchSnapshot(AbortSignal.any([signal, AbortSignal.timeout(SILENCE_MS)]));
      if (signal.aborted) return;
      this.#deliver(snapshot, "polling");
      this.#wait(POLL_MS, () => this.#openStream());
    } catch {
      if (!signal.aborted) this.#lose();
    }
  }

  #deliver(snapshot: Snapshot, by: "stream" | "polling"): void {
    this.#failures = 0;
    this.#lostSinceMs = 0;
    this.#listener.onConnection({ state: "live", by });
    this.#listener.onSnapshot(snapshot);
  }

  #lose(): void {
    const now = Date.now();
    const wait = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)]!;
    this.#failures++;
    this.#lostSinceMs ||= now;
    this.#listener.onConnection({ state: "lost", sinceMs: this.#lostSinceMs, retryAtMs: now + wait });
    this.#wait(wait, () => this.#openStream());
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
