import type { Context } from "hono";
import { acceptsCoding } from "./accept-encoding.ts";
import { NewestReader } from "./newest-reader.ts";
import { type EventBytes, pulledEvents } from "./pulled-events.ts";
import { type Frame, gzipHeader, heartbeatFrame, openingFrame, snapshotFrame } from "./snapshot-frames.ts";
import type { SnapshotFeed } from "./feed.ts";

export interface StreamOptions {
  /** A comment is sent when nothing else was for this long. */
  readonly heartbeatMs?: number;
  /** A subscriber that takes nothing for this long is cut off, so that its place is free again. */
  readonly stallMs?: number;
  /** Told when an event could not be written; the stream ends. */
  readonly onError?: (error: Error) => void;
}

/** When a comment is sent by default, milliseconds. */
export const HEARTBEAT_MS = 15_000;

/**
 * `GET /api/v1/stream`: server-sent events, `event: snapshot` with a whole Snapshot each, so `Last-Event-ID` has no
 * meaning here.
 * @throws TooManySubscribers at the feed's limit.
 */
export function streamSnapshots(context: Context, feed: SnapshotFeed, options: StreamOptions = {}): Response {
  const compressed = acceptsCoding(context.req.header("Accept-Encoding"), "gzip");
  const isHead = context.req.method === "HEAD";
  // First of all: where there is no place the answer is an error, and none of these headers are its own.
  const events = isHead ? undefined : new SnapshotEvents(feed, compressed, options.heartbeatMs ?? HEARTBEAT_MS);
  context.header("Vary", "Accept-Encoding");
  if (compressed) context.header("Content-Encoding", "gzip");
  const onStalled = (): void => void feed.stats.stalled++;
  return pulledEvents(context, events, { stallMs: options.stallMs, onError: options.onError, onStalled });
}

class SnapshotEvents implements EventBytes {
  readonly #reader: NewestReader;
  readonly #compressed: boolean;
  readonly #heartbeatMs: number;
  #opened = false;

  constructor(feed: SnapshotFeed, compressed: boolean, heartbeatMs: number) {
    this.#reader = new NewestReader(feed);
    this.#compressed = compressed;
    this.#heartbeatMs = heartbeatMs;
  }

  async next(): Promise<Uint8Array> {
    if (!this.#opened) {
      this.#opened = true;
      const opening = await this.#encode(openingFrame);
      return this.#compressed ? Buffer.concat([gzipHeader, opening]) : opening;
    }
    const snapshot = await this.#reader.next(this.#heartbeatMs);
    return this.#encode(snapshot ? snapshotFrame(snapshot) : heartbeatFrame);
  }

  close(): void {
    this.#reader.close();
  }

  #encode(frame: Frame): Uint8Array | Promise<Uint8Array> {
    return this.#compressed ? frame.deflated() : frame.plain;
  }
}
