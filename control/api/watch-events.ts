import type { Context } from "hono";
import { toHttpError } from "./http-errors.ts";
import { type EventBytes, pulledEvents } from "./pulled-events.ts";
import { HEARTBEAT_MS, type StreamOptions } from "./stream.ts";
import type { OpenWatch, Told } from "./watch.ts";
import { parseWatchQuery } from "./watch-queries.ts";
import type { ToldAnswer, Watches, WatchedAnswer } from "./watches.ts";

/** The data of an event, which is named after the question; its id is what goes on after it. */
export interface WatchEvent {
  /** As the single question is answered. */
  readonly answer: WatchedAnswer["answer"];
  /** Whether it was missed and is told later, out of the history. */
  readonly isReplayed: boolean;
  /** Answers before this one that are left out. */
  readonly skipped: number;
}

/** The data of `event: end`, the last one. Who comes again with its id goes on where this ended. */
export interface WatchEndEvent {
  /** "stopping" when control does, else why there is no next answer. */
  readonly reason: string;
}

/**
 * `GET /api/v1/watch/:kind`: the answer to a question now and again each interval, as server-sent events. An EventSource
 * that was cut goes on where it was.
 * @throws HttpError, TooManyWatches where the first answer cannot be given
 */
export async function streamWatch(context: Context, watches: Watches, options: StreamOptions): Promise<Response> {
  const { kind = "" } = context.req.param() as { kind?: string };
  const wish = parseWatchQuery(kind, context.req.queries(), context.req.header("Last-Event-ID"));
  if (context.req.method === "HEAD") return pulledEvents(context, undefined);
  const watch = watches.open(wish);
  context.req.raw.signal.addEventListener("abort", () => watch.end("closed"), { once: true });
  try {
    const first = await watch.next(0);
    return pulledEvents(context, new WatchEvents(watch, first, options.heartbeatMs ?? HEARTBEAT_MS), options);
  } catch (error) {
    watch.end("closed");
    throw error;
  }
}

class WatchEvents implements EventBytes {
  readonly #watch: OpenWatch<ToldAnswer>;
  readonly #heartbeatMs: number;
  #opening: Uint8Array | undefined;
  #isOver = false;

  /** @param first the answer that is there already, if one is due */
  constructor(watch: OpenWatch<ToldAnswer>, first: Told<ToldAnswer> | undefined, heartbeatMs: number) {
    this.#watch = watch;
    this.#heartbeatMs = heartbeatMs;
    this.#opening = Buffer.concat([Buffer.from("retry: 2000\n\n"), ...(first ? [eventOf(first)] : [])]);
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening) return opening;
    try {
      const told = await this.#watch.next(this.#heartbeatMs);
      if (told) return eventOf(told);
      return this.#watch.ended ? this.#end(this.#watch.ended) : Buffer.from(":\n\n");
    } catch (cause) {
      const { status, message } = toHttpError(cause);
      if (status === 500) throw cause;
      return this.#end(message);
    }
  }

  close(): void {
    this.#watch.end("closed");
  }

  #end(reason: string): Uint8Array {
    this.#isOver = true;
    const data: WatchEndEvent = { reason };
    return Buffer.from(`event: end\ndata: ${JSON.stringify(data)}\n\n`);
  }
}

function eventOf({ answer: { kind, answer }, resume, isReplayed, skipped }: Told<ToldAnswer>): Uint8Array {
  const data: WatchEvent = { answer, isReplayed, skipped };
  return Buffer.from(`event: ${kind}\nid: ${resume}\ndata: ${JSON.stringify(data)}\n\n`);
}
