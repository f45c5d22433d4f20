/** The parameters of `/api/v1/watch/...`: those of the single question, `interval` and `resume`. */
import { HttpError } from "./http-errors.ts";
import type { RawQuery } from "./queries.ts";
import { parseSeriesQuery } from "./series-queries.ts";
import { parseEndpointsQuery, parsePodsQuery, parseTopologyQuery, parseWorkloadsQuery } from "./topology-queries.ts";
import { DEFAULT_STEP_SECONDS, MAX_INTERVAL_SECONDS } from "./watches.ts";
import type { SeriesWished, Watched, WatchWish } from "./watches.ts";

const SECOND_MS = 1_000;
const DEFAULT_STEP = String(DEFAULT_STEP_SECONDS * SECOND_MS);
/** Of the single questions: a watch asks of now, for whole answers. */
const SINGLE = ["at", "window", "pageSize", "pageToken", "from", "to"];

/**
 * @param lastEventId what an EventSource sends when it comes again; before `resume`
 * @throws HttpError 400 that names the parameter at fault, 404 where there is no such watch
 */
export function parseWatchQuery(kind: string, raw: RawQuery, lastEventId: string | undefined): WatchWish {
  const { interval, resume, ...question } = raw;
  for (const field of SINGLE) {
    if (question[field]) throw wrong(field, "is for single questions: a watch asks of now, for whole answers");
  }
  const wish = { resume: lastEventId || once("resume", resume) };
  if (kind !== "series") {
    const watched = watchedOf(kind, question, Date.now());
    return { ...wish, watched, intervalSeconds: intervalOf(once("interval", interval)) };
  }
  if (once("interval", interval) !== "") throw wrong("interval", `of a series is its "step": leave it out`);
  const series = seriesOf(question, Date.now());
  return { ...wish, watched: { kind, question: series }, intervalSeconds: series.stepMs / SECOND_MS };
}

function seriesOf(raw: RawQuery, nowMs: number): SeriesWished {
  const { step = [""] } = raw;
  const wished = parseSeriesQuery({ ...raw, step: step.map((text) => text || DEFAULT_STEP) }, nowMs);
  const { stepMs } = wished;
  if (stepMs % SECOND_MS === 0 && stepMs <= MAX_INTERVAL_SECONDS * SECOND_MS) return wished;
  throw wrong("step", "of a watch must be whole seconds up to an hour, in milliseconds, like 10000");
}

function watchedOf(kind: string, question: RawQuery, nowMs: number): Watched {
  switch (kind) {
    case "workloads":
      return { kind, question: parseWorkloadsQuery(question, nowMs) };
    case "topology":
      return { kind, question: parseTopologyQuery(question, nowMs) };
    case "endpoints":
      return { kind, question: parseEndpointsQuery(question, nowMs) };
    case "pods":
      return { kind, question: parsePodsQuery(question, nowMs) };
    default:
      throw new HttpError(
        404,
        `There is no watch of ${kind.slice(0, 64)}: there are workloads, topology, endpoints, pods and series`,
      );
  }
}

/** @returns seconds */
function intervalOf(text: string): number {
  if (text === "") return 1;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_INTERVAL_SECONDS) return seconds;
  throw wrong("interval", `must be whole seconds from 1 to ${MAX_INTERVAL_SECONDS}, which is an hour`);
}

function once(field: string, values: readonly string[] = []): string {
  if (values.length > 1) throw wrong(field, `was given ${values.length} times; give it once`);
  return values[0] ?? "";
}

function wrong(field: string, why: string): HttpError {
  return new HttpError(400, `Parameter "${field}" ${why}`, { field });
}
