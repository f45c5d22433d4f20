/** The questions about alerts, out of the messages of the gRPC API. */
import type * as proto from "#proto/alerts.ts";
import {
  backtestRangeOf,
  DEFAULT_ALERTS,
  labelsOf,
  MAX_ALERTS,
  MAX_SETTLED,
  OBJECT_KINDS,
  pastOf,
} from "./alert-questions.ts";
import type {
  AlertsQuestion,
  GivenEnds,
  IncidentsQuestion,
  ObjectivesQuestion,
  OpenQuestion,
} from "./alert-questions.ts";
import type { BacktestQuestion } from "./alert-source.ts";
import { oneOf } from "./near-names.ts";
import { MAX_TEXT_LENGTH, MAX_TIME_MS } from "./queries.ts";
import { wrong } from "./topology-requests.ts";

/** @throws HttpError 400 that names the field at fault. The same holds for the other functions here. */
export function alertsQuestion(request: proto.ListAlertsRequest, nowMs: number): AlertsQuestion {
  return { ...incidentsQuestion(request, nowMs), ...filterOf(request) };
}

export function openQuestion(request: proto.WatchAlertsRequest): OpenQuestion {
  return { ...filterOf(request), limit: request.limit === 0 ? Infinity : limitOf(request) };
}

export function incidentsQuestion(request: proto.ListIncidentsRequest, nowMs: number): IncidentsQuestion {
  return { range: pastOf(endsOf(request), nowMs, wrong), limit: limitOf(request) };
}

export function objectivesQuestion(request: proto.ListObjectivesRequest): ObjectivesQuestion {
  const { slo, workload } = request;
  requireShort("slo", slo);
  return { slo, workload, limit: limitOf(request) };
}

export function backtestQuestion(request: proto.BacktestRequest, nowMs: number): BacktestQuestion {
  const { yaml, name } = request;
  requireShort("name", name);
  return { yaml, name, range: backtestRangeOf(endsOf(request), nowMs, wrong) };
}

/** @param isNeeded whether it must be given */
export function requireKind(kind: string, isNeeded: boolean): void {
  if (kind === "" && !isNeeded) return;
  if (!OBJECT_KINDS.some((known) => known === kind)) throw wrong("kind", `must be ${oneOf(OBJECT_KINDS)}`);
}

export function requireIds({ ids }: proto.SettleDeadLettersRequest): void {
  if (ids.length > MAX_SETTLED) throw wrong("ids", `must be ${MAX_SETTLED} at most`);
}

function filterOf({ rule, labels }: Pick<proto.WatchAlertsRequest, "rule" | "labels">): Omit<OpenQuestion, "limit"> {
  requireShort("rule", rule);
  return { rule, labels: labelsOf(labels, "labels", wrong) };
}

function requireShort(field: string, text: string): void {
  if (text.length > MAX_TEXT_LENGTH) throw wrong(field, `must not be longer than ${MAX_TEXT_LENGTH} characters`);
}

function limitOf({ limit }: { readonly limit: number }): number {
  if (limit > MAX_ALERTS) throw wrong("limit", `must not be more than ${MAX_ALERTS}`);
  return limit || DEFAULT_ALERTS;
}

function endsOf({ from, to }: { readonly from: Date | undefined; readonly to: Date | undefined }): GivenEnds {
  return { from: millisecondsOf("from", from), to: millisecondsOf("to", to) };
}

function millisecondsOf(field: string, time: Date | undefined): number | undefined {
  const ms = time?.getTime();
  if (ms === undefined || (ms >= 0 && ms <= MAX_TIME_MS)) return ms;
  throw wrong(field, ms < 0 ? "lies before 1970" : "lies beyond what a date can name");
}
