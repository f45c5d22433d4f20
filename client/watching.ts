import { StatsService } from "#proto/stats.ts";
import type {
  GetSeriesRequest,
  GetSeriesResponse,
  GetTopologyRequest,
  GetTopologyResponse,
  ListEndpointsRequest,
  ListEndpointsResponse,
  ListPodsRequest,
  ListPodsResponse,
  ListWorkloadsRequest,
  ListWorkloadsResponse,
  WatchRequest,
  WatchResponse,
} from "#proto/stats.ts";
import { Backoff } from "./backoff.ts";
import type { CallOptions, Calls } from "./calls.ts";
import { SidelightError } from "./sidelight-error.ts";

/** What can be watched: its question, and its answer. */
export interface Watchable {
  readonly workloads: { readonly question: ListWorkloadsRequest; readonly answer: ListWorkloadsResponse };
  readonly topology: { readonly question: GetTopologyRequest; readonly answer: GetTopologyResponse };
  readonly endpoints: { readonly question: ListEndpointsRequest; readonly answer: ListEndpointsResponse };
  readonly pods: { readonly question: ListPodsRequest; readonly answer: ListPodsResponse };
  readonly series: { readonly question: GetSeriesRequest; readonly answer: GetSeriesResponse };
}

export interface WatchOptions extends CallOptions {
  /** Between two answers, whole seconds: 1, where left out. Not for series, which answer each of their steps. */
  readonly intervalSeconds?: number | undefined;
  /** `resume` of an answer that came before, perhaps to another process: what was missed since is told first. */
  readonly resume?: string | undefined;
  /** Told each time that the watch was cut and is about to be taken up again. */
  readonly onCut?: ((error: SidelightError) => void) | undefined;
}

/** An answer of a watch. */
export interface WatchedAnswer<Answer> {
  readonly answer: Answer;
  /** Whether it was missed and is told later, out of the history. */
  readonly isReplayed: boolean;
  /** Answers before this one that are left out: too many were missed, or the loop was too slow. */
  readonly skipped: number;
  /** Where to go on. */
  readonly resume: string;
}

/** Answers of a watch that takes itself up again after a cut. Refusals, and failing before the first answer, end it. */
export async function* watching<Kind extends keyof Watchable>(
  calls: Calls,
  question: { readonly $case: Kind; readonly value: Watchable[Kind]["question"] },
  { intervalSeconds, resume = "", onCut, ...options }: WatchOptions,
): AsyncGenerator<WatchedAnswer<Watchable[Kind]["answer"]>, void, undefined> {
  const { signal, timeoutMs = Infinity } = options;
  const endsAt = performance.now() + timeoutMs;
  const backoff = new Backoff();
  const request: WatchRequest = {
    question: question as NonNullable<WatchRequest["question"]>,
    interval: intervalSeconds === undefined ? undefined : { seconds: intervalSeconds, nanos: 0 },
    resume,
  };
  let hasBegun = false;
  while (!signal?.aborted) {
    try {
      for await (const told of calls.listen(StatsService.watch, request, { signal, timeoutMs: left(endsAt) })) {
        hasBegun = true;
        request.resume = told.resume;
        backoff.succeeded();
        yield { ...told, answer: answerOf(told) };
      }
    } catch (error) {
      if (!hasBegun || !isCut(error)) throw error;
      onCut?.(error);
    }
    await backoff.wait(signal);
  }
}

/** Milliseconds; undefined without a limit. */
function left(endsAt: number): number | undefined {
  return endsAt === Infinity ? undefined : Math.max(0, endsAt - performance.now());
}

function isCut(error: unknown): error is SidelightError {
  return error instanceof SidelightError && error.isUnavailable;
}

/** Control answers what was asked. */
function answerOf<Kind extends keyof Watchable>({ answer }: WatchResponse): Watchable[Kind]["answer"] {
  return answer?.value as Watchable[Kind]["answer"];
}
