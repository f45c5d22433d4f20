/** From the words of alert-source.ts to those of alerts.proto: times become timestamps, null becomes absent. */
import * as proto from "#proto/alerts.ts";
import type { Alert, AlertState, ResolvedBy } from "../alerts/alert.ts";
import type { Objective } from "../alerts/objective.ts";
import type { Severity } from "../alerts/rule.ts";
import type {
  BacktestResult,
  ObjectOrigin,
  ReceiverStatus,
  ShownAlert,
  ShownIncident,
  StatedObject,
} from "./alert-source.ts";
import type { OpenAnswer } from "./open-alerts.ts";

const states: Readonly<Record<AlertState, proto.AlertState>> = {
  pending: proto.AlertState.ALERT_STATE_PENDING,
  firing: proto.AlertState.ALERT_STATE_FIRING,
  resolved: proto.AlertState.ALERT_STATE_RESOLVED,
};

const severities: Readonly<Record<Severity, proto.Severity>> = {
  warning: proto.Severity.SEVERITY_WARNING,
  critical: proto.Severity.SEVERITY_CRITICAL,
};

const ends: Readonly<Record<ResolvedBy, proto.ResolvedBy>> = {
  recovered: proto.ResolvedBy.RESOLVED_BY_RECOVERED,
  noTraffic: proto.ResolvedBy.RESOLVED_BY_NO_TRAFFIC,
  ruleGone: proto.ResolvedBy.RESOLVED_BY_RULE_GONE,
};

const origins: Readonly<Record<ObjectOrigin, proto.ObjectOrigin>> = {
  default: proto.ObjectOrigin.OBJECT_ORIGIN_DEFAULT,
  file: proto.ObjectOrigin.OBJECT_ORIGIN_FILE,
  api: proto.ObjectOrigin.OBJECT_ORIGIN_API,
  annotation: proto.ObjectOrigin.OBJECT_ORIGIN_ANNOTATION,
};

/** @param alert one that was never shown, as of a backtest, is held back by no mute */
export function toAlert(alert: Alert & { readonly mutedBy?: string }): proto.Alert {
  const { id, fingerprint, rule, labels, summary, description, runbook, owner, incident, mutedBy = "" } = alert;
  const { value, limit, usual, requests, bad } = alert.measured;
  return {
    ...{ id, fingerprint, rule, summary, description, runbook, owner, incident, mutedBy },
    labels: { ...labels },
    severity: severities[alert.severity],
    state: states[alert.state],
    since: new Date(alert.sinceMs),
    fired: toDate(alert.firedMs),
    resolved: toDate(alert.resolvedMs),
    resolvedBy: alert.resolvedBy === null ? proto.ResolvedBy.RESOLVED_BY_UNSPECIFIED : ends[alert.resolvedBy],
    ...{ value, limit, requests, bad },
    usual: usual ?? undefined,
  };
}

export function toIncident({ alerts, affected, origin, ...incident }: ShownIncident): proto.Incident {
  const { id, severity, state, sinceMs, resolvedMs, mutedBy, isTold } = incident;
  return {
    id,
    state: states[state],
    severity: severities[severity],
    since: new Date(sinceMs),
    resolved: toDate(resolvedMs),
    ...origin,
    alerts: alerts.map((alert: ShownAlert) => toAlert(alert)),
    affected: [...affected],
    mutedBy,
    isTold: isTold ?? undefined,
  };
}

export function toWatched({ atMs, alerts, incidents, ...same }: OpenAnswer): proto.WatchAlertsResponse {
  return { ...same, at: new Date(atMs), alerts: alerts.map(toAlert), incidents: incidents.map(toIncident) };
}

export function toObjective(objective: Objective): proto.Objective {
  const { slo, labels, title, description, owner, actual, requests, bad, budgetLeft, burns } = objective;
  const { state, severity } = objective;
  return {
    ...{ slo, title, description, owner, actual, requests, bad, budgetLeft, objective: objective.objective },
    labels: { ...labels },
    window: toDuration(objective.windowMs),
    known: toDuration(objective.knownMs),
    burns: burns.map(({ windowMs, rate }) => ({ window: toDuration(windowMs), rate })),
    runsOut: toDate(objective.runsOutMs),
    state: state === null ? proto.AlertState.ALERT_STATE_UNSPECIFIED : states[state],
    severity: severity === null ? proto.Severity.SEVERITY_UNSPECIFIED : severities[severity],
  };
}

export function toObject({ origin, ...object }: StatedObject): proto.Object {
  return { ...object, origin: origins[origin] };
}

export function toReceiver({ dead, ...receiver }: ReceiverStatus): proto.Receiver {
  const { lastSentMs, failingSinceMs, nextTryMs, waitingSinceMs, ...same } = receiver;
  const letters = dead.map(({ atMs, ...letter }) => ({ ...letter, at: new Date(atMs) }));
  return {
    ...{ ...same, dead: letters, lastSent: toDate(lastSentMs), failingSince: toDate(failingSinceMs) },
    ...{ nextTry: toDate(nextTryMs), waitingSince: toDate(waitingSinceMs) },
  };
}

export function toBacktestResult(result: BacktestResult): proto.BacktestResult {
  const { alerts, total, incidents, stepMs, range, problems, sinceMs, refused } = result;
  return {
    alerts: alerts.map(toAlert),
    ...{ total, incidents },
    step: toDuration(stepMs),
    from: new Date(range.fromMs),
    to: new Date(range.toMs),
    problems: problems.map((problem) => ({ ...problem })),
    since: toDate(sinceMs),
    refused: refused.map((rule) => ({ ...rule })),
  };
}

function toDate(ms: number | null): Date | undefined {
  return ms === null ? undefined : new Date(ms);
}

function toDuration(ms: number): { seconds: number; nanos: number } {
  return { seconds: Math.floor(ms / 1_000), nanos: Math.round((ms % 1_000) * 1_000_000) };
}
