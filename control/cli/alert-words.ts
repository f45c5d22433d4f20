/** Alerts as people and programs read them. */
import { AlertState, ResolvedBy, Severity } from "../../client/index.ts";
import type { Alert } from "../../client/index.ts";
import type { Cell } from "./table.ts";

const STATES: Readonly<Record<AlertState, string>> = {
  [AlertState.ALERT_STATE_UNSPECIFIED]: "none",
  [AlertState.ALERT_STATE_PENDING]: "pending",
  [AlertState.ALERT_STATE_FIRING]: "firing",
  [AlertState.ALERT_STATE_RESOLVED]: "resolved",
};

const SEVERITIES: Readonly<Record<Severity, string>> = {
  [Severity.SEVERITY_UNSPECIFIED]: "none",
  [Severity.SEVERITY_WARNING]: "warning",
  [Severity.SEVERITY_CRITICAL]: "critical",
};

const ENDS: Readonly<Partial<Record<ResolvedBy, string>>> = {
  [ResolvedBy.RESOLVED_BY_RECOVERED]: "recovered",
  [ResolvedBy.RESOLVED_BY_NO_TRAFFIC]: "noTraffic",
  [ResolvedBy.RESOLVED_BY_RULE_GONE]: "ruleGone",
};

/** "firing"; what a newer control may send and this client does not know is unknown. */
export function stateWord(state: AlertState): string {
  return STATES[state] ?? "unknown";
}

export function severityWord(severity: Severity): string {
  return SEVERITIES[severity] ?? "unknown";
}

/** A mark and words, so that the colour is never the only sign: "✗ critical", "… pending". */
export function stateCell({ state, severity, mutedBy }: Pick<Alert, "state" | "severity" | "mutedBy">): Cell {
  const muted = mutedBy === "" ? "" : ", muted";
  if (state !== AlertState.ALERT_STATE_FIRING) {
    const isPending = state === AlertState.ALERT_STATE_PENDING;
    return { text: `${isPending ? "…" : "·"} ${stateWord(state)}${muted}`, colour: isPending ? "none" : "dim" };
  }
  const isCritical = severity === Severity.SEVERITY_CRITICAL;
  return {
    text: `${isCritical ? "✗" : "!"} ${severityWord(severity)}${muted}`,
    colour: muted !== "" ? "dim" : isCritical ? "red" : "yellow",
  };
}

/** An alert for programs: times in ISO 8601, what is not known is null. */
export function alertJson(alert: Alert): Record<string, unknown> {
  const { since, fired, resolved, state, severity, resolvedBy, usual, ...same } = alert;
  return {
    ...same,
    state: stateWord(state),
    severity: severityWord(severity),
    since: since?.toISOString() ?? null,
    fired: fired?.toISOString() ?? null,
    resolved: resolved?.toISOString() ?? null,
    resolvedBy: ENDS[resolvedBy] ?? null,
    usual: usual ?? null,
  };
}

/** "2 critical, 1 warning, 1 pending"; "nothing is firing" where that is so. */
export function countsText(alerts: readonly Pick<Alert, "state" | "severity">[]): string {
  const words = alerts.flatMap(({ state, severity }) => {
    if (state === AlertState.ALERT_STATE_PENDING) return ["pending"];
    return state === AlertState.ALERT_STATE_FIRING ? [severityWord(severity)] : ["resolved"];
  });
  const parts = ["critical", "warning", "pending", "resolved"].flatMap((word) => {
    const count = words.filter((each) => each === word).length;
    return count > 0 ? [`${count} ${word}`] : [];
  });
  return parts.length > 0 ? parts.join(", ") : "nothing is firing";
}
