/** The HTTP API as the UI uses it. */
import type { OptInStatus } from "../../../control/api/opt-in-source.ts";
import type { NamedRequests } from "../../../control/api/named-request.ts";
import type { SeriesTold } from "../../../control/api/series-answers.ts";
import type { Status } from "../../../control/api/sources.ts";
import type { Protocol } from "../../../control/identity/observation.ts";
import type { SeriesPoint } from "../../../control/store/store.ts";
import type { Snapshot, SnapshotEndpoint } from "../../../control/world/model.ts";
import { fetchJson } from "./http.ts";

/** What a series or a table is asked for. Fields left out match everything. */
export interface Subject {
  readonly client?: string;
  readonly server?: string;
  readonly protocol?: Protocol;
  readonly method?: string;
  readonly route?: string;
  /** Further conditions, as they are written in rules: "namespace=shop". */
  readonly filter?: readonly string[];
}

/** Half-open [fromMs, toMs) in steps, and the limit of what counts as slow, where that is asked for. */
export interface SeriesSteps {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly slowerThanMs?: number | undefined;
}

/** Requests over time; latencies are p50, p95 and p99. */
export interface Series {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly points: readonly SeriesPoint[];
}

export type EndpointRow = SnapshotEndpoint & { readonly server: string };

export function fetchSnapshot(signal: AbortSignal): Promise<Snapshot> {
  return fetchJson("Fetching the map", "/api/v1/snapshot", signal);
}

/** A window of the past that ends at an instant. */
export interface PastWindow {
  readonly atMs: number;
  readonly windowSeconds: number;
}

export function fetchPast(past: PastWindow, signal: AbortSignal): Promise<Snapshot> {
  return fetchJson("Fetching the map of that time", `/api/v1/snapshot?${pastQuery(past)}`, signal);
}

/** All that a subject did as one series, a point a step. */
export async function fetchSeries(subject: Subject, range: SeriesSteps, signal: AbortSignal): Promise<Series> {
  const query = toQuery(subject);
  query.set("from", String(range.fromMs));
  query.set("to", String(range.toMs));
  query.set("step", String(range.stepMs));
  if (range.slowerThanMs !== undefined) query.set("slowerThan", String(range.slowerThanMs));
  const path = `/api/v1/series?${query}`;
  const { series, fromMs, toMs, stepMs } = await fetchJson<SeriesTold>("Fetching the charts", path, signal);
  return { fromMs, toMs, stepMs, points: series.flatMap(({ points }) => points) };
}

/** Endpoints merged over their callers, now or in a window of the past. */
export async function fetchEndpoints(
  subject: Subject,
  past: PastWindow | null,
  signal: AbortSignal,
): Promise<readonly EndpointRow[]> {
  const query = new URLSearchParams([...toQuery(subject), ...(past ? pastQuery(past) : [])]);
  const path = `/api/v1/endpoints?${query}`;
  const { endpoints } = await fetchJson<{ endpoints: EndpointRow[] }>("Fetching the endpoints", path, signal);
  return endpoints;
}

/** Slow and failed requests by name, of the last `spanMs`: failed ones first. */
export function fetchRequests(
  subject: Subject,
  range: { readonly fromMs: number; readonly toMs?: number },
  signal: AbortSignal,
): Promise<NamedRequests> {
  const query = toQuery(subject);
  query.set("from", String(range.fromMs));
  if (range.toMs !== undefined) query.set("to", String(range.toMs));
  return fetchJson("Fetching the requests", `/api/v1/exemplars?${query}`, signal);
}

/** How control itself fares. */
export function fetchStatus(signal: AbortSignal): Promise<Status> {
  return fetchJson("Fetching how control fares", "/api/v1/status", signal);
}

/** Everybody there is in the cluster, or in one namespace, and whom an annotation turned on. Answers only where control does that. */
export function fetchObserved(namespace: string, signal: AbortSignal): Promise<OptInStatus> {
  const query = new URLSearchParams({ all: "true", ...(namespace && { namespace }) });
  return fetchJson("Fetching who is observed", `/api/v1/opt-in?${query}`, signal);
}

function toQuery({ filter = [], ...subject }: Subject): URLSearchParams {
  const query = new URLSearchParams(filter.map((text) => ["filter", text]));
  for (const [name, value] of Object.entries(subject)) if (value) query.set(name, String(value));
  return query;
}

function pastQuery({ atMs, windowSeconds }: PastWindow): URLSearchParams {
  return new URLSearchParams({ at: String(atMs), window: String(windowSeconds) });
}
