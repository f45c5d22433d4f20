/** What objects mean to the engine. */
import type { BaselineRule, BurnRule, Mute, NoDataRule, Rule, RuleHead, ThresholdRule, TopologyRule } from "../rule.ts";
import type { Grouping } from "../../world/counted.ts";
import { ALERT } from "./alert.ts";
import type { AlertSpec } from "./alert.ts";
import { burnWindows } from "./burn-windows.ts";
import { isOf } from "./kind.ts";
import { MUTE } from "./mute.ts";
import type { ConfigObject } from "./object.ts";
import { SLO } from "./slo.ts";
import type { SloSpec } from "./slo.ts";
import { BY_SERVER, usualGrouping } from "./usual-grouping.ts";

const MINUTE_MS = 60_000;

/** What is meant where nothing is said. */
const UNSAID = {
  keepMs: 2 * MINUTE_MS,
  windowMs: 5 * MINUTE_MS,
  baselineWindowMs: 10 * MINUTE_MS,
  sloWindowMs: 30 * 24 * 60 * MINUTE_MS,
  minRequests: 20,
  factor: 3,
  /** Of the limit, at which an alert is over. */
  hysteresis: 0.8,
} as const;

const BY_ENDPOINT: readonly Grouping[] = [
  ...BY_SERVER,
  { attribute: "method", end: undefined },
  { attribute: "route", end: undefined },
];

export interface Expanded {
  readonly rules: readonly Rule[];
  readonly mutes: readonly Mute[];
}

/** Of objects that are switched off, and of kinds that are none of the engine's, nothing. */
export function expand(objects: readonly ConfigObject[]): Expanded {
  return {
    rules: objects.flatMap((object) => ruleOf(object) ?? []),
    mutes: objects.flatMap((object) => muteOf(object) ?? []),
  };
}

/** The rule that an SLO or an alert makes; undefined for what makes none. */
export function ruleOf(object: ConfigObject): Rule | undefined {
  if (object.isDisabled) return undefined;
  if (isOf(SLO, object) && object.spec) return burnRule(object, object.spec);
  if (isOf(ALERT, object) && object.spec) return conditionRule(object, object.spec);
  return undefined;
}

function muteOf(object: ConfigObject): Mute | undefined {
  if (object.isDisabled || !isOf(MUTE, object) || !object.spec) return undefined;
  const { matchers, from, to, author, reason } = object.spec;
  return { name: object.name, matchers, fromMs: from, toMs: to, author, reason };
}

/** Two windows see to it that nothing short fires, so it need not hold for longer. */
function burnRule(object: ConfigObject, spec: SloSpec): BurnRule {
  const { indicator, objective, window = UNSAID.sloWindowMs, minRequests = UNSAID.minRequests, alerts } = spec;
  return {
    kind: "burn",
    ...headOf(object, spec, BY_SERVER),
    indicator,
    objective,
    windowMs: window,
    minRequests,
    burns: burnWindows(window, alerts),
  };
}

function conditionRule(object: ConfigObject, spec: AlertSpec): Rule | undefined {
  const { severity, threshold, baseline, topology, noData } = spec;
  if (threshold) return thresholdRule(object, spec, threshold);
  if (baseline) {
    const {
      indicator,
      factor = UNSAID.factor,
      window = UNSAID.baselineWindowMs,
      minRequests = UNSAID.minRequests,
    } = baseline;
    const head = headOf(object, spec, BY_ENDPOINT);
    return {
      kind: "baseline",
      ...head,
      severity,
      indicator,
      factor,
      windowMs: window,
      minRequests,
    } satisfies BaselineRule;
  }
  if (topology) {
    const head = headOf(object, spec, usualGrouping(topology));
    return { kind: "topology", ...head, severity, event: topology } satisfies TopologyRule;
  }
  if (noData) {
    return { kind: "noData", ...headOf(object, spec, BY_SERVER), severity, afterMs: noData.after } satisfies NoDataRule;
  }
  return undefined;
}

type Threshold = NonNullable<AlertSpec["threshold"]>;
type Compared = Pick<ThresholdRule, "indicator" | "comparison" | "value" | "clearValue">;

function thresholdRule(object: ConfigObject, spec: AlertSpec, threshold: Threshold): ThresholdRule | undefined {
  const compared = comparedOf(threshold);
  if (!compared) return undefined;
  const { window = UNSAID.windowMs, minRequests } = threshold;
  // A rate that is too low has few requests: they are what it is about.
  const least = minRequests ?? (compared.indicator.kind === "throughput" ? 0 : UNSAID.minRequests);
  const head = headOf(object, spec, BY_SERVER);
  return { kind: "threshold", ...head, severity: spec.severity, ...compared, windowMs: window, minRequests: least };
}

function comparedOf({ latency, throughput, ...shares }: Threshold): Compared | undefined {
  if (latency) {
    const value = exact(1 - latency.percentile / 100);
    const clearValue = latency.clear ?? exact(value * UNSAID.hysteresis);
    return { indicator: { kind: "latency", overMs: latency.above }, comparison: "above", value, clearValue };
  }
  if (throughput) {
    const { above, below = 0, clear } = throughput;
    const indicator = { kind: "throughput" } as const;
    if (above === undefined) {
      return { indicator, comparison: "below", value: below, clearValue: clear ?? exact(below / UNSAID.hysteresis) };
    }
    return { indicator, comparison: "above", value: above, clearValue: clear ?? exact(above * UNSAID.hysteresis) };
  }
  for (const kind of ["errors", "connectFailures", "loss"] as const) {
    const share = shares[kind];
    if (!share) continue;
    const { above, clear = exact(above * UNSAID.hysteresis) } = share;
    return { indicator: { kind }, comparison: "above", value: above, clearValue: clear };
  }
  return undefined;
}

function headOf({ name, owner }: ConfigObject, spec: SloSpec | AlertSpec, usual: readonly Grouping[]): RuleHead {
  const { where = [], groupBy = usual, description = "", runbook = "", keep = UNSAID.keepMs } = spec;
  return { name, owner, where, groupBy, forMs: spec.for ?? 0, keepMs: keep, description, runbook };
}

/** Without what binary fractions add. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}
