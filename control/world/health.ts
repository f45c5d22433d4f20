/**
 * When an endpoint or an edge is in trouble by its own figures. Whether that is the cause or a symptom is decided
 * afterwards, over the whole graph, in cause.ts.
 */
import type { Protocol } from "../identity/observation.ts";
import type { Latency } from "./bucket-sums.ts";
import { bucketIndex } from "./histogram.ts";
import type { Finding, Health } from "./model.ts";
import type { ErrorCounts } from "./outcomes.ts";

/** A limit for errors and one for latency; each needs `minCount` requests past it, so that one failure is no alarm. */
export interface Limit {
  /** Share of all requests, 0 to 1. */
  readonly errorShare: number;
  /** A request is slow from here, in milliseconds. Resolved to a bucket, so good to 1/64. */
  readonly slowMs: number;
  /** Share of the timed requests that may be slow, 0 to 1. */
  readonly slowShare: number;
}

export interface Thresholds {
  readonly degraded: Limit;
  readonly failing: Limit;
  readonly minCount: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = Object.freeze({
  degraded: Object.freeze({ errorShare: 0.01, slowMs: 500, slowShare: 0.1 }),
  failing: Object.freeze({ errorShare: 0.05, slowMs: 1_000, slowShare: 0.1 }),
  minCount: 3,
});

/** Health by own figures only. */
export type OwnHealth = Exclude<Health, "affected">;

export interface Verdict {
  readonly health: OwnHealth;
  readonly findings: readonly Finding[];
  /** Errors, if their share is past a limit; else 0. */
  readonly errors: number;
  /** Slow requests, if their share is past a limit; else 0. */
  readonly slow: number;
  /** The errors are past a limit by what never arrived alone. */
  readonly unreachable: boolean;
}

/** The bucket indexes that `BucketSums.read` counts above, in the order that `judge` expects. */
export function slowLimits(thresholds: Thresholds): number[] {
  return [thresholds.degraded.slowMs, thresholds.failing.slowMs].map((ms) => bucketIndex(ms * 1_000));
}

/** Judges RED figures by the thresholds. `latency` was read with `slowLimits`; that of TCP is not looked at. */
export function judge(counts: ErrorCounts, latency: Latency, protocol: Protocol, thresholds: Thresholds): Verdict {
  if (counts.requests === 0) return { health: "idle", findings: [], errors: 0, slow: 0, unreachable: false };
  const errors = counts.serverErrors + counts.notReached;
  const byErrors = levelOf(thresholds, (limit) => isPast(errors, counts.requests, limit.errorShare, thresholds));
  const byLatency = protocol === "tcp" ? undefined : latencyLevel(latency, thresholds);
  const findings: Finding[] = [];
  if (byErrors) {
    const limit = thresholds[byErrors].errorShare;
    findings.push({ kind: "errors", text: `${percent(errors / counts.requests)} errors (limit ${percent(limit)})` });
  }
  if (byLatency) findings.push({ kind: "latency", text: latencyText(latency, byLatency, thresholds) });
  const levels = [byErrors, byLatency];
  const worst = levels.includes("failing") ? "failing" : levels.includes("degraded") ? "degraded" : "healthy";
  return {
    health: worst,
    findings,
    errors: byErrors ? errors : 0,
    slow: byLatency ? latency.above[0]! : 0,
    unreachable: isPast(counts.neverArrived, counts.requests, thresholds.degraded.errorShare, thresholds),
  };
}

/** From worst to best: what a group of healths is shown as. */
export const HEALTHS_WORST_FIRST = ["failing", "degraded", "affected", "healthy", "idle"] as const;

/** 0 for the worst health. */
export function healthRank(health: Health): number {
  return HEALTHS_WORST_FIRST.indexOf(health);
}

/** The worst of several; `idle` of none. */
export function worstHealth(healths: Iterable<Health>): Health {
  let worst: Health = "idle";
  for (const health of healths) if (healthRank(health) < healthRank(worst)) worst = health;
  return worst;
}

type Level = "degraded" | "failing";

function levelOf(thresholds: Thresholds, past: (limit: Limit) => boolean): Level | undefined {
  if (past(thresholds.failing)) return "failing";
  return past(thresholds.degraded) ? "degraded" : undefined;
}

function latencyLevel(latency: Latency, thresholds: Thresholds): Level | undefined {
  const [slow = 0, verySlow = 0] = latency.above;
  if (isPast(verySlow, latency.timed, thresholds.failing.slowShare, thresholds)) return "failing";
  return isPast(slow, latency.timed, thresholds.degraded.slowShare, thresholds) ? "degraded" : undefined;
}

function isPast(count: number, of: number, share: number, thresholds: Thresholds): boolean {
  return count >= thresholds.minCount && count >= share * of;
}

function latencyText(latency: Latency, level: Level, thresholds: Thresholds): string {
  const { slowMs, slowShare } = thresholds[level];
  const slow = latency.above[level === "failing" ? 1 : 0]!;
  return `${percent(slow / latency.timed)} slower than ${duration(slowMs)} (limit ${percent(slowShare)})`;
}

/** "12.4 %", "5 %": one digit after the point, unless it is a zero. */
function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

function duration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}
