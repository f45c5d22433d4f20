import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { acceptsCoding } from "./accept-encoding.ts";
import { NewestReader } from "./newest-reader.ts";
import { type Frame, gzipHeader, heartbeatFrame, openingFrame, snapshotFrame } from "./snapshot-frames.ts";
import type { SnapshotFeed } from "./feed.ts";

export interface StreamOptions {
  /** A comment is sent when nothing else was for this long. */
  readonly heartbeatMs?: number;
  /** A subscriber that takes nothing for this long is cut off, so that its place is free again. */
  readonly stallMs?: number;
  /** Told when a snapshot could not be written; the stream ends. */
  readonly onError?: (error: Error) => void;
}

/**
 * `GET /api/v1/stream`: server-sent events, `event: snapshot` with a whole Snapshot each, so `Last-Event-ID` has no
 * meaning here. The answer is pulled by the socket: while a slow one is busy nothing is queued for it.
 * @throws TooManySubscribers at the feed's limit.
 */
export function streamSnapshots(context: Context, feed: SnapshotFeed, options: StreamOptions = {}): Response {
  const compressed = acceptsCoding(context.req.header("Accept-Encoding"), "gzip");
  const { outgoing } = (context.env ?? {}) as Partial<HttpBindings>;
  const isHead = context.req.method === "HEAD";
  // First of all: where there is no place the answer is an error, and none of these headers are its own.
  const source = isHead ? undefined : new FrameSource(feed, compressed, options, () => outgoing?.destroy());
  context.header("Content-Type", "text/event-stream");
  context.header("Cache-Control", "no-store, no-transform");
  context.header("Vary", "Accept-Encoding");
  // Asks nginx and its like to pass events on as they come.
  context.header("X-Accel-Buffering", "no");
  if (compressed) context.header("Content-Encoding", "gzip");
  if (!source) return context.body(null);
  return context.body(new ReadableStream(source, { highWaterMark: 0 }));
}

class FrameSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #feed: SnapshotFeed;
  readonly #reader: NewestReader;
  readonly #compressed: boolean;
  readonly #options: StreamOptions;
  readonly #disconnect: () => void;
  #opened = false;
  #stallTimer: NodeJS.Timeout | undefined;

  constructor(feed: SnapshotFeed, compressed: boolean, options: StreamOptions, disconnect: () => void) {
    this.#feed = feed;
    this.#reader = new NewestReader(feed);
    this.#compressed = compressed;
    this.#options = options;
    this.#disconnect = disconnect;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    clearTimeout(this.#stallTimer);
    const bytes = await this.#nextBytes().catch((cause: unknown) => {
      this.#options.onError?.(new Error("Encoding a snapshot for a subscriber", { cause }));
      this.#cutOff(controller);
      return undefined;
    });
    if (!bytes || this.#reader.closed) return;
    controller.enqueue(bytes);
    this.#stallTimer = setTimeout(() => {
      this.#feed.stats.stalled++;
      this.#cutOff(controller);
    }, this.#options.stallMs ?? 60_000);
  }

  cancel(): void {
    clearTimeout(this.#stallTimer);
    this.#reader.close();
  }

  #cutOff(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.cancel();
    controller.close();
    this.#disconnect();
  }

  async #nextBytes(): Promise<Uint8Array> {
    if (!this.#opened) {
      this.#opened = true;
      const opening = await this.#encode(openingFrame);
      return this.#compressed ? Buffer.concat([gzipHeader, opening]) : opening;
    }
    const snapshot = await this.#reader.next(this.#options.heartbeatMs ?? 15_000);
    return this.#encode(snapshot ? snapshotFrame(snapshot) : heartbeatFrame);
  }

  #encode(frame: Frame): Uint8Array | Promise<Uint8Array> {
    return this.#compressed ? frame.deflated() : frame.plain;
  }
}
