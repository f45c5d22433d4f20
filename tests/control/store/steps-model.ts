/** What history in steps must be, worked out plainly: each counter's share of each step, and the rule over what is left of them. */
import type { Observation, ReportedWindow } from "../../../control/identity/observation.ts";
import type { HistoryStep, StepSeries, StepsQuestion } from "../../../control/store/history-step.ts";
import { NEAREST, phaseOf } from "../../../control/store/shares.ts";
import { mergeBuckets } from "../../../control/world/histogram.ts";
import { OUTCOMES, outcomePosition } from "../../../control/world/outcomes.ts";
import { isOnlyOnTheWire } from "../../../control/world/reporter-rule.ts";
import { shownAmong } from "./windows.ts";

/** One step after the other, each of its counts as a text with its series, all in one order. */
export type Told = readonly (readonly [atMs: number, counts: readonly string[]])[];

interface Count {
  readonly side: string;
  readonly by: { readonly client: boolean; readonly server: boolean };
  readonly outcomes: readonly number[];
  readonly buckets: readonly number[];
}

const FIELDS = ["client", "server", "protocol", "method", "route"] as const;

export function toldBy(steps: readonly HistoryStep[]): Told {
  return steps.map(({ atMs, counts }) => [atMs, counts.map(({ series, ...count }) => textOf(series, count)).sort()]);
}

function textOf(series: StepSeries, { side, by, outcomes, buckets }: Count): string {
  return JSON.stringify([FIELDS.map((field) => series[field]), side, by.client, by.server, outcomes, buckets]);
}

export function expectedSteps(windows: readonly ReportedWindow[], question: StepsQuestion): Told {
  const { range, stepMs } = question;
  const told: (readonly [number, readonly string[]])[] = [];
  for (let atMs = Math.floor(range.fromMs / stepMs) * stepMs; atMs < range.toMs; atMs += stepMs) {
    const [fromMs, toMs] = [Math.max(atMs, range.fromMs), Math.min(atMs + stepMs, range.toMs)];
    const counts = countsOf(
      windows.flatMap((window) => sharesOf(window, fromMs, toMs)),
      question,
    );
    if (counts.length > 0) told.push([atMs, counts]);
  }
  return told;
}

/** What of a window's counters falls between two instants; those of which nothing does are left out. */
function sharesOf({ startMs, durationMs, observations }: ReportedWindow, fromMs: number, toMs: number): Observation[] {
  const until = (ms: number): number => Math.min(1, Math.max(0, (ms - startMs) / durationMs));
  const share = (count: number, phase: number): number =>
    Math.floor(count * until(toMs) + phase) - Math.floor(count * until(fromMs) + phase);
  return observations.flatMap((one) => {
    const [count, requestBytes, responseBytes] = [one.count, one.requestBytes, one.responseBytes].map((number) =>
      share(number, NEAREST),
    ) as [number, number, number];
    const buckets: number[] = [];
    for (let at = 0; at < one.buckets.length; at += 2) {
      const timed = share(one.buckets[at + 1]!, phaseOf(one.buckets[at]!));
      if (timed > 0) buckets.push(one.buckets[at]!, timed);
    }
    const isAny = count + requestBytes + responseBytes + buckets.length > 0;
    return isAny ? [{ ...one, count, requestBytes, responseBytes, buckets }] : [];
  });
}

function countsOf(observations: readonly Observation[], { matches = () => true }: StepsQuestion): string[] {
  const isShown = shownAmong(observations);
  const asDestination = new Set(observations.filter(({ side }) => side === "destination").map(({ server }) => server));
  const counts = new Map<string, { readonly one: Observation; readonly count: Count }>();
  for (const one of observations.filter((each) => isShown(each) && matches(each))) {
    const id = JSON.stringify(FIELDS.map((field) => one[field]));
    const isServers = asDestination.has(one.server) && !isOnlyOnTheWire(one.protocol);
    const side = isServers ? "destination" : one.side;
    const told = observations.filter((other) => FIELDS.every((field) => other[field] === one[field]));
    const isBy = (reporter: string): boolean => told.some((other) => other.side === reporter);
    const by = { client: isBy("source"), server: isBy("destination") };
    const before = counts.get(id)?.count ?? { outcomes: OUTCOMES.map(() => 0), buckets: [] };
    const outcomes = before.outcomes.map((each, at) => each + (at === outcomePosition(one.outcome) ? one.count : 0));
    const timed = one.protocol !== "tcp" && one.status === 101 ? [] : one.buckets;
    counts.set(id, { one, count: { side, by, outcomes, buckets: mergeBuckets(before.buckets, timed) } });
  }
  return [...counts.values()].map(({ one, count }) => textOf(one, count)).sort();
}
