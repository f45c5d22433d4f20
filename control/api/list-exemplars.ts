import { status } from "@grpc/grpc-js";
import type { ListExemplarsRequest, ListExemplarsResponse } from "#proto/stats.ts";
import { PROTOCOLS } from "../identity/observation.ts";
import { checkLimit } from "../store/questions.ts";
import type { Selection, TimeRange } from "../store/store.ts";
import { StatsError } from "./grpc-errors.ts";
import type { HistoryReader } from "./history-reader.ts";
import { toRequestExemplar } from "./named-request.ts";
import { DEFAULT_EXEMPLARS, DEFAULT_SPAN_MS, MAX_TEXT_LENGTH } from "./queries.ts";

/** Answers ListExemplars out of the store. `signal` is aborted when the caller is gone. */
export function listExemplars(
  history: HistoryReader,
): (request: ListExemplarsRequest, signal: AbortSignal) => Promise<ListExemplarsResponse> {
  return async (request, signal) => {
    const selection = selectionOf(request);
    const range = rangeOf(request, Date.now());
    const limit = request.limit === 0 ? DEFAULT_EXEMPLARS : request.limit;
    checkLimit(limit);
    const exemplars = await history.read(signal, (store) => store.exemplars(selection, range, limit));
    return { exemplars: exemplars.map(toRequestExemplar) };
  };
}

function selectionOf({ client, server, protocol, method, route }: ListExemplarsRequest): Selection {
  for (const [field, value] of Object.entries({ client, server, method, route })) {
    if (value.length <= MAX_TEXT_LENGTH) continue;
    const message = `${field} is ${value.length} characters long; ${MAX_TEXT_LENGTH} is the limit`;
    throw new StatsError(status.INVALID_ARGUMENT, message, field);
  }
  const known = PROTOCOLS.find((each) => each === protocol);
  if (protocol !== "" && !known) {
    const message = `protocol must be one of ${PROTOCOLS.join(", ")}, not "${protocol.slice(0, 32)}"`;
    throw new StatsError(status.INVALID_ARGUMENT, message, "protocol");
  }
  return { client, server, method, route, ...(known && { protocol: known }) };
}

function rangeOf({ from, to }: ListExemplarsRequest, nowMs: number): TimeRange {
  const toMs = to?.getTime() ?? Math.max(nowMs, from?.getTime() ?? 0);
  return { fromMs: from?.getTime() ?? Math.max(0, toMs - DEFAULT_SPAN_MS), toMs };
}
