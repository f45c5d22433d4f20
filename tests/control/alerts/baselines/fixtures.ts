import { HOUR_MS } from "../../../../control/alerts/baselines/hours.ts";
import type { AlertEngine, CountedStep } from "../../../../control/alerts/engine.ts";
import type { BaselineRule } from "../../../../control/alerts/rule.ts";
import { bucketIndex } from "../../../../control/world/histogram.ts";
import { HEAD, MINUTE_MS } from "../fixtures.ts";

/** A Monday, 10:00 UTC. */
export const MONDAY_MS = Date.UTC(2026, 1, 9, 10);
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;

/** p95 of an endpoint is three times what is usual over 10 minutes, unless said otherwise. */
export function baseline(differing: Partial<BaselineRule> = {}): BaselineRule {
  return {
    kind: "baseline",
    ...HEAD,
    name: "unusual",
    groupBy: [
      { attribute: "workload", end: undefined },
      { attribute: "method", end: undefined },
      { attribute: "route", end: undefined },
    ],
    severity: "warning",
    indicator: "latency",
    factor: 3,
    windowMs: 10 * MINUTE_MS,
    minRequests: 20,
    ...differing,
  };
}

/** Requests of a step to one endpoint: how many by how long they took, in milliseconds. */
export interface Timed {
  readonly route?: string;
  readonly client?: string;
  readonly failed?: number;
  readonly byMs: Readonly<Record<number, number>>;
}

export function timedStep(atMs: number, asked: readonly Timed[]): CountedStep {
  return {
    atMs,
    counts: asked.map(({ route = "/cards", client = "shop/front", failed = 0, byMs }) => {
      const timed = Object.entries(byMs).map(([ms, count]) => [bucketIndex(Number(ms) * 1_000), count] as const);
      const good = timed.reduce((sum, [, count]) => sum + count, 0) - failed;
      return {
        series: { client, server: "shop/user", protocol: "http" as const, method: "GET", route },
        outcomes: [good, 0, failed, 0, 0],
        buckets: timed
          .filter(([, count]) => count > 0)
          .sort(([a], [b]) => a - b)
          .flat(),
      };
    }),
  };
}

/** Teaches the hours from one instant to another. */
export function teach(engine: AlertEngine, fromMs: number, toMs: number, of: (atMs: number) => readonly Timed[]): void {
  for (let atMs = fromMs; atMs < toMs; atMs += HOUR_MS) engine.learn(timedStep(atMs, of(atMs)));
}
