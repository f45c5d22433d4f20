import type { Context } from "hono";
import type { Exemplar } from "../identity/observation.ts";
import type { TapEnd, TapSubscription } from "../ingest/tap-subscription.ts";
import { type NamedRequest, toNamedRequest } from "./named-request.ts";
import { openTap } from "./open-tap.ts";
import { type EventBytes, pulledEvents } from "./pulled-events.ts";
import type { ApiSources } from "./sources.ts";
import { HEARTBEAT_MS, type StreamOptions } from "./stream.ts";
import { tapQuestion } from "./tap-question.ts";
import type { TapWish } from "./tap-question.ts";

/** The data of `event: requests`. The first one holds only how many reporters are asked. */
export interface LiveRequestsEvent {
  /** Streams of reporters (a proxy has one a worker thread) that are asked by now. */
  readonly reporters: number;
  readonly requests: readonly NamedRequest[];
  /** Matching requests that were left out since the last event. */
  readonly skipped: number;
}

/** The data of `event: end`, the last one. */
export interface LiveEndEvent {
  readonly reason: TapEnd;
}

/**
 * `GET /api/v1/tap`: live requests as server-sent events, until the time is over. A client that takes nothing for a
 * minute is cut off.
 * @throws HttpError, TooManyTaps as `openTap` does
 */
export function streamTap(
  context: Context,
  sources: ApiSources,
  { wish, ...options }: StreamOptions & { readonly wish: TapWish },
): Response {
  const isHead = context.req.method === "HEAD";
  if (isHead) tapQuestion(wish);
  const events = isHead ? undefined : new TapEvents(openTap(sources, wish), options.heartbeatMs ?? HEARTBEAT_MS);
  return pulledEvents(context, events, options);
}

class TapEvents implements EventBytes {
  readonly #subscription: TapSubscription<Exemplar>;
  readonly #heartbeatMs: number;
  #hasEnded = false;

  constructor(subscription: TapSubscription<Exemplar>, heartbeatMs: number) {
    this.#subscription = subscription;
    this.#heartbeatMs = heartbeatMs;
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#hasEnded) return undefined;
    const news = await this.#subscription.next(this.#heartbeatMs);
    if (news) {
      const event: LiveRequestsEvent = { ...news, requests: news.requests.map(toNamedRequest) };
      return eventOf("requests", event);
    }
    const { ended } = this.#subscription;
    if (!ended) return Buffer.from(":\n\n");
    this.#hasEnded = true;
    const end: LiveEndEvent = { reason: ended };
    return eventOf("end", end);
  }

  close(): void {
    this.#subscription.end("closed");
  }
}

function eventOf(name: string, data: LiveRequestsEvent | LiveEndEvent): Uint8Array {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
