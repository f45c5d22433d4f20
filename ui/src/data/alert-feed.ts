/**
 * What is open, as it changes: over server-sent events, and while those do not get through, by asking again and again.
 * Never gives up.
 */
import type { AlertsNow } from "../../../control/api/alert-source.ts";
import { fetchAlertsNow } from "./alerts-api.ts";

export interface AlertListener {
  onNow(now: AlertsNow): void;
  /** That nothing could be learned, and why; what was told before may be out of date. */
  onFailed(error: Error): void;
}

/** Between a stream that broke and the next one. */
const RETRY_MS = 3000;
const PATIENCE_MS = 8000;

export class AlertFeed {
  #listener: AlertListener;
  #stream: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();

  constructor(listener: AlertListener) {
    this.#listener = listener;
  }

  start(): void {
    const stream = new EventSource("/api/v1/alerts/stream");
    this.#stream = stream;
    stream.addEventListener("alerts", ({ data }: MessageEvent<string>) => {
      this.#listener.onNow(JSON.parse(data) as AlertsNow);
    });
    stream.onerror = () => {
      stream.close();
      void this.#ask();
    };
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
    this.start();
  }

  async #ask(): Promise<void> {
    const { signal } = this.#abort;
    try {
      const now = await fetchAlertsNow(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
      if (!signal.aborted) this.#listener.onNow(now);
    } catch (error) {
      if (!signal.aborted) this.#listener.onFailed(error instanceof Error ? error : new Error(String(error)));
    }
    if (!signal.aborted) this.#timer = setTimeout(() => this.start(), RETRY_MS);
  }
}
