import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

/** What an event stream is made of, a piece at a time. */
export interface EventBytes {
  /** The next piece; undefined when there will be none any more. */
  next(): Promise<Uint8Array | undefined>;
  /** Nobody reads any more. Called once at least. */
  close(): void;
}

export interface PulledEventsOptions {
  /** That of server-sent events, where not given. */
  readonly contentType?: string;
  /** A subscriber that takes nothing for this long is cut off, so that its place is free again. */
  readonly stallMs?: number | undefined;
  readonly onStalled?: () => void;
  /** Told when a piece could not be made; the stream ends. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/**
 * Answers with server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) that the socket pulls:
 * while a slow one is busy nothing is asked for and nothing queued. To HEAD, which has no events, it answers the headers.
 */
export function pulledEvents(
  context: Context,
  events: EventBytes | undefined,
  options: PulledEventsOptions = {},
): Response {
  const { outgoing } = (context.env ?? {}) as Partial<HttpBindings>;
  context.header("Content-Type", options.contentType ?? "text/event-stream");
  context.header("Cache-Control", "no-store, no-transform");
  // Asks nginx and its like to pass events on as they come.
  context.header("X-Accel-Buffering", "no");
  if (!events) return context.body(null);
  const source = new PulledSource(events, options, () => outgoing?.destroy());
  return context.body(new ReadableStream(source, { highWaterMark: 0 }));
}

class PulledSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #events: EventBytes;
  readonly #options: PulledEventsOptions;
  readonly #disconnect: () => void;
  #isOver = false;
  #stallTimer: NodeJS.Timeout | undefined;

  constructor(events: EventBytes, options: PulledEventsOptions, disconnect: () => void) {
    this.#events = events;
    this.#options = options;
    this.#disconnect = disconnect;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    clearTimeout(this.#stallTimer);
    try {
      const bytes = await this.#events.next();
      if (this.#isOver) return;
      if (bytes) this.#enqueue(controller, bytes);
      else this.#end(controller);
    } catch (cause) {
      this.#options.onError?.(new Error("Encoding an event for a subscriber", { cause }));
      this.#cutOff(controller);
    }
  }

  cancel(): void {
    this.#isOver = true;
    clearTimeout(this.#stallTimer);
    this.#events.close();
  }

  #enqueue(controller: ReadableStreamDefaultController<Uint8Array>, bytes: Uint8Array): void {
    controller.enqueue(bytes);
    this.#stallTimer = setTimeout(() => {
      this.#options.onStalled?.();
      this.#cutOff(controller);
    }, this.#options.stallMs ?? 60_000);
  }

  #end(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.cancel();
    controller.close();
  }

  #cutOff(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (this.#isOver) return;
    this.#end(controller);
    this.#disconnect();
  }
}
