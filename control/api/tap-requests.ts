import { type handleServerStreamingCall, type ServerWritableStream, status } from "@grpc/grpc-js";
import type { TapRequestsRequest, TapRequestsResponse } from "#proto/stats.ts";
import type { Exemplar } from "../identity/observation.ts";
import type { TapSubscription } from "../ingest/tap-subscription.ts";
import { drained } from "./drained.ts";
import { toStatsError } from "./grpc-errors.ts";
import { toRequestExemplar } from "./named-request.ts";
import { openTap } from "./open-tap.ts";
import type { ApiSources } from "./sources.ts";
import type { TapWish } from "./tap-question.ts";

type Call = ServerWritableStream<TapRequestsRequest, TapRequestsResponse>;

/** While nothing is shown a tap sleeps; HTTP/2 keeps the connection alive. */
const SLEEP_MS = 60_000;

/**
 * Handles TapRequests: ends by itself with OK when its time is over, with UNAVAILABLE when control stops. A client that
 * goes, or reads nothing until then, frees its place.
 */
export function tapRequests(
  sources: ApiSources,
  { onError }: { readonly onError: (error: Error) => void },
): handleServerStreamingCall<TapRequestsRequest, TapRequestsResponse> {
  const refuse = (call: Call, cause: unknown): void => {
    const refusal = toStatsError(cause);
    if (!refusal) onError(new Error(`Answering Stats.TapRequests ${JSON.stringify(call.request)}`, { cause }));
    const failure = { code: status.INTERNAL, message: "TapRequests failed; control's log says why" };
    const { code, message } = refusal ?? failure;
    call.emit("error", { code, details: message });
  };
  return (call) => {
    if (call.cancelled) return;
    try {
      const subscription = openTap(sources, wishOf(call.request));
      call.once("cancelled", () => subscription.end("closed"));
      pump(call, subscription).catch((cause: unknown) => {
        subscription.end("closed");
        refuse(call, cause);
      });
    } catch (cause) {
      refuse(call, cause);
    }
  };
}

function wishOf(request: TapRequestsRequest): TapWish {
  const { workload, side, method, status, statusTo } = request;
  return {
    ...{ workload, side, method },
    seconds: request.durationSeconds,
    rate: request.perSecond,
    path: request.pathPrefix,
    failed: request.onlyFailed,
    minMs: request.minDurationSeconds * 1000,
    status: status === undefined ? undefined : { from: status, to: Math.max(status, statusTo) },
  };
}

async function pump(call: Call, subscription: TapSubscription<Exemplar>): Promise<void> {
  for (;;) {
    const news = await subscription.next(SLEEP_MS);
    if (news) {
      const { reporters, skipped } = news;
      if (call.write({ reporters, requests: news.requests.map(toRequestExemplar), skipped })) continue;
      await drained(call);
    } else if (subscription.ended) break;
  }
  if (subscription.ended === "expired") call.end();
  if (subscription.ended === "stopping") {
    call.emit("error", { code: status.UNAVAILABLE, details: "control is stopping" });
  }
}
