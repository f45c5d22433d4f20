import type { Context } from "hono";
import { acceptsCoding } from "./accept-encoding.ts";
import { eventFrame, type Frame, gzipHeader, heartbeatFrame, openingFrame } from "./event-frames.ts";
import { NewestReader, type Published } from "./newest-reader.ts";
import { type EventBytes, pulledEvents } from "./pulled-events.ts";

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

/** What a stream tells: the newest value now and each time that one is published. */
export interface Streamed<Value> {
  /** That of its events. */
  readonly name: string;
  readonly feed: Published<Value>;
}

/**
 * `GET /api/v1/stream` and its like: server-sent events with a whole value each, so `Last-Event-ID` has no meaning here.
 * @throws TooManySubscribers, TooManyWatches at the feed's limit
 */
export function streamNewest<Value extends object>(
  context: Context,
  streamed: Streamed<Value>,
  options: StreamOptions = {},
): Response {
  const compressed = acceptsCoding(context.req.header("Accept-Encoding"), "gzip");
  const isHead = context.req.method === "HEAD";
  // First of all: where there is no place the answer is an error, and none of these headers are its own.
  const events = isHead ? undefined : new NewestEvents(streamed, compressed, options.heartbeatMs ?? HEARTBEAT_MS);
  context.header("Vary", "Accept-Encoding");
  if (compressed) context.header("Content-Encoding", "gzip");
  const onStalled = (): void => void streamed.feed.stats.stalled++;
  return pulledEvents(context, events, { stallMs: options.stallMs, onError: options.onError, onStalled });
}

class NewestEvents<Value extends object> implements EventBytes {
  readonly #name: string;
  readonly #reader: NewestReader<Value>;
  readonly #compressed: boolean;
  readonly #heartbeatMs: number;
  #opened = false;

  constructor({ name, feed }: Streamed<Value>, compressed: boolean, heartbeatMs: number) {
    this.#name = name;
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
    const value = await this.#reader.next(this.#heartbeatMs);
    return this.#encode(value ? eventFrame(this.#name, value) : heartbeatFrame);
  }

  close(): void {
    this.#reader.close();
  }

  #encode(frame: Frame): Uint8Array | Promise<Uint8Array> {
    return this.#compressed ? frame.deflated() : frame.plain;
  }
}
