import { type handleServerStreamingCall, type ServerWritableStream, status } from "@grpc/grpc-js";
import type { GetSeriesRequest, WatchRequest, WatchResponse } from "#proto/stats.ts";
import { taken } from "./drained.ts";
import { seriesWish, toSeriesResponse } from "./get-series.ts";
import { detailsOf, StatsError, toStatsError } from "./grpc-errors.ts";
import { HttpError } from "./http-errors.ts";
import { toEndpoint, toNode, toPod, toTopology, toWindow } from "./mapping.ts";
import { endpointsQuestion, podsQuestion, topologyQuestion, workloadsQuestion } from "./topology-requests.ts";
import type { Instant, Paging } from "./topology-requests.ts";
import type { OpenWatch, Told } from "./watch.ts";
import { DEFAULT_STEP_SECONDS, MAX_INTERVAL_SECONDS } from "./watches.ts";
import type { SeriesWished, ToldAnswer, Watched, Watches } from "./watches.ts";

type Call = ServerWritableStream<WatchRequest, WatchResponse>;

/** While no answer is due a watch sleeps; HTTP/2 keeps the connection alive. */
const SLEEP_MS = 60_000;

/**
 * Handles Watch: an answer now and again each interval, until the caller goes or control stops (UNAVAILABLE). The next
 * answer is asked for when the last one has been taken.
 */
export function watch(
  watches: Watches,
  { onError }: { readonly onError: (error: Error) => void },
): handleServerStreamingCall<WatchRequest, WatchResponse> {
  const refuse = (call: Call, cause: unknown): void => {
    const refusal = toStatsError(cause);
    if (refusal) {
      call.emit("error", { code: refusal.code, details: refusal.message, metadata: detailsOf(refusal) });
      return;
    }
    onError(new Error(`Answering Stats.Watch ${JSON.stringify(call.request)}`, { cause }));
    call.emit("error", { code: status.INTERNAL, details: "Watch failed; control's log says why" });
  };
  return (call) => {
    if (call.cancelled) return;
    try {
      const { resume } = call.request;
      const watched = watchedOf(call.request, Date.now());
      const opened = watches.open({ watched, resume, intervalSeconds: intervalOf(call.request, watched) });
      // Cancelled by the client, past its deadline, or cut: grpc-js says so with one event for all three.
      call.once("cancelled", () => opened.end("closed"));
      pump(call, opened)
        .catch((cause: unknown) => refuse(call, cause))
        .finally(() => opened.end("closed"));
    } catch (cause) {
      refuse(call, cause);
    }
  };
}

async function pump(call: Call, watch: OpenWatch<ToldAnswer>): Promise<void> {
  while (!watch.ended) {
    const told = await watch.next(SLEEP_MS);
    if (told) await taken(call, toResponse(told));
  }
  if (watch.ended === "stopping") throw new StatsError(status.UNAVAILABLE, "control is stopping");
}

function toResponse({ answer: told, resume, isReplayed, skipped }: Told<ToldAnswer>): WatchResponse {
  return { answer: toAnswer(told), resume, isReplayed, skipped };
}

function toAnswer(told: ToldAnswer): NonNullable<WatchResponse["answer"]> {
  const nextPageToken = "";
  const window = toWindow(told);
  switch (told.kind) {
    case "workloads": {
      const workloads = told.answer.workloads.map(toNode);
      return { $case: "workloads", value: { ...window, workloads, nextPageToken } };
    }
    case "topology":
      return { $case: "topology", value: { topology: toTopology(told.answer), nextPageToken } };
    case "endpoints": {
      const endpoints = told.answer.endpoints.map(toEndpoint);
      return { $case: "endpoints", value: { ...window, endpoints, nextPageToken } };
    }
    case "pods":
      return { $case: "pods", value: { ...window, pods: told.answer.pods.map(toPod), nextPageToken } };
    case "series":
      return { $case: "series", value: toSeriesResponse(told.answer) };
  }
}

/** @throws HttpError, StatsError that name the field at fault */
function watchedOf({ question }: WatchRequest, nowMs: number): Watched {
  switch (question?.$case) {
    case "workloads":
      return { kind: question.$case, question: ofNow(question, (value) => workloadsQuestion(value, nowMs)) };
    case "topology":
      return { kind: question.$case, question: ofNow(question, (value) => topologyQuestion(value, nowMs)) };
    case "endpoints":
      return { kind: question.$case, question: ofNow(question, (value) => endpointsQuestion(value, nowMs)) };
    case "series":
      return { kind: question.$case, question: goingOn(question, nowMs) };
    case "pods":
      return { kind: question.$case, question: ofNow(question, (value) => podsQuestion(value, nowMs)) };
    case undefined:
      throw wrong("question", "must be given: workloads, topology, endpoints, pods or series");
  }
}

/** A question of a watch, by the name of its field. */
interface Asked<Request> {
  readonly $case: string;
  readonly value: Request;
}

function ofNow<Request extends Instant & Paging, Question>(
  asked: Asked<Request>,
  read: (value: Request) => Question,
): Question {
  const { $case, value } = asked;
  const given = [
    ["at", value.at !== undefined],
    ["window", value.window !== undefined],
    ["page_size", value.pageSize !== 0],
    ["page_token", value.pageToken !== ""],
  ] as const;
  for (const [field, isGiven] of given) {
    if (isGiven) throw wrong(`${$case}.${field}`, "is for single questions: a watch asks of now, for whole answers");
  }
  return within(asked, read);
}

function goingOn(asked: Asked<GetSeriesRequest>, nowMs: number): SeriesWished {
  const { step = { seconds: DEFAULT_STEP_SECONDS, nanos: 0 }, ...value } = asked.value;
  for (const field of ["from", "to"] as const) {
    if (value[field])
      throw wrong(`series.${field}`, "is for single questions: a watch tells the steps that end from now on");
  }
  if (step.seconds > MAX_INTERVAL_SECONDS) throw wrong("series.step", "of a watch must be an hour at most");
  return within(asked, () => seriesWish({ ...value, step }, nowMs));
}

/** Reads the question; what is wrong is named by its path in the whole request. */
function within<Request, Question>({ $case, value }: Asked<Request>, read: (value: Request) => Question): Question {
  try {
    return read(value);
  } catch (cause) {
    if (!(cause instanceof HttpError) || cause.field === undefined) throw cause;
    const field = `${$case}.${cause.field}`;
    throw new HttpError(cause.status, cause.message.replace(`"${cause.field}"`, `"${field}"`), { field, cause });
  }
}

/** @returns seconds */
function intervalOf({ interval }: WatchRequest, watched: Watched): number {
  if (watched.kind === "series") {
    if (interval) throw wrong("interval", `of a series is its "step": leave it out`);
    return watched.question.stepMs / 1_000;
  }
  if (!interval) return 1;
  const { seconds, nanos } = interval;
  if (nanos === 0 && seconds >= 1 && seconds <= MAX_INTERVAL_SECONDS) return seconds;
  throw wrong("interval", `must be whole seconds from 1 to ${MAX_INTERVAL_SECONDS}, which is an hour`);
}

function wrong(field: string, why: string): HttpError {
  return new HttpError(400, `Field "${field}" ${why}`, { field });
}
